"""What a pattern is: the name of a failure, with the events of a run that make it up."""

from typing import NamedTuple

MISSED = "missed wake-up"
"""The name of the pattern of a thread that waits for a wake-up that came before it."""

LOST = "lost update"
"""The name of the pattern of a thread that writes over what it has not seen."""

UNCHECKED = "check-then-act"
"""The name of the pattern of a thread that does what it would not do, had it looked again."""


class Pattern(NamedTuple):
    """A name, and the places in the trace of the events that make up the pattern, in order.

    `change` is the one of another thread that made it so, where there is one.
    """

    name: str
    events: tuple[int, ...]
    change: int | None = None
