"""The cheapest path through layers of a graph, in arrays: what `graph.fewest_switches` finds.

For every state of a layer, and each thread that can have taken the last step, the cheapest way is
kept. Ways are not compared whole: two of one layer have ranks by the steps at which they change the
thread, and by their choices. What a step adds to both then decides together with these ranks.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from locking.explore.compiled import passes
from locking.explore.compiled.kernel import Integers
from locking.explore.compiled.passes import Ways
from locking.explore.graph import Choice


class LayerEdges(NamedTuple):
    """Steps from one layer to the next: between which of their states, by which thread, outcome."""

    sources: Integers
    targets: Integers
    threads: Integers
    outcomes: Integers


class Layered(Protocol):
    """What knows the steps between layers, some of them at a time."""

    def layer_edges(self, layer: Integers, beyond: Integers) -> Iterator[LayerEdges]: ...


def cheapest(graph: Layered, threads: int, layers: Sequence[Integers]) -> tuple[Choice, ...]:
    """The path through `layers`, one state of each, that is cheapest: see `fewest_switches`."""
    first = np.zeros(1, np.int64)
    ways = Ways(first, first - 1, first, first, first)
    steps: list[tuple[Integers, Integers, Integers]] = []
    for layer, beyond in pairwise(layers):
        parents, outcomes = best_steps(graph, threads, ways, layer, beyond)
        slots = np.flatnonzero(parents >= 0)
        parents, outcomes = parents[slots], outcomes[slots]
        ways = continued(ways, slots // threads, slots % threads, parents, outcomes)
        steps.append((parents, ways.last, outcomes))
    at = int(np.lexsort((ways.paths, ways.turns, ways.switches))[0])
    path: list[Choice] = []
    for parents, who, outcomes in reversed(steps):
        path.append((int(who[at]), int(outcomes[at])))
        at = int(parents[at])
    return tuple(reversed(path))


def best_steps(
    graph: Layered, threads: int, ways: Ways, layer: Integers, beyond: Integers
) -> tuple[Integers, Integers]:
    """For each state `beyond` and each thread the best way that its step goes on, and the outcome.

    The way is -1 where no step of that thread leads there.
    """
    parents, outcomes = np.full(len(beyond) * threads, -1), np.zeros(len(beyond) * threads, int)
    starts = np.searchsorted(ways.states, np.arange(len(layer) + 1))
    for edges in graph.layer_edges(layer, beyond):
        passes.improve(ways, starts, *edges, threads, parents, outcomes)
    return parents, outcomes


def continued(
    ways: Ways, states: Integers, who: Integers, parents: Integers, outcomes: Integers
) -> Ways:
    """The ways that go on from `parents` by steps of the threads `who`, to these states."""
    stays = (ways.last[parents] == who).astype(np.int64)
    _, turns = np.unique(2 * ways.turns[parents] + stays, return_inverse=True)
    order = np.lexsort((outcomes, who, ways.paths[parents]))
    paths = np.empty(len(order), np.int64)
    paths[order] = np.arange(len(order))
    return Ways(states, who, ways.switches[parents] + 1 - stays, turns.astype(np.int64), paths)
