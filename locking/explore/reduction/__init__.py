"""Smaller spaces with the same verdicts: symmetry and partial-order reduction."""
