"""Paths of threads together: the events of a test that is run once, and what relates them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from locking.litmus.paths import ThreadPath
from locking.litmus.requests import MemoryEvent
from locking.litmus.values import LitmusValue, renumbered
from locking.memory_models.candidate import EventStructure
from locking.memory_models.relations import algebra, bits

READ_KINDS = {"R", "LKR", "LF", "RL", "RU"}
WRITE_KINDS = {"W", "LKW", "UL"}
LOCK_KINDS = {"LKR", "LKW", "UL", "LF", "RL", "RU"}


class NumberedEvent(NamedTuple):
    """An event with its thread, -1 for an initial write, and its number in the thread."""

    thread: int
    number: int
    event: MemoryEvent
    value: LitmusValue
    """Its value, whose reads are numbered as the events of all threads are."""


def initial_write(location: str, value: LitmusValue) -> NumberedEvent:
    """The event that gives a location its initial value."""
    event = MemoryEvent("W", ("IW",), location, value, 0, 0, 0, 0, -1, 0)
    return NumberedEvent(-1, 0, event, value)


class Combination:
    """One path of each thread. Events are numbered: initial writes first, then by thread.

    `asked` are the locations whose final values are asked for. Their initial writes are in `FW`,
    which models use only to say that nobody should ask for that of a lock.
    """

    def __init__(
        self,
        memory: Mapping[str, LitmusValue],
        paths: Sequence[ThreadPath],
        asked: Collection[str] = (),
    ) -> None:
        self.paths = paths
        self.asked = asked
        locations = sorted({each.location for path in paths for each in path.events} - {""})
        self.events = [initial_write(each, memory.get(each, 0)) for each in locations]
        self.trouble = next((each.trouble for each in paths if each.trouble), None)
        """Why a thread stopped in the middle, if one did."""
        self.begins: list[int] = []
        self.constraints: list[tuple[LitmusValue, bool]] = []
        for thread, path in enumerate(paths):
            begin = len(self.events)
            self.begins.append(begin)
            for number, event in enumerate(path.events):
                value = renumbered(event.value, begin)
                self.events.append(NumberedEvent(thread, number, event, value))
            self.constraints += [(renumbered(each, begin), true) for each, true in path.constraints]

    @cached_property
    def before(self) -> list[int]:
        """For each event the mask of those before it in the program."""
        return self.lifted("before")

    def lifted(self, name: str) -> list[int]:
        """For each event a mask of its thread's events, in the numbers of all events."""
        masks = [0] * len(self.events)
        for at, (thread, _, event, _) in enumerate(self.events):
            if thread >= 0:
                masks[at] = getattr(event, name) << self.begins[thread]
        return masks

    def by_kind(self, kinds: set[str]) -> dict[str, list[int]]:
        """Of each location the events that are of one of these kinds."""
        found: dict[str, list[int]] = {}
        for at, each in enumerate(self.events):
            if each.event.kind in kinds:
                found.setdefault(each.event.location, []).append(at)
        return found

    def final(self, thread: int, register: str) -> LitmusValue:
        """A register of a thread at the end of its path."""
        return renumbered(self.paths[thread].registers.get(register, 0), self.begins[thread])

    @cached_property
    def structure(self) -> EventStructure:
        """The event structure, as memory models take it."""
        return EventStructure(len(self.events), self.sets(), self.relations())

    def sets(self) -> dict[str, int]:
        """Sets of events, by the names of herd7."""
        found: dict[str, int] = {}
        for at, each in enumerate(self.events):
            final = ["FW"] if each.thread < 0 and each.event.location in self.asked else []
            for name in (*set_names(each.event), *final):
                found[name] = found.get(name, 0) | 1 << at
        return found

    def relations(self) -> dict[str, int]:
        """Relations, by the names of herd7."""
        size = len(self.events)
        found = {
            name: transposed(self.lifted(field), size)
            for name, field in (
                ("po", "before"),
                ("addr", "address"),
                ("data", "data"),
                ("ctrl", "control"),
            )
        }
        internal = self.internal()
        full = algebra(size).all_pairs
        return found | {
            "rmw": self.read_modify_writes(),
            "loc": self.one_location(),
            "int": internal,
            "ext": full & ~internal,
            "different-values": self.different_values(),
        }

    def read_modify_writes(self) -> int:
        """The read of each read-modify-write with its write."""
        size, found = len(self.events), 0
        for at, (thread, _, event, _) in enumerate(self.events):
            if event.partner >= 0:
                found |= 1 << (self.begins[thread] + event.partner) * size + at
        return found

    def one_location(self) -> int:
        """Events of one location."""
        size = len(self.events)
        masks: dict[str, int] = {}
        for at, each in enumerate(self.events):
            masks[each.event.location] = masks.get(each.event.location, 0) | 1 << at
        masks.pop("", None)
        return sum(mask << at * size for mask in masks.values() for at in bits(mask))

    def internal(self) -> int:
        """Events of one thread, and initial writes with each other."""
        size = len(self.events)
        ends = [0, *self.begins, size]
        found = 0
        for first, last in pairwise(ends):
            mask = (1 << last) - (1 << first)
            found |= sum(mask << at * size for at in range(first, last))
        return found

    def different_values(self) -> int:
        """Locks of SRCU with unlocks that are given another value than they gave."""
        size = len(self.events)
        tagged = [
            (at, each)
            for at, each in enumerate(self.events)
            if any(tag.startswith("srcu-") for tag in each.event.tags)
        ]
        return sum(
            1 << one * size + other
            for one, left in tagged
            for other, right in tagged
            if left.value != right.value
        )


def set_names(event: MemoryEvent) -> Iterator[str]:
    """The sets that an event is in."""
    kind = event.kind
    if kind in READ_KINDS:
        yield from ("R", "M")
    elif kind in WRITE_KINDS:
        yield from ("W", "M")
    if kind not in ("R", "W"):
        yield kind
    for tag in event.tags:
        if tag in ("rmw", "IW"):
            yield tag.upper()
        elif tag != "plain":
            yield tag.capitalize()


def transposed(masks: Sequence[int], size: int) -> int:
    """The relation that has, for each event, the pairs from the events of its mask."""
    return sum(1 << first * size + at for at, mask in enumerate(masks) for first in bits(mask))
