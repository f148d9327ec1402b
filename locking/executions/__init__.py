"""Executions of a model's threads that a memory model allows, and what they show."""
