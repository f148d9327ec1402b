"""The executions of a system: a path of each thread, what each read sees, the order of all writes.

Choices are made one after the other: the paths, as `together` says; then, word by word, what reads
see and the order of writes. After each word the model is asked whether the choices so far break an
axiom, whatever comes (its axioms only grow).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from locking.executions.meaning import DraftEvent, SeenValue
from locking.executions.paths import PathEvent, TreePath
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import EventStructure, MemoryJudgement
from locking.memory_models.sources import (
    LocationEvents,
    SourceChoice,
    SourceEvents,
    locations_of,
)
from locking.memory_models.structures import event_structure
from locking.programs.position import Position

GoOn = Callable[[], None]
"""What is called now and then, and raises what ends the search."""


class PlacedEvent(NamedTuple):
    """An event of an execution; `thread` is -1 for an initial write."""

    thread: int
    number: int
    event: PathEvent


class Together:
    """One path of each thread, with the events of all: initial writes first, then by thread."""

    def __init__(self, paths: Sequence[TreePath], initial: Mapping[str, SeenValue]) -> None:
        self.paths = paths
        names = sorted({each.draft.location for path in paths for each in path.events} - {""})
        self.events = [PlacedEvent(-1, 0, write_at_first(name, initial[name])) for name in names]
        self.begins: list[int] = []
        for thread, path in enumerate(paths):
            self.begins.append(len(self.events))
            self.events += [PlacedEvent(thread, at, each) for at, each in enumerate(path.events)]

    def draft(self, event: int) -> DraftEvent:
        """An event as its operation made it."""
        return self.events[event].event.draft

    @cached_property
    def source_events(self) -> SourceEvents:
        """What decides which write each read may see."""
        drafts = [each.event.draft for each in self.events]
        return SourceEvents(
            [each.kind for each in drafts],
            [each.location for each in drafts],
            [each.thread for each in self.events],
            [
                (1 << at) - (1 << self.begins[each.thread]) if each.thread >= 0 else 0
                for at, each in enumerate(self.events)
            ],
            {
                self.begins[each.thread] + each.event.partner: at
                for at, each in enumerate(self.events)
                if each.event.partner >= 0
            },
        )

    @cached_property
    def structure(self) -> EventStructure:
        """The event structure, as memory models take it."""
        return self.structure_with([each.event.draft.tags for each in self.events])

    @cached_property
    def marked_structure(self) -> EventStructure:
        """The event structure, were all accesses marked. Models order plain ones only in part."""
        return self.structure_with(
            [
                tuple("once" if tag == "plain" else tag for tag in each.event.draft.tags)
                for each in self.events
            ]
        )

    def structure_with(self, tags: Sequence[tuple[str, ...]]) -> EventStructure:
        """The event structure with these tags, one for each event."""
        none = [0] * len(self.events)
        control = [
            each.event.control << self.begins[each.thread] if each.thread >= 0 else 0
            for each in self.events
        ]
        dependencies = {"addr": none, "data": none, "ctrl": control}
        return event_structure(self.source_events, tags, dependencies)

    @property
    def positions(self) -> Iterator[Position]:
        """Where threads take their steps."""
        return (each.position for path in self.paths for each in path.steps)

    @cached_property
    def has_plain(self) -> bool:
        """Whether some access is plain."""
        return any("plain" in each.event.draft.tags for each in self.events)

    @cached_property
    def has_grace_period(self) -> bool:
        """Whether some thread has waited for readers of RCU."""
        return any("sync-rcu" in each.event.draft.tags for each in self.events)

    def may_read(self, read: int, write: int) -> bool:
        """Whether a read has the value of a write."""
        return self.draft(read).key == self.draft(write).key


class Execution(NamedTuple):
    """An execution that is allowed."""

    together: Together
    choices: tuple[SourceChoice, ...]
    rf: int
    co: int
    flags: frozenset[str]

    @property
    def sources(self) -> dict[int, int]:
        """For each read the write that it sees."""
        return dict(pair for each in self.choices for pair in each.seen)

    @property
    def last(self) -> dict[str, DraftEvent]:
        """For each word the write that comes last."""
        drafts = (self.together.draft(each.last) for each in self.choices)
        return {each.location: each for each in drafts}


def write_at_first(name: str, seen: SeenValue) -> PathEvent:
    """The event that gives a word its initial value."""
    return PathEvent(DraftEvent("W", ("IW",), name, seen.value, seen.key), 0, 0, -1)


def executions_of(
    together: Together, model: AxiomaticModel, go_on: GoOn, wanted: Callable[[Any], bool]
) -> Iterator[Execution]:
    """The allowed executions of these paths; of final values only those that are `wanted`.

    `wanted` is given the last write of each word.
    """
    locations = locations_of(together.source_events)
    options: list[tuple[LocationEvents, list[SourceChoice]]] = []
    for each in locations:
        found = []
        for choice in each.choices(together.may_read):
            go_on()
            found.append(choice)
        if not found:
            return
        options.append((each, found))
    options.sort(key=lambda each: len(each[1]))
    cut = model.cut_of(together.structure)
    judge = model.judge_of(together.structure)

    def chosen(at: int, so_far: tuple[SourceChoice, ...], rf: int, co: int) -> Iterator[Execution]:
        go_on()
        if at == len(options):
            if wanted(tuple(sorted(each.last for each in so_far))):
                judgement: MemoryJudgement = judge(rf, co)
                if judgement.allowed:
                    yield Execution(together, so_far, rf, co, judgement.flags)
            return
        branches = at + 1 < len(options) and len(options[at + 1][1]) > 1
        for choice in options[at][1]:
            rf_then, co_then = rf | choice.rf, co | choice.co
            if not (branches and cut(rf_then, co_then)):
                yield from chosen(at + 1, (*so_far, choice), rf_then, co_then)

    yield from chosen(0, (), 0, 0)
