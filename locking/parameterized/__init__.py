"""Verdicts for any number of threads: view abstraction, and certificates of what it proves."""
