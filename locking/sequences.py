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
        raise ModelError(f"{what}: {in_words(given)} is no sequence; write `[...]` around it")
    found = tuple(given)
    for each in found:
        if not isinstance(each, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            names = " or ".join(each.__name__ for each in kinds)
            raise ModelError(
                f"{what}: {in_words(each)} is no {names}; write `{kinds[0].__name__}(...)`"
            )
    return found


def in_words(given: object) -> str:
    """A thing as a message calls it: by the name that it has in the model, if it has one."""
    name = getattr(given, "__name__", None) or getattr(given, "name", None)
    if isinstance(name, str) and not isinstance(given, str):
        return f"{type(given).__name__} {name!r}"
    return repr(given)
