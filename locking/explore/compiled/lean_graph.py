"""The graph of a walk under a partial order, on a store that keeps its steps."""

from collections.abc import Collection, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled import passes, rounds
from locking.explore.compiled.kernel import Integers, Numbered, Words
from locking.explore.compiled.lean_store import LeanStore
from locking.explore.compiled.quotient_graph import PackedQuotient
from locking.explore.compiled.run_counts import runs_in_order
from locking.explore.graph import Choice
from locking.explore.reduction.quotient import Permutation


class PackedLean(PackedQuotient):
    """What a walk of a product under a partial order found, without copies."""

    store: LeanStore

    def edges(self, at: int) -> Iterator[tuple[Choice, int]]:
        """The steps from state `at`, with the numbers of the states they lead to."""
        if at < self.explored:
            for thread, outcome, target in zip(*self.store.kept.of(at), strict=True):
                yield (thread, outcome), target

    def permuted_edges(self, at: int) -> Iterator[tuple[Choice, int, Permutation]]:
        """The steps from state `at`; none permutes threads."""
        assert self.quotient is not None
        for choice, target in self.edges(at):
            yield choice, target, self.quotient.identity

    @cached_property
    def flat(self) -> tuple[Integers, Numbered]:
        """All edges: where in the second array those of each state begin, and what they lead to."""
        kept = self.store.kept
        targets: Numbered = kept.targets[: self.transitions].astype(self.store.kind)
        return kept.offsets[: self.explored + 1], targets

    def before(self, goals: Collection[int], level: int) -> Integers:
        """The states of depth `level` from which a step leads to one of `goals`, in order."""
        start = self.levels[level - 1] if level else 0
        offsets, targets = self.flat
        offsets = offsets[start : min(self.levels[level], self.explored) + 1]
        wanted = np.fromiter(goals, np.int64)
        leads = offsets[0] + np.flatnonzero(np.isin(targets[offsets[0] : offsets[-1]], wanted))
        return start + np.unique(np.searchsorted(offsets, leads, side="right") - 1)

    def runs(self) -> int | None:
        """How many maximal runs of this graph there are; None where a cycle makes them infinite."""
        if self.explored < len(self.states) or self.sorted is None:
            return None
        return runs_in_order(self.store, *self.flat, self.sorted, self.last)

    def find_able(self, over: NDArray[np.bool_], starts: Integers, can: Words) -> None:
        """Put the threads, as bits, that go on in each state or have ended into `can`."""
        kept, end = self.store.kept, self.transitions
        moves = kept.threads[:end], ~kept.queueing[:end]
        passes.able_along(
            self.tables.rules(), self.all_rows, self.flat[0], *moves, over, starts, can
        )

    @property
    def all_rows(self) -> Words:
        """The packed states that were gone through."""
        return self.store.rows(0, self.explored)

    @cached_property
    def takers(self) -> NDArray[np.uint8]:
        """For every edge of `flat` who takes the step, and `QUEUES` where that only queues up."""
        kept, end = self.store.kept, self.transitions
        found: NDArray[np.uint8] = kept.threads[:end].astype(np.uint8)
        found[kept.queueing[:end]] |= rounds.QUEUES
        return found
