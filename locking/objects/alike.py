"""Whether two values are one, for a word that compares before it writes.

1, True and 1.0 are three values, and 0.0 and -0.0 are two: a compare of memory tells them apart,
though `==` of Python does not. Values are of the closed set of kinds that a state is made of; a
shared object that is pointed to is one only with itself.
"""

from dataclasses import fields, is_dataclass
from struct import pack
from typing import Any


def alike(one: Any, other: Any) -> bool:
    """Whether nothing can tell `one` from `other`."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return pack("d", one) == pack("d", other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, frozenset):
        return len(one) == len(other) and all(any(alike(a, b) for b in other) for a in one)
    if is_dataclass(one):
        names = [each.name for each in fields(one)]
        return all(alike(getattr(one, name, None), getattr(other, name, None)) for name in names)
    return bool(one is other or (isinstance(one, int | str | bytes) and one == other))
