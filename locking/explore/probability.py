"""How often a bug shows: the share of all runs, and the chance that a random scheduler hits it.

Both are exact, and come from one pass over the graph in topological order; so there is none where
runs go round in a cycle, nor where a walk ended early.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from locking.explore.graph import Graph

WANTED_CHANCE = 0.95
"""How sure one wants to be to have hit the bug."""


def runs_avoiding(graph: Graph, order: Sequence[int], goals: Collection[int]) -> int:
    """How many maximal runs go through none of the states `goals`; with no goals, all there are."""
    ways = [0] * len(order)
    ways[0] = 1
    total = 0
    for at in order:
        here, ways[at] = ways[at], 0
        if not here or at in goals:
            continue
        ended = True
        for _, target in graph.edges(at):
            ways[target] += here
            ended = False
        total += here if ended else 0
    return total


def chance(graph: Graph, order: Sequence[int], goals: Collection[int]) -> Fraction:
    """The probability that a uniformly random scheduler comes to one of the states `goals`.

    At every step it takes one of the threads that can go on, each as likely as the others; and of
    several outcomes of its step one, each as likely.
    """
    arriving = {0: Fraction(1)}
    hit = Fraction(0)
    for at in order:
        here = arriving.pop(at, None)
        if here is None:
            continue
        if at in goals:
            hit += here
            continue
        for share, target in shares(graph, at):
            arriving[target] = arriving.get(target, Fraction(0)) + here * share
    return hit


def shares(graph: Graph, at: int) -> Iterator[tuple[Fraction, int]]:
    """Where a random scheduler goes from a state, with the probability of each step."""
    steps: dict[int, list[int]] = {}
    for (thread, _), target in graph.edges(at):
        steps.setdefault(thread, []).append(target)
    for targets in steps.values():
        for target in targets:
            yield Fraction(1, len(steps) * len(targets)), target


def runs_for(probability: Fraction, enough: float = WANTED_CHANCE) -> int | None:
    """How many runs hit the bug with a probability of `enough`; None where no number does."""
    if not probability:
        return None
    if probability == 1:
        return 1
    return math.ceil(math.log(1 - enough) / math.log1p(-float(probability)))
