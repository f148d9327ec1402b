"""Candidate executions, and what a memory model answers about one.

A candidate execution is what its threads did (an *event structure*: events, their order in the
program, the dependencies between them) with two choices: `rf` says from which write each read
takes its value, and `co` in which order the writes of each location took effect. The threads are
run once for many choices, so a model is given the structure first and may prepare itself.

Names are those that herd7 gives to `.cat` files (Alglave, Cousot, Maranget: *Syntax and semantics
of the weak consistency model specification language cat*, 2016).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from locking.memory_models.relations import EventSet, Relation

GIVEN_RELATIONS = ("po", "addr", "data", "ctrl", "rmw", "loc", "int", "ext")
"""What `EventStructure.relations` always has."""


class EventStructure(NamedTuple):
    """What the threads of a candidate did, before it is said which write each read saw.

    `sets` has sets of events by name: `W`, `R`, `M` (both), `F` (fences), `IW` (initial writes),
    `FW` (final writes), `RMW` (both parts of read-modify-writes, and the read of a failed one),
    `LKR`, `LKW`, `UL`, `LF`, `RL`, `RU` (operations of spinlocks), and the tags of the `.bell`
    file (`Once`, `Acquire`, `Mb`, `Rcu-lock` ...). Events of locks are in `R`, `W` and `M` too. A
    set that is left out is empty.

    `relations` has those of `GIVEN_RELATIONS`, and may have `different-values`. `loc` relates
    events of one location, also each with itself; `int` those of one thread, also each with
    itself. An initial write is of no thread: `ext` relates it to all events of threads.
    """

    size: int
    sets: Mapping[str, EventSet]
    relations: Mapping[str, Relation]


class Candidate(NamedTuple):
    """A candidate execution.

    `rf` relates a write to each read of its value, and `co` each write to all later ones of its
    location, initial writes first. Both have the events of locks too: a lock reads (`LKR`) from the
    unlock before or the initial write, and `co` has `LKW` and `UL` in turns.
    """

    structure: EventStructure
    rf: Relation
    co: Relation


class MemoryJudgement(NamedTuple):
    """What a memory model says of one candidate execution."""

    allowed: bool
    broken: str = ""
    """The name of the first axiom that forbids it, or nothing."""
    flags: frozenset[str] = frozenset()
    """What the model flags, such as `data-race`; nothing if the candidate is forbidden."""


class BaseEdge(NamedTuple):
    """Two events, and why the first comes before the second: `po`, `rfe`, `smp_mb() between`."""

    source: int
    why: str
    target: int


class ForbiddenCycle(NamedTuple):
    """An axiom that a candidate breaks, and a shortest cycle of edges that breaks it.

    For an axiom that something be empty, the edges are a way from the first event of a pair to the
    second.
    """

    axiom: str
    edges: tuple[BaseEdge, ...]


Judge = Callable[[Relation, Relation], MemoryJudgement]
"""Judges the candidate of one event structure that has these `rf` and `co`."""


class MemoryModel(Protocol):
    """Says which candidate executions are allowed."""

    @property
    def name(self) -> str:
        """What reports call it: `LKMM`, `SC`."""

    def judge_of(self, structure: EventStructure) -> Judge:
        """A judge of the candidates of one event structure."""

    def why_forbidden(self, candidate: Candidate) -> ForbiddenCycle | None:
        """Why a candidate is forbidden, or None if it is allowed."""

    def keeps_in_order(self, candidate: Candidate, first: int, second: int) -> bool | None:
        """Whether it is known that one event of a candidate is executed before another.

        None if the model has no order in which events are executed.
        """


def judge_candidate(model: MemoryModel, candidate: Candidate) -> MemoryJudgement:
    """What a model says of one candidate."""
    return model.judge_of(candidate.structure)(candidate.rf, candidate.co)
