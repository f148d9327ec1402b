"""What paths have in common whose events differ in values alone: their relations and choices.

Threads that go the same way with other values are met again and again. So what does not depend on
values is made once. Of the values it only counts which are equal: a read may see a write of its own
value.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from locking.memory_models.candidate import EventStructure
from locking.memory_models.sources import (
    LocationEvents,
    SourceChoice,
    SourceEvents,
    locations_of,
)
from locking.memory_models.structures import event_structure

SHAPES_KEPT = 512
"""Shapes that are kept, with their choices."""

MOST_CHOICES_KEPT = 1000
"""Choices of one word that are kept: more are made again."""


class EventShape(NamedTuple):
    """An event of a thread without its value; the fields are those of events of paths."""

    kind: str
    tags: tuple[str, ...]
    location: str
    control: int = 0
    partner: int = -1


PathShape = tuple[EventShape, ...]
"""The events of a thread, without their values."""


class ShapeTogether:
    """The events of all threads, without values: initial writes first, then by thread.

    `threads` has for each event its thread, -1 for an initial write; `begins` the first event of
    each thread.
    """

    def __init__(self, paths: Sequence[PathShape]) -> None:
        self.words = sorted({each.location for path in paths for each in path} - {""})
        self.events = [EventShape("W", ("IW",), name) for name in self.words]
        self.threads = [-1] * len(self.events)
        self.begins: list[int] = []
        for thread, path in enumerate(paths):
            self.begins.append(len(self.events))
            self.events += path
            self.threads += [thread] * len(path)
        self.kept: dict[tuple[int, tuple[int, ...]], list[SourceChoice]] = {}

    @cached_property
    def source_events(self) -> SourceEvents:
        """What decides which write each read may see."""
        begins = [self.begins[each] if each >= 0 else 0 for each in self.threads]
        return SourceEvents(
            [each.kind for each in self.events],
            [each.location for each in self.events],
            self.threads,
            [
                (1 << at) - (1 << begin) if thread >= 0 else 0
                for at, (begin, thread) in enumerate(zip(begins, self.threads, strict=True))
            ],
            {
                begin + each.partner: at
                for at, (begin, each) in enumerate(zip(begins, self.events, strict=True))
                if each.partner >= 0
            },
        )

    @cached_property
    def structure(self) -> EventStructure:
        """The event structure, as memory models take it."""
        return self.structure_with([each.tags for each in self.events])

    @cached_property
    def marked_structure(self) -> EventStructure:
        """The event structure, were all accesses marked. Models order plain ones only in part."""
        return self.structure_with(
            [tuple("once" if tag == "plain" else tag for tag in each.tags) for each in self.events]
        )

    def structure_with(self, tags: Sequence[tuple[str, ...]]) -> EventStructure:
        """The event structure with these tags, one for each event."""
        none = [0] * len(self.events)
        control = [
            each.control << self.begins[thread] if thread >= 0 else 0
            for each, thread in zip(self.events, self.threads, strict=True)
        ]
        dependencies = {"addr": none, "data": none, "ctrl": control}
        return event_structure(self.source_events, tags, dependencies)

    @cached_property
    def locations(self) -> list[LocationEvents]:
        """The events of each word."""
        return locations_of(self.source_events)

    def choices(
        self, number: int, keys: Sequence[Hashable], go_on: Callable[[], None]
    ) -> list[SourceChoice]:
        """What reads of a word may see, and the order of its writes, for events with these keys.

        The word is given by its number among `locations`. `go_on` is called for each that is found.
        """
        location = self.locations[number]
        first: dict[Hashable, int] = {}
        alike = {
            each: first.setdefault(keys[each], each) for each in (*location.writes, *location.reads)
        }
        key = number, tuple(alike.values())
        if key in self.kept:
            return self.kept[key]
        found = []
        for choice in location.choices(lambda read, write: alike[read] == alike[write]):
            go_on()
            found.append(choice)
        if len(found) <= MOST_CHOICES_KEPT:
            self.kept[key] = found
        return found


shape_together = lru_cache(SHAPES_KEPT)(ShapeTogether)
"""The shape of paths with these shapes."""
