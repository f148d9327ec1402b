"""Values as keys: two values are one only if nothing can tell them apart."""

from collections.abc import Hashable
from dataclasses import fields, is_dataclass

from locking.errors import ModelError


def typed(value: Hashable) -> Hashable:
    """`value` as a key that tells 1 from True and 1.0, in tuples, sets and dataclasses too."""
    if type(value) in (str, int, bool, type(None)):  # most are
        return (type(value), value)
    if isinstance(value, tuple):
        return (type(value), *map(typed, value))
    if isinstance(value, frozenset):
        return (frozenset, frozenset(map(typed, value)))
    try:
        hash(value)
    except TypeError:
        raise ModelError(
            f"{value!r} is shared, passed or returned, but is not hashable; "
            f"use a tuple, a frozenset or a frozen dataclass"
        ) from None
    if is_dataclass(value) and not isinstance(value, type):
        held = [getattr(value, each.name, None) for each in fields(value)]
        return (type(value), value, *map(typed, held))
    if isinstance(value, (float, complex)):
        return (type(value), repr(value))  # -0.0 equals 0.0, and a NaN not even itself
    return (type(value), value)
