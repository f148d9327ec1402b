"""Sequential consistency as a memory model over candidate executions.

An execution is sequentially consistent if one order of all its events agrees with the program, and
each read sees the last write before it (Lamport, 1979). For a candidate that is
acyclic(po | rf | co | fr) (Shasha and Snir, 1988).

Grace periods of RCU count, as they do for the main engine: a read-side critical section that began
before a grace period ends before the grace period does. A grace period has a beginning and an end
here, and for each pair of it and a critical section one of two orders is chosen, until nothing is
left to choose or each choice closes a cycle.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from locking.litmus.structures import Combination
from locking.memory_models.relations import Algebra, algebra

EventOrder = int
"""A transitive relation between events, and the ends of grace periods."""


class ReaderSection(NamedTuple):
    """A read-side critical section: its lock, its unlock, and its domain of SRCU, if it has one."""

    lock: int
    unlock: int
    domain: str


class SequentialJudge:
    """Judges the candidates of one combination of paths."""

    def __init__(self, combination: Combination) -> None:
        self.combination = combination
        self.events = combination.events
        self.program = combination.structure.relations["po"]
        self.simple = algebra(len(self.events))

    def allows(self, rf: int, co: int) -> bool:
        """Whether a candidate is sequentially consistent."""
        fr = self.simple.compose(self.simple.inverse(rf), co)
        order = self.program | rf | co | fr
        if not self.simple.is_acyclic(order):
            return False
        return not self.pairs or self.can_finish(self.widened(order), self.pairs)

    @cached_property
    def grace_periods(self) -> list[int]:
        """The events that are grace periods."""
        return [
            at
            for at, each in enumerate(self.events)
            if {"sync-rcu", "sync-srcu"} & set(each.event.tags)
        ]

    @cached_property
    def wide(self) -> Algebra:
        """The algebra of events and, behind them, the ends of grace periods."""
        return algebra(len(self.events) + len(self.grace_periods))

    @cached_property
    def pairs(self) -> list[tuple[int, int, ReaderSection]]:
        """Beginnings and ends of grace periods with the critical sections that they wait for."""
        size = len(self.events)
        return [
            (begin, size + at, section)
            for at, begin in enumerate(self.grace_periods)
            for section in reader_sections(self.combination)
            if section.domain == self.events[begin].event.location
        ]

    def widened(self, order: int) -> EventOrder:
        """An order of events, where what comes after a grace period comes after its end."""
        size, wide = len(self.events), self.wide
        ends = {begin: size + at for at, begin in enumerate(self.grace_periods)}
        pairs = ((ends.get(first, first), second) for first, second in self.simple.pairs(order))
        return wide.closure(wide.relation((*pairs, *ends.items())))

    def can_finish(self, order: EventOrder, pairs: list[tuple[int, int, ReaderSection]]) -> bool:
        """Whether some choice for each pair is left that closes no cycle."""
        wide = self.wide
        for at, (begin, end, section) in enumerate(pairs):
            after, before = (begin, section.lock), (section.unlock, end)
            if any(order & wide.relation([each]) for each in (after, before)):
                continue
            rest = pairs[at + 1 :]
            return any(
                self.can_finish(longer, rest)
                for longer in (
                    wide.closure(order | wide.relation([each])) for each in (before, after)
                )
                if wide.is_irreflexive(longer)
            )
        return True


def reader_sections(combination: Combination) -> Iterator[ReaderSection]:
    """The critical sections of RCU, outermost ones, and of SRCU, by the value that ends them."""
    nested: dict[int, list[int]] = {}
    for at, each in enumerate(combination.events):
        tags = each.event.tags
        if "rcu-lock" in tags:
            nested.setdefault(each.thread, []).append(at)
        elif "rcu-unlock" in tags and nested.get(each.thread):
            begun = nested[each.thread].pop()
            if not nested[each.thread]:
                yield ReaderSection(begun, at, "")
        elif "srcu-unlock" in tags:
            yield from srcu_sections(combination, at)


def srcu_sections(combination: Combination, unlock: int) -> Iterator[ReaderSection]:
    """The critical section of SRCU that an unlock ends: the lock whose value it is given."""
    event = combination.events[unlock].event
    for at, each in enumerate(combination.events[:unlock]):
        given = event.data >> each.number & 1 and each.thread == combination.events[unlock].thread
        if given and "srcu-lock" in each.event.tags and each.event.location == event.location:
            yield ReaderSection(at, unlock, event.location)
