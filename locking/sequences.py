"""Sequences that a model gives, as tuples: a list does as well, a string is a mistake."""

from collections.abc import Iterable
from typing import TypeVar

from locking.errors import ModelError

Item = TypeVar("Item")


def tuple_of(
    kind: type[Item] | tuple[type[Item], ...], what: str, given: Iterable[Item]
) -> tuple[Item, ...]:
    """What is `given` as `what`, as a tuple of things that are all of `kind`.

    Errors: `ModelError` for one that is of another type, and for what is no sequence.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ModelError(f"{what}: {given!r} is no sequence; write ({given!r},)")
    found = tuple(given)
    for each in found:
        if not isinstance(each, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            names = " or ".join(each.__name__ for each in kinds)
            raise ModelError(f"{what}: {each!r} is no {names}")
    return found
