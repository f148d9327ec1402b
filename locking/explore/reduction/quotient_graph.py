"""The graph of a quotient: its edges permute threads, and paths are read back through them.

An edge leads to a representative, in which threads stand for others than before it. The inverse of
all permutations on the way says who really moves: so every path here is one of the product itself.

After: Emerson and Sistla, Symmetry and model checking (Formal Methods in System Design 9, 1996),
the annotated quotient structure.
Differs: nothing of note; deadlock of single threads is judged on it with the permutations, too.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

from locking.explore.graph import Choice, Graph, PathCost
from locking.explore.reduction.images import AskedOfImages
from locking.explore.reduction.quotient import LATEST, Permutation, Quotient


@dataclass
class QuotientGraph(Graph):
    """What a walk of `quotient` found."""

    quotient: Quotient | None = None

    @cached_property
    def permutations(self) -> list[Permutation]:
        """The permutation of every edge."""
        assert self.quotient is not None
        return [
            step.permutation
            for at in range(self.explored)
            for step in self.quotient.transitions(self.states[at])
        ]

    def permuted_edges(self, at: int) -> Iterator[tuple[Choice, int, Permutation]]:
        """The steps from state `at`, with the states that they lead to and their permutations."""
        edges = list(self.edges(at))
        first = self.offsets[at] if edges else 0
        for edge, (choice, target) in enumerate(edges, first):
            yield choice, target, self.permutations[edge]

    def ahead(self, at: int, can: Sequence[int]) -> Iterator[int]:
        """What `can` says of the states that follow; a thread is another one behind an edge."""
        return (
            before_permutation(can[target], permutation)
            for _, target, permutation in self.permuted_edges(at)
        )

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

    @cached_property
    def unfolded(self) -> float:
        """How many states the unfolded graph has: an estimate, from some states of this one."""
        assert self.quotient is not None
        sample = range(0, len(self.states), 1 + len(self.states) // LATEST)
        images = sum(self.quotient.images_of(self.states[at]) for at in sample)
        return len(self.states) * images / len(sample)

    def pick_alike(
        self, images: AskedOfImages, among: Iterable[int] | None = None
    ) -> Iterator[int]:
        """The states of which a predicate is true, as of all their images, in order.

        Errors: `Unlike` where it is not the same of all.
        """
        return self.pick(images.looks, images.ask, among)

    def path(self, layers: Sequence[Collection[int]]) -> tuple[Choice, ...]:
        """The cheapest path through `layers`, by the threads that really take its steps."""
        names = tuple(range(len(self.states[0])))
        best: dict[tuple[int, int], tuple[PathCost, Permutation]] = {(0, -1): ((0, (), ()), names)}
        for step, layer in enumerate(layers[1:]):
            following: dict[tuple[int, int], tuple[PathCost, Permutation]] = {}
            for (at, last), ((switches, switched, path), names) in best.items():
                for (thread, outcome), target, permutation in self.permuted_edges(at):
                    if target not in layer:
                        continue
                    switch = thread != last
                    cost = (
                        switches + switch,
                        (*switched, step) if switch else switched,
                        (*path, (names[thread], outcome)),
                    )
                    key = (target, permutation[thread])
                    if key not in following or cost < following[key][0]:
                        following[key] = cost, after_permutation(names, permutation)
            best = following
        return min(cost for cost, _ in best.values())[2]


def quotient_graph(graph: Graph, quotient: Quotient) -> QuotientGraph:
    """`graph`, which is what a walk of `quotient` found."""
    if isinstance(graph, QuotientGraph):
        return graph
    return QuotientGraph(
        **{each.name: getattr(graph, each.name) for each in fields(Graph)}, quotient=quotient
    )


def before_permutation(mask: int, permutation: Permutation) -> int:
    """The threads of `mask`, as bits, by what they were before a permutation."""
    return sum(1 << thread for thread, now in enumerate(permutation) if mask >> now & 1)


def after_permutation(names: Permutation, permutation: Permutation) -> Permutation:
    """Who the threads really are behind an edge that permutes them, if they were `names` before."""
    found = list(names)
    for thread, now in enumerate(permutation):
        found[now] = names[thread]
    return tuple(found)
