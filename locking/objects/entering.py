"""What a thread makes for `async with`: entered there or later, handed on, or forgotten.

A region that is made and never entered takes no lock, and Python says nothing of it. It is
forgotten once nothing leads to it any more: at the latest, when its thread ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from locking.objects.observed import Unentered, observed


class ToEnter:
    """Kept by a region and by its copies: it is gone once nothing leads to them.

    `unentered` says what is to be told of the region, should nobody have entered it then.
    """

    __slots__ = ("entered", "unentered")

    def __init__(self, unentered: Callable[[], Unentered]) -> None:
        self.unentered = unentered
        self.entered = False

    def __del__(self) -> None:
        if not self.entered and observed.running:
            observed.unentered.append(self.unentered())


@dataclass(frozen=True, slots=True)
class Entering:
    """An operation of a region, made by `make`: who asks for it needs no `async with`."""

    entry: ToEnter
    make: Callable[[], Any]

    def __call__(self) -> Any:
        self.entry.entered = True
        return self.make()
