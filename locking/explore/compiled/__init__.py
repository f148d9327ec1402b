"""The engine for large searches: the walk of the reference engine, over arrays, compiled."""
