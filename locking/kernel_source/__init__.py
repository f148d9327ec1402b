"""Kernel C, read: which locks are held around which functions, on every control path."""
