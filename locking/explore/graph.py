"""Everything that can happen, as a graph: what an engine returns.

States are numbered in the order in which a breadth-first walk meets them, so a lower number never
has a greater depth. Edges lie in three flat arrays; those of state `i` run from `offsets[i]` to
`offsets[i + 1]`. States from `len(offsets) - 1` on were met but not gone through.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from locking.explore.product import State

Choice = tuple[int, int]
"""One step of a path: the number of the thread, and of the outcome among those it may have."""

Cost = tuple[int, tuple[int, ...], tuple[Choice, ...]]
"""What paths are compared by: context switches, the steps at which they come, the choices."""

Watch = Callable[[int, int], str | None]
"""Called at every state with the states met and gone through; a cause it returns ends the walk."""


INTERRUPTED = "interrupted"
"""The cause of a walk that Ctrl-C ended."""


def numbers() -> "array[int]":
    """An empty array of 64-bit integers."""
    return array("q")


@dataclass
class Graph:
    """States, edges and depths; `cause` says why the walk stopped early, if it did."""

    states: list[State] = field(default_factory=list)
    depths: "array[int]" = field(default_factory=numbers)
    offsets: "array[int]" = field(default_factory=lambda: array("q", [0]))
    threads: "array[int]" = field(default_factory=numbers)
    outcomes: "array[int]" = field(default_factory=numbers)
    targets: "array[int]" = field(default_factory=numbers)
    cause: str | None = None

    @property
    def explored(self) -> int:
        """How many states were gone through."""
        return len(self.offsets) - 1

    @property
    def transitions(self) -> int:
        """How many edges there are."""
        return len(self.targets)

    @property
    def depth(self) -> int:
        """The greatest number of steps that it takes to reach a state."""
        return self.depths[-1]

    def edges(self, at: int) -> Iterator[tuple[Choice, int]]:
        """The steps from state `at`, with the numbers of the states they lead to.

        None are known where the walk stopped before it went through that state.
        """
        if at >= self.explored:
            return
        for edge in range(self.offsets[at], self.offsets[at + 1]):
            yield (self.threads[edge], self.outcomes[edge]), self.targets[edge]

    def ends(self) -> Iterator[int]:
        """The states from which no step can be taken."""
        return (at for at in range(self.explored) if self.offsets[at] == self.offsets[at + 1])


def interleavings(graph: Graph) -> int | None:
    """How many maximal runs there are; None where a cycle makes them infinitely many.

    None too where the walk stopped early: how its runs go on is not known. Counted on the graph, by
    adding up in topological order the ways to reach every state.
    """
    if graph.explored < len(graph.states):
        return None
    incoming = array("q", bytes(8 * len(graph.states)))
    for target in graph.targets:
        incoming[target] += 1
    ways = [0] * len(graph.states)
    ways[0] = 1
    ready = [] if incoming[0] else [0]
    total = met = 0
    while ready:
        at = ready.pop()
        met += 1
        here, ways[at] = ways[at], 0
        first, last = graph.offsets[at], graph.offsets[at + 1]
        if first == last:
            total += here
        for target in graph.targets[first:last]:
            ways[target] += here
            incoming[target] -= 1
            if not incoming[target]:
                ready.append(target)
    return total if met == len(graph.states) else None


def shortest(graph: Graph, goals: set[int]) -> tuple[Choice, ...]:
    """The shortest path to one of `goals`; of those, one with the fewest context switches.

    All `goals` must have the same depth. The path is the same every time.
    """
    layers = [goals]
    first = min(goals)
    for level in range(graph.depths[first] - 1, -1, -1):
        layer = set[int]()
        for at in range(first - 1, -1, -1):
            if graph.depths[at] < level:
                break
            if graph.depths[at] == level and leads_to(graph, at, layers[-1]):
                layer.add(at)
        layers.append(layer)
        first = min(layer)
    layers.reverse()
    return fewest_switches(graph, layers)


def leads_to(graph: Graph, at: int, goals: set[int]) -> bool:
    """Whether some step from state `at` ends in one of `goals`."""
    if at >= graph.explored:  # met, but not gone through
        return False
    return not goals.isdisjoint(graph.targets[graph.offsets[at] : graph.offsets[at + 1]])


def fewest_switches(graph: Graph, layers: list[set[int]]) -> tuple[Choice, ...]:
    """The path through `layers`, one state of each, that changes the thread least often.

    Of those, the one that changes it soonest: the first turn is then no longer than it must be.
    """
    best: dict[tuple[int, int], Cost] = {(0, -1): (0, (), ())}
    for step, layer in enumerate(layers[1:]):
        following: dict[tuple[int, int], Cost] = {}
        for (at, last), (switches, turns, path) in best.items():
            for choice, target in graph.edges(at):
                if target not in layer:
                    continue
                turn = choice[0] != last
                cost = (switches + turn, (*turns, step) if turn else turns, (*path, choice))
                key = (target, choice[0])
                if key not in following or cost < following[key]:
                    following[key] = cost
        best = following
    return min(best.values())[2]
