"""What can be proved for any number of threads: a parameterized system.

It has a finite shared part, and threads that come in any number. A thread is a place and nothing
else: no names, no numbers. What a step asks of the other threads is how many of them have a mark,
where a mark is a fact about a place: a section that it is in, a lock that is held there.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from locking.errors import ModelError

SHARED_ONLY: Mapping[Any, Any] = {}
"""What a step does to the places of others, where it does nothing to them."""

SIDES = ("", "left", "right")
"""Which of the others are counted: all, or those on one side, where threads stand in a row."""


class OthersGuard(NamedTuple):
    """How many of the other threads have `mark`: `least` or more, and `most` or fewer (None: any).

    `side` is one of `SIDES`.
    """

    mark: str
    least: int = 0
    most: int | None = None
    side: str = ""


class GuardedStep(NamedTuple):
    """A step: the shared part and the place that it leads to, where all `guards` are true.

    `others` says where other threads are then, by where they are; one that is left out stays. The
    step of a thread that does not come in any number has the place None.
    """

    shared: Hashable
    place: Any
    guards: tuple[OthersGuard, ...] = ()
    others: Mapping[Any, Any] = SHARED_ONLY


class Parameterized(Protocol):
    """A parameterized system. `begins` are the places that threads begin at, in any number each.

    `linear` is whether threads stand in a row. Else their places are sorted, so they have an order.
    """

    @property
    def linear(self) -> bool: ...
    @property
    def start(self) -> Hashable: ...
    @property
    def begins(self) -> Sequence[Any]: ...

    def marks(self, shared: Hashable, place: Any) -> frozenset[str]:
        """The marks of a thread at a place."""
        ...

    def fixed_marks(self, shared: Hashable) -> Sequence[frozenset[str]]:
        """The marks of each thread that there is once; where it is, the shared part says."""
        ...

    def steps(self, shared: Hashable, place: Any) -> Sequence[GuardedStep]:
        """The steps of a thread at a place."""
        ...

    def fixed_steps(self, shared: Hashable) -> Sequence[GuardedStep]:
        """The steps of the threads that there are once."""
        ...


def none(mark: str, side: str = "") -> OthersGuard:
    """No other thread has `mark`."""
    return OthersGuard(mark, 0, 0, side)


def some(mark: str, side: str = "") -> OthersGuard:
    """Some other thread has `mark`."""
    return OthersGuard(mark, 1, None, side)


@dataclass(frozen=True)
class WrittenSystem:
    """A parameterized system that is written down, as the tests and published protocols are.

    `rows` are its steps, each with the shared part and the place that it is taken at; None as
    shared part means any, and stays as it is. `marked` are the marks of places, besides the place
    itself, which is a mark too.

    Errors: `ModelError` for a guard that no number of threads meets, or on an unknown side.
    """

    begins: tuple[str, ...]
    rows: tuple[tuple[Hashable, str, GuardedStep], ...]
    start: Hashable = ""
    marked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    linear: bool = False

    def __post_init__(self) -> None:
        for _, place, step in self.rows:
            for mark, least, most, side in step.guards:
                if side not in SIDES or (side and not self.linear):
                    raise ModelError(f"a step at {place}: threads have no side {side!r}")
                if least < 0 or (most is not None and most < least):
                    raise ModelError(f"a step at {place}: no number of {mark} is in its range")

    def marks(self, shared: Hashable, place: str) -> frozenset[str]:
        """The place, and its marks."""
        return self.marked.get(place, frozenset()) | {place}

    def fixed_marks(self, shared: Hashable) -> Sequence[frozenset[str]]:
        """The shared part, as a mark of a thread of its own."""
        return (frozenset([f"shared {shared}"]),)

    def steps(self, shared: Hashable, place: str) -> Sequence[GuardedStep]:
        """The steps that are written for a place and a shared part."""
        return [
            step._replace(shared=shared) if at is None else step
            for at, begun, step in self.rows
            if begun == place and at in (None, shared)
        ]

    def fixed_steps(self, shared: Hashable) -> Sequence[GuardedStep]:
        """None: every thread comes in any number."""
        return ()
