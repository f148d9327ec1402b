"""A graph of states in order: where its edges turn threads, and what that means for paths.

An edge leads to a state in which threads stand for others than before. Who moves along a path is
therefore told from its start: every path here is one of the product that was not folded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

from locking.explore.graph import Choice, Cost, Graph
from locking.explore.reduction.quotient import Quotient, Turn


@dataclass
class Folded(Graph):
    """What a walk of `quotient` found."""

    quotient: Quotient | None = None

    @cached_property
    def turns(self) -> list[Turn]:
        """The turn of every edge."""
        assert self.quotient is not None
        return [
            step.turn
            for at in range(self.explored)
            for step in self.quotient.turned(self.states[at])
        ]

    def turning(self, at: int) -> Iterator[tuple[Choice, int, Turn]]:
        """The steps from state `at`, with the states that they lead to and their turns."""
        edges = list(self.edges(at))
        first = self.offsets[at] if edges else 0
        for edge, (choice, target) in enumerate(edges, first):
            yield choice, target, self.turns[edge]

    def ahead(self, at: int, can: Sequence[int]) -> Iterator[int]:
        """What `can` says of the states that follow; a thread is another one behind an edge."""
        return (before_turn(can[target], turn) for _, target, turn in self.turning(at))

    def values(self, slot: int) -> set[int]:
        """All that a slot holds in any state, or would in an image of one: of threads only."""
        assert self.quotient is not None
        found = set[int]()
        for thread in self.quotient.copies(slot):
            places = super().values(thread) | self.quotient.passed(thread)
            found |= self.quotient.spread(thread, places)[slot]
            if thread == slot:  # one label may stand for several failures
                found |= places
        return found

    def path(self, layers: list[set[int]]) -> tuple[Choice, ...]:
        """The cheapest path through `layers`, by the threads that really take its steps."""
        names = tuple(range(len(self.states[0])))
        best: dict[tuple[int, int], tuple[Cost, Turn]] = {(0, -1): ((0, (), ()), names)}
        for step, layer in enumerate(layers[1:]):
            following: dict[tuple[int, int], tuple[Cost, Turn]] = {}
            for (at, last), ((switches, turned, path), names) in best.items():
                for (thread, outcome), target, turn in self.turning(at):
                    if target not in layer:
                        continue
                    switch = thread != last
                    cost = (
                        switches + switch,
                        (*turned, step) if switch else turned,
                        (*path, (names[thread], outcome)),
                    )
                    key = (target, turn[thread])
                    if key not in following or cost < following[key][0]:
                        following[key] = cost, after_turn(names, turn)
            best = following
        return min(cost for cost, _ in best.values())[2]


def folded(graph: Graph, quotient: Quotient) -> Folded:
    """`graph`, which is what a walk of `quotient` found."""
    return Folded(
        **{each.name: getattr(graph, each.name) for each in fields(Graph)}, quotient=quotient
    )


def before_turn(mask: int, turn: Turn) -> int:
    """The threads of `mask`, as bits, by what they were before `turn`."""
    return sum(1 << thread for thread, now in enumerate(turn) if mask >> now & 1)


def after_turn(names: Turn, turn: Turn) -> Turn:
    """Who the threads really are behind an edge with `turn`, if they were `names` before it."""
    found = list(names)
    for thread, now in enumerate(turn):
        found[now] = names[thread]
    return tuple(found)
