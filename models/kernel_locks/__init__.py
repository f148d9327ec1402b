"""The kernel's locks, step by step over atomic words, each with planted errors as variants.

Each is checked against its specification in `locking/objects/`, by `Specification` and `refine`.
"""
