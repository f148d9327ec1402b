"""Threads of which something is true of a state, as a property is given them."""

from typing import TypeVar

from locking.errors import ModelError
from locking.objects.operation import Holding

Who = TypeVar("Who", str, Holding)


class Threads(tuple[Who, ...]):
    """A tuple that refuses what it could never be equal to: a name, or a list.

    Errors: `ModelError` for such a comparison, which would be false in every state.
    """

    __slots__ = ()
    __hash__ = tuple.__hash__

    def __eq__(self, other: object) -> bool:
        refuse_incomparable(other, "compare it with a tuple, or write `in`")
        return tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


class LockHolders(Threads[Holding]):
    """Who holds a lock. A thread's name is none of them, for each has a mode too."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        refuse_incomparable(item, "write `in [each.thread for each in s.held_by(lock)]`")
        return tuple.__contains__(self, item)


def refuse_incomparable(given: object, instead: str) -> None:
    """Refuse what is no tuple. Errors: `ModelError`, with what to write instead."""
    if not isinstance(given, tuple):
        raise ModelError(f"{given!r} is never found among threads; {instead}")
