"""How many runs a graph without a cycle has: the ways to each state, added up in words of 64 bits.

Numbers are of any size. What a sum overflows by is carried, and the ways by which that goes on are
added up when all states were gone through, until nothing is left.
"""

from collections.abc import Iterable, Iterator
from itertools import repeat

import numpy as np

from locking.explore.compiled import passes
from locking.explore.compiled.filed_store import FiledStore
from locking.explore.compiled.kernel import Integers, Numbered, Small
from locking.explore.compiled.store import Store

LIMBS = 3
"""Words of a number that are added up at once, each 8 bytes for a state."""

LIMB_BITS = 64
"""Bits of one of them."""


def runs_ahead(store: Store, explored: int, ends: Integers) -> int | None:
    """How many runs come to one of the `ends`; None where a step leads to no higher number.

    Else the order of numbers is a topological one, and steps need not be kept.
    """
    ways = store.array(LIMBS * explored, np.uint64).reshape(-1, LIMBS)
    carried = store.array(explored, np.uint64)
    carried[0] = 1
    total = shift = 0
    edges = edges_again(store, explored)
    while carried.any():
        ways[:] = 0
        ways[:, 0] = carried
        carried[:] = 0
        start = 0
        for counts, to in next(edges):
            if not passes.add_ahead(start, counts, to, ways, carried):
                return None
            start += len(counts)
        for limb in range(LIMBS):
            total += sum(ways[ends, limb].tolist()) << shift
            shift += LIMB_BITS
    return total


def edges_again(store: Store, stop: int) -> Iterator[Iterable[tuple[Small, Numbered]]]:
    """All edges of the states before `stop`, as often as is asked for; on disk looked up once."""
    if isinstance(store, FiledStore):
        return store.edges_again(stop)
    return (store.edges(0, stop) for _ in repeat(None))


def runs_in_order(
    store: Store, offsets: Integers, targets: Numbered, order: Numbered, ends: Integers
) -> int:
    """How many runs come to one of the `ends`, of states in this topological order."""
    ways, carried = (store.array(len(order), np.uint64) for _ in range(2))
    ways[0] = 1
    total = shift = 0
    while ways.any():
        carried[:] = 0
        passes.add_up(offsets, targets, order, ways, carried)
        total += sum(ways[ends].tolist()) << shift
        ways, carried, shift = carried, ways, shift + LIMB_BITS
    return total
