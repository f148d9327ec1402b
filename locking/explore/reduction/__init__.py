"""Smaller spaces with the same verdicts: states that differ by names, steps that nobody sees."""
