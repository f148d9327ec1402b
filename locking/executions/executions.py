"""The executions of a system: a path of each thread, what each read sees, the order of all writes.

Choices are made one after the other: the paths, as `together` says; then, word by word, what reads
see and the order of writes. After each word they are compared with what is known to break an axiom,
whatever comes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

from locking.executions.meaning import DraftEvent, SeenValue
from locking.executions.paths import PathEvent, TreePath
from locking.executions.shapes import shape_together
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import MemoryJudgement
from locking.memory_models.sources import SourceChoice
from locking.programs.position import Position

GoOn = Callable[[], None]
"""What is called now and then, and raises what ends the search."""


LastWrites = tuple[int, ...]
"""The last write of each word, in the order of their numbers."""


class PlacedEvent(NamedTuple):
    """An event of an execution; `thread` is -1 for an initial write."""

    thread: int
    number: int
    event: PathEvent


class Together:
    """One path of each thread, with the events of all: initial writes first, then by thread.

    `shape` is what other paths may have alike, which have other values.
    """

    def __init__(self, paths: Sequence[TreePath], initial: Mapping[str, SeenValue]) -> None:
        self.paths = paths
        self.shape = shape_together(tuple(each.shape for each in paths))
        self.events = [
            PlacedEvent(-1, 0, write_at_first(name, initial[name])) for name in self.shape.words
        ]
        for thread, path in enumerate(paths):
            self.events += [PlacedEvent(thread, at, each) for at, each in enumerate(path.events)]

    def draft(self, event: int) -> DraftEvent:
        """An event as its operation made it."""
        return self.events[event].event.draft

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

    def choices(self, go_on: GoOn) -> Iterator[list[SourceChoice]]:
        """For one word after the other what reads may see, and the order of writes."""
        keys = [each.event.draft.key for each in self.events]
        for number, _ in enumerate(self.shape.locations):
            yield self.shape.choices(number, keys, go_on)


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
    def last(self) -> LastWrites:
        """The last write of each word."""
        return last_writes(self.choices)


def last_writes(choices: Sequence[SourceChoice]) -> LastWrites:
    """The last write of each word, by a choice for each."""
    return tuple(sorted(each.last for each in choices))


def write_at_first(name: str, seen: SeenValue) -> PathEvent:
    """The event that gives a word its initial value."""
    return PathEvent(DraftEvent("W", ("IW",), name, seen.value, seen.key), 0, 0, -1)


def executions_of(
    together: Together,
    model: AxiomaticModel,
    go_on: GoOn,
    wanted: Callable[[LastWrites], bool],
) -> Iterator[Execution]:
    """The allowed executions of these paths; only those with last writes that are `wanted`."""
    options = []
    for found in together.choices(go_on):
        if not found:
            return
        options.append(found)
    ends = product(*({each.last for each in found} for found in options))
    if not any(wanted(tuple(sorted(each))) for each in ends):
        return
    options.sort(key=len)
    nogoods = model.nogoods_of(together.shape.structure)
    judge = model.judge_of(together.shape.structure)

    def chosen(at: int, so_far: tuple[SourceChoice, ...], rf: int, co: int) -> Iterator[Execution]:
        go_on()
        if nogoods.forbid(rf, co):
            return
        if at < len(options):
            for choice in options[at]:
                yield from chosen(at + 1, (*so_far, choice), rf | choice.rf, co | choice.co)
        elif wanted(last_writes(so_far)):
            judgement: MemoryJudgement = judge(rf, co)
            if judgement.allowed:
                yield Execution(together, so_far, rf, co, judgement.flags)
            else:
                nogoods.learn([(each.rf, each.co) for each in so_far])

    yield from chosen(0, (), 0, 0)
