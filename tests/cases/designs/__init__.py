"""Designs in the words of their field, each with the verdicts that it declares."""
