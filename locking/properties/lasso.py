"""Runs that never end, found in a graph: a stem, and a closed walk that a fair scheduler may take.

The walk has a witness of every fairness: of each thread to which the scheduler is fair a step, or a
state in which it can't take one, as often as the fairness asks for.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from locking.explore.fairness import Rounds
from locking.explore.graph import Choice, Graph
from locking.explore.ways import Met, way_to

LassoEdge = tuple[Choice, int]
"""A step, with the state that it leads to."""

Way = tuple[Choice, ...]
"""Steps, one after the other."""


@dataclass(frozen=True)
class Component:
    """A fair set of states in `graph`; `follow` are the steps that a round may have."""

    asked: Rounds
    states: frozenset[int]
    follow: Callable[[int], Sequence[LassoEdge]]

    def steps(self, at: int) -> list[LassoEdge]:
        """The steps from a state to another of the component."""
        return [edge for edge in self.follow(at) if edge[1] in self.states]

    def owed(self, graph: Graph) -> int:
        """The threads, as bits, of which a round needs a witness."""
        sometimes = 0
        for at in self.states:
            sometimes |= able(graph, at)
        return self.asked.weak | self.asked.strong & sometimes

    def paid(self, graph: Graph, at: int, edge: LassoEdge | None) -> int:
        """The threads of which the state, and the step that led there, are witnesses."""
        idle = self.asked.weak & ~self.asked.strong & ~able(graph, at)
        return idle | (1 << edge[0][0] if edge else 0)

    def round(self, graph: Graph, start: int) -> Way:
        """A closed walk from `start`, from witness to nearest witness, and back."""
        owed = self.owed(graph) & ~self.paid(graph, start, None)
        walk: list[Choice] = []
        at = start
        while owed:
            way, at, paid = self.nearest(graph, at, owed)
            walk += way
            owed &= ~paid
        if at == start and walk:
            return tuple(walk)
        return (*walk, *self.back(at, start))

    def nearest(self, graph: Graph, start: int, owed: int) -> tuple[Way, int, int]:
        """The fewest steps to a witness of any of the threads `owed`, where, and of which.

        Errors: `AssertionError` where there is none, which is a fault of the engine.
        """
        met: Met[int] = {start: None}
        for at in (pending := [start]):
            for edge in self.steps(at):
                choice, target = edge
                paid = self.paid(graph, target, edge) & owed
                if paid:
                    return (*way_to(met, at), choice), target, paid
                if target not in met:
                    met[target] = at, choice
                    pending.append(target)
        raise AssertionError("a fair component lacks a witness")

    def back(self, start: int, goal: int) -> Way:
        """The fewest steps, and one at least, from a state to another.

        Errors: `AssertionError` where there are none, which is a fault of the engine.
        """
        met: Met[int] = {start: None}
        for at in (pending := [start]):
            for choice, target in self.steps(at):
                if target == goal:
                    return (*way_to(met, at), choice)
                if target not in met:
                    met[target] = at, choice
                    pending.append(target)
        raise AssertionError("a component is not connected")


def able(graph: Graph, at: int) -> int:
    """The threads, as bits, that can take a step in a state."""
    return sum(1 << each for each in {thread for (thread, _), _ in graph.edges(at)})


def way_through(graph: Graph, inside: bytearray, goals: Collection[int]) -> tuple[Way, int]:
    """The fewest steps to one of `goals` through states `inside` only, and which one it is.

    Errors: `ValueError` where there is no such way.
    """
    met: Met[int] = {0: None}
    for at in (pending := [0]):
        if at in goals:
            return way_to(met, at), at
        for choice, target in graph.edges(at):
            if inside[target] and target not in met:
                met[target] = at, choice
                pending.append(target)
    raise ValueError("no way leads to any of the states")


def end_of(graph: Graph, path: Iterable[Choice]) -> int:
    """The state that a path leads to."""
    at = 0
    for choice in path:
        at = next(target for found, target in graph.edges(at) if found == choice)
    return at
