"""How a run is to be written: what every form is given beside the run itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from locking.text.styled import Line, plain

NARROWEST = 40
"""Columns below which the width is not followed."""

Paint = Callable[[Sequence[Line]], str]
"""What makes text of lines."""


class Detail(Enum):
    """How much of a run is shown: long runs folded, every step, or only what it depends on."""

    FOLDED = "folded"
    FULL = "full"
    WHY = "why"


def unpainted(lines: Sequence[Line]) -> str:
    """The lines as they are, without colours."""
    return "".join(plain(line).rstrip() + "\n" for line in lines)


@dataclass(frozen=True)
class Page:
    """A page of `columns`, with a run in so much `detail`; `paint` makes text of its lines.

    `command` is what a reader gives the run's path to, to see it again.
    """

    columns: int = 80
    detail: Detail = Detail.FOLDED
    paint: Paint = unpainted
    command: str = "locking replay"

    @property
    def width(self) -> int:
        """The columns that lines may have, at least `NARROWEST`."""
        return max(self.columns, NARROWEST)
