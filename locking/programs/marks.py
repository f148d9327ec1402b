"""Marks in the history of a thread: each stands for a call of a procedure or a loop.

A mark is where the call began, or its latest round. It is gone once the call has returned.
"""

from collections.abc import Hashable

BEGAN = "began"
"""The mark of a call that was given nothing."""

CARRIED = "carried"
"""The first part of the mark of a round that was given a value."""


def mark_of(carried: tuple[Hashable, ...]) -> Hashable:
    """The mark of a call or a round that was given the values `carried`, as keys."""
    return (CARRIED, *carried) if carried else BEGAN


def is_mark(entry: Hashable) -> bool:
    """Whether an entry of a history is a mark, and no result."""
    return entry == BEGAN or (isinstance(entry, tuple) and entry[:1] == (CARRIED,))
