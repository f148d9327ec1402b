"""The language cat, in which memory models are written."""
