"""When all that is under way has to end: looked at in every loop that may take long.

A walk is ended by its watch. What comes behind it, such as judging and paths, and what it does
between two looks of its watch, such as learning and sorting, looks here.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from locking.errors import ModelError

PART, LEAST = 0.25, 1.0
"""How much longer than a walk all may take: this part of the limit, and at least so many seconds.

So what was met until a walk was ended is still judged.
"""

AFTER_INTERRUPT = 5.0
"""Seconds for which a walk that was interrupted is judged at most: whoever ends it, waits."""

LOOKS = 1024
"""Rounds of a short loop between two looks at the clock."""

T = TypeVar("T")


class OutOfTime(ModelError):
    """What was asked takes longer than it may."""


class Deadline:
    """The time on the clock `time.perf_counter` at which all ends, if it does, and what says so."""

    at: float | None = None
    says = ""


def look() -> None:
    """Nothing, as long as there is time. Errors: `OutOfTime`."""
    if Deadline.at is not None and time.perf_counter() > Deadline.at:
        raise OutOfTime(Deadline.says)


def timely(items: Iterable[T]) -> Iterator[T]:
    """The items of a loop that may be long. Errors: `OutOfTime`."""
    for at, item in enumerate(items):
        if not at % LOOKS:
            look()
        yield item


@contextmanager
def within(seconds: float | None, spent: float = 0.0) -> Iterator[None]:
    """A context that ends some time behind so many seconds from now; None: as the one around it.

    So many of the seconds are `spent` already. It ends no later than that around it.
    """
    before = Deadline.at, Deadline.says
    if seconds is not None:
        at = time.perf_counter() - spent + seconds + max(LEAST, PART * seconds)
        if Deadline.at is None or at < Deadline.at:
            Deadline.at, Deadline.says = at, f"more than {seconds:g} seconds"
    try:
        yield
    finally:
        Deadline.at, Deadline.says = before


def hurry(says: str) -> None:
    """End all in `AFTER_INTERRUPT` seconds at the latest, until the context of `within` ends."""
    at = time.perf_counter() + AFTER_INTERRUPT
    if Deadline.at is None or at < Deadline.at:
        Deadline.at, Deadline.says = at, says


@contextmanager
def unlimited() -> Iterator[None]:
    """A context that ends whenever it likes."""
    before, Deadline.at = Deadline.at, None
    try:
        yield
    finally:
        Deadline.at = before
