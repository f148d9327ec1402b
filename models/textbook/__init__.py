"""Textbook models: one idea a file, small enough to check by hand."""
