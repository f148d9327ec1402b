"""Paths of threads together: the events of a test that is run once, and what relates them."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from locking.litmus.paths import ThreadPath
from locking.litmus.requests import MemoryEvent
from locking.litmus.values import LitmusValue, renumbered
from locking.memory_models.candidate import EventStructure
from locking.memory_models.relations import Relation
from locking.memory_models.sources import SourceEvents
from locking.memory_models.structures import event_structure


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

    @cached_property
    def partners(self) -> dict[int, int]:
        """The write that ends each read-modify-write, by its read."""
        return {
            self.begins[each.thread] + each.event.partner: at
            for at, each in enumerate(self.events)
            if each.event.partner >= 0
        }

    @cached_property
    def source_events(self) -> SourceEvents:
        """What decides which write each read may see, location by location."""
        return SourceEvents(
            [each.event.kind for each in self.events],
            [each.event.location for each in self.events],
            [each.thread for each in self.events],
            self.before,
            self.partners,
        )

    def final(self, thread: int, register: str) -> LitmusValue:
        """A register of a thread at the end of its path."""
        return renumbered(self.paths[thread].registers.get(register, 0), self.begins[thread])

    @cached_property
    def structure(self) -> EventStructure:
        """The event structure, as memory models take it."""
        dependencies = {
            name: self.lifted(field)
            for name, field in (("addr", "address"), ("data", "data"), ("ctrl", "control"))
        }
        tags = [self.tags(each) for each in self.events]
        return event_structure(self.source_events, tags, dependencies)

    def tags(self, each: NumberedEvent) -> tuple[str, ...]:
        """The tags of an event."""
        final = each.thread < 0 and each.event.location in self.asked
        return (*each.event.tags, "FW") if final else each.event.tags

    @cached_property
    def srcu_pairs(self) -> list[tuple[int, int]]:
        """Locks of SRCU, each with each unlock."""
        locks, unlocks = (
            [at for at, each in enumerate(self.events) if tag in each.event.tags]
            for tag in ("srcu-lock", "srcu-unlock")
        )
        return [(lock, unlock) for lock in locks for unlock in unlocks]

    def different_values(self, values: Mapping[int, LitmusValue]) -> Relation:
        """Locks of SRCU with the unlocks that are given another value than they gave."""
        size = len(self.events)
        return sum(
            1 << lock * size + unlock
            for lock, unlock in self.srcu_pairs
            if values.get(lock) != values.get(unlock)
        )
