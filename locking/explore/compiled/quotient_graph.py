"""The graph of a quotient on a store: edges lead to representatives, and permute threads."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from locking.explore.compiled import orbits, passes
from locking.explore.compiled.graph import Packed
from locking.explore.compiled.images import PackedImages
from locking.explore.compiled.kernel import Integers, Turns, Words
from locking.explore.compiled.quotient_tables import QuotientTables
from locking.explore.compiled.store import Store
from locking.explore.graph import Choice
from locking.explore.reduction.images import AskedOfImages, Named
from locking.explore.reduction.quotient import Permutation
from locking.explore.reduction.quotient_graph import QuotientGraph


class PackedQuotient(QuotientGraph, Packed):
    """What a walk of a quotient found, on a store."""

    def __init__(
        self,
        store: Store,
        ends: Integers,
        explored: int,
        transitions: int,
        levels: Sequence[int],
        cause: str | None,
    ) -> None:
        Packed.__init__(self, store, ends, explored, transitions, levels, cause)
        assert isinstance(store.tables, QuotientTables)
        self.quotient = store.tables.product

    def leaving(self, rows: Integers) -> tuple[Integers, Words, Words]:
        """The edges of these states, as `Packed` has them; targets are representatives."""
        return self.permuted(rows)[:3]

    def permuted(self, rows: Integers) -> tuple[Integers, Words, Words, Turns]:
        """The edges of these states, as `leaving` has them, and how each permutes threads."""
        while True:
            edges, packed, hashes = super().leaving(rows)
            turns = np.empty((len(packed), self.tables.threads), np.int8)
            done = orbits.represent_all(self.tables.symmetry(), packed, 0, turns)
            if done == len(packed):
                passes.hash_all(packed, hashes)
                return edges, packed, hashes, turns
            self.store.teach(np.array([[rows[edges[0, done]], self.tables.threads]]))

    def permuted_edges(self, at: int) -> Iterator[tuple[Choice, int, Permutation]]:
        """The steps from state `at`, with the states that they lead to and their permutations."""
        if at >= self.explored:
            return
        (_, threads, steps), packed, hashes, turns = self.permuted(np.array([at]))
        targets = self.store.numbers(packed, hashes).tolist()
        for thread, step, target, turn in zip(
            threads.tolist(), steps.tolist(), targets, turns.tolist(), strict=True
        ):
            yield (thread, self.tables.outcomes[step]), target, tuple(turn)

    def pick_alike(
        self, images: AskedOfImages, among: Iterable[int] | None = None
    ) -> Iterator[int]:
        """The states of which a predicate is true, as of all their images, in order.

        Errors: `Unlike` where it is not the same of all.
        """
        assert isinstance(self.tables, QuotientTables)
        numbers = range(len(self.states)) if among is None else list(among)
        told, done = PackedImages(self.tables), 0
        for block, rows in self.blocks(None if among is None else numbers):
            if told.layout is not self.tables.layout:
                told = PackedImages(self.tables)
            try:
                found = told.of(rows, images.asked, images.latest)
            except Named:
                yield from super().pick_alike(images, numbers[done:])
                return
            done += len(block)
            yield from block[found].tolist()

    @cached_property
    def turns(self) -> Turns:
        """How every edge of `flat` permutes threads."""
        threads = self.tables.threads
        made: Turns = self.store.array(self.transitions * threads, np.int8).reshape(-1, threads)
        at = 0
        for share in self.store.shares_of(0, self.explored):
            turns = self.store.targets.turns[share.first : share.last]
            made[at : at + len(turns)] = turns
            at += len(turns)
        return made

    def spread(self, can: Words) -> None:
        """Add to the threads of every state, as bits, those of all that can follow it."""
        if len(self.tables.symmetry().members):
            orbits.spread_before(*self.flat, self.turns, can)
        else:
            super().spread(can)
