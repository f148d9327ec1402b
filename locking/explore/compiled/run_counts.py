"""How many runs a graph without a cycle has: the ways to each state, added up in words of 64 bits.

Numbers are of any size: a word is added where one may not fit.
"""

import numpy as np

from locking.explore.compiled import passes
from locking.explore.compiled.kernel import Integers, Numbered, Words
from locking.explore.compiled.layout import WORD_BITS
from locking.explore.compiled.store import Store

FIRST_WORDS = 1
"""Words of a number in the beginning."""

ROWS_TO_SPARE = 4
"""There are rows to spare: one for so many that are needed."""


class WaysAhead:
    """The ways to some states, one row each, from state `base` on: the lowest word comes first.

    Only those states have a row that a step may still lead to, or go on from: the next levels.
    `total` is how many ways lead to those of the `ends` that are behind.
    """

    def __init__(self, store: Store, ends: Integers) -> None:
        self.store = store
        self.ends = ends
        self.base = self.total = 0
        self.rows: Words = np.zeros((1, FIRST_WORDS), np.uint64)
        self.rows[0, 0] = 1

    def move(self, base: int, stop: int) -> None:
        """Have rows for the states from `base` to `stop`, the first of which it has a row for."""
        self.leave(base)
        self.copy(self.rows[base - self.base :], stop - base, self.rows.shape[1])
        self.base = base

    def widen(self) -> None:
        """Have one more word for each state."""
        self.copy(self.rows, len(self.rows), self.rows.shape[1] + 1)

    def copy(self, old: Words, length: int, words: int) -> None:
        """Have so many rows of so many words, the first of which are the `old` ones."""
        self.rows = self.store.array(length * words, np.uint64).reshape(length, words)
        self.rows[: len(old), : old.shape[1]] = old

    def leave(self, base: int) -> None:
        """Add the ways to the ends before state `base` up."""
        first, last = np.searchsorted(self.ends, (self.base, base))
        for word, sums in enumerate(self.rows[self.ends[first:last] - self.base].T.tolist()):
            self.total += sum(sums) << WORD_BITS * word


def runs_ahead(store: Store, explored: int, ends: Integers) -> int | None:
    """How many runs come to one of the `ends`, in order; None where a step leads to no higher one.

    Else the order of numbers is a topological one, and neither steps nor ways need be kept.
    """
    ways, start = WaysAhead(store, ends), 0
    for counts, to in store.edges(0, explored):
        stop = start + len(counts)
        most = max(stop, int(to.max(initial=0)) + 1)
        if most > ways.base + len(ways.rows):
            ways.move(start, most + (most - start) // ROWS_TO_SPARE)
        edge = 0
        while (edge := passes.add_ahead(start, counts, to, edge, ways.base, ways.rows)) < len(to):
            source = start + int(np.searchsorted(np.cumsum(counts), edge, side="right"))
            if to[edge] <= source:
                return None
            ways.widen()
        start = stop
    ways.leave(explored)
    return ways.total


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
        ways, carried, shift = carried, ways, shift + WORD_BITS
    return total
