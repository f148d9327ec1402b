"""Walks whose states lie on several machines."""
