"""How often a bug shows: the share of all runs, and the chance that a random scheduler hits it.

The share comes from one pass over the graph in topological order; so there is none where runs go
round in a cycle. There is neither where a walk ended early.
"""

import math
from collections.abc import Collection, Sequence
from fractions import Fraction

from locking.explore.chain import Chain, Share
from locking.explore.deadline import timely
from locking.explore.graph import Graph

WANTED_CHANCE = 0.95
"""How sure one wants to be to have hit the bug."""

BELOW_ONE = math.nextafter(1.0, 0.0)
"""The greatest float that says that something may be missed."""


def runs_avoiding(graph: Graph, order: Sequence[int], goals: Collection[int]) -> int:
    """How many maximal runs go through none of the states `goals`; with no goals, all there are."""
    ways = [0] * len(order)
    ways[0] = 1
    total = 0
    for at in timely(order):
        here, ways[at] = ways[at], 0
        if not here or at in goals:
            continue
        ended = True
        for _, target in graph.edges(at):
            ways[target] += here
            ended = False
        total += here if ended else 0
    return total


def chance(graph: Graph, order: Sequence[int] | None, goals: Collection[int]) -> Share:
    """The probability that a uniformly random scheduler comes to one of the states `goals`.

    At every step it takes one of the threads that can go on, each as likely as the others; and of
    several outcomes of its step one, each as likely. `order` is that of a graph without a cycle.
    Where the number is a float, its relative error is below 1e-7; 0 and 1 are always exact.

    Errors: `TooLarge`.
    """
    chain = Chain(graph, goals, order)
    hit, missed = 0 * chain.one, False
    for visited in chain.visits():
        if visited.at in goals:
            hit += visited.times
        else:
            missed |= visited.forever or not chain.ahead(visited.at)
    return as_certain(hit, missed=missed)


def as_certain(share: Share, *, missed: bool) -> Share:
    """The probability `share`: 1 just if nothing may be `missed`, however it was rounded."""
    if not missed:
        return Fraction(1)
    return min(share, BELOW_ONE) if isinstance(share, float) else share


def runs_for(probability: Share, enough: float = WANTED_CHANCE) -> int | None:
    """How many runs hit the bug with a probability of `enough`; None where no number does."""
    if not probability:
        return None
    if probability == 1:
        return 1
    return math.ceil(math.log(1 - enough) / math.log1p(-float(probability)))
