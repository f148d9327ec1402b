"""Litmus tests in C: what a memory model allows them, and what interleavings alone would."""
