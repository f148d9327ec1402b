"""The states that a walk under a partial order has met, and the steps that it takes.

They stay in memory: whether a target was expanded before decides which steps are taken, so it must
be known at once.
"""

from typing import Any

import numpy as np

from locking.explore.compiled import lean_walking, passes
from locking.explore.compiled.kept_steps import KeptSteps
from locking.explore.compiled.kernel import Chunk, Integers, Rules, Share, Words
from locking.explore.compiled.lean_tables import LeanTables
from locking.explore.compiled.store import Store

NOTHING_LACKS: Integers = np.empty((0, 2), np.int64)


class LeanStore(Store):
    """States by number, and the steps `kept`. As a container, it has what is expanded (C3).

    `lacks` is whether the next state to be expanded is one that the tables can't tell of.
    """

    tables: LeanTables

    def __init__(self, tables: LeanTables, workers: int) -> None:
        super().__init__(tables, workers)
        self.kept = KeptSteps()
        self.lacks = False
        self.at = 0

    def make_buffers(self) -> None:
        """Room for the targets of all workers, and for the steps that each begins with."""
        super().make_buffers()
        self.steps = np.empty(len(self.targets.out), np.int32)

    def __contains__(self, state: object) -> bool:
        """Whether a state has a lower number than the one that the product is asked of."""
        assert isinstance(state, tuple)
        words = self.tables.words_met(state)
        if words is None:
            return False
        packed, hashes = np.array([words], np.uint64), np.empty(1, np.uint64)
        passes.hash_all(packed, hashes)
        return bool(0 <= self.numbers(packed, hashes)[0] < self.at)

    def advance(self, rules: Rules, start: int, stop: int) -> list[Share]:
        """Go through some of the states from `start` to `stop`, and number what they lead to."""
        if self.lacks:
            return [self.ask(start)]
        self.passed = np.zeros((self.workers, *self.tables.independence.at.shape), np.bool_)
        self.spared = np.zeros((self.workers, 4), np.int64)
        shares = super().advance(rules, start, stop)
        for at, share in enumerate(shares):
            found = slice(share.first, share.last)
            steps = self.steps[found]
            self.keep_steps(share, self.tables.outcome_of[steps], self.tables.queues_in[steps])
            for thread, place in np.argwhere(self.passed[at]).tolist():
                self.tables.product.between[thread].add(place)
            self.tables.product.spared.add(*self.spared[at].tolist())
        return shares

    def expanding(
        self, at: int, rules: Rules, states: Words, start: int, stop: int, skips: Words
    ) -> tuple[Any, ...]:
        """The call by which worker `at` expands the states from `start` to `stop`."""
        chunk = Chunk(*(each[at] for each in self.chunks))
        known = rules, self.tables.choices(), self.table
        found = chunk, self.targets, self.steps, at * self.room, self.passed[at], self.spared[at]
        return lean_walking.expand_lean, *known, states, start, stop, *found

    def ask(self, at: int) -> Share:
        """Go through state `at` as the product says. Errors: those of `PartialOrder.moves`."""
        self.at = at
        state = self.tables.state(self.states[at].tolist())
        moves = self.tables.moves(state)
        self.refit()
        self.make_room()
        for place, (thread, _, target) in enumerate(moves):
            self.targets.out[place] = self.tables.words(target)
            self.targets.who[place] = thread
        chunk = Chunk(*(each[0] for each in self.chunks))
        chunk.counts[0] = chunk.kept[0] = len(moves)
        chunk.lengths[:] = 0
        lean_walking.enqueue(self.targets, 0, len(moves), chunk.queue, chunk.lengths)
        share = Share(at, at + 1, 0, len(moves), chunk.counts[:1], NOTHING_LACKS)
        self.enter([share])
        queueing = [self.tables.product.queues(thread, state) for thread, _, _ in moves]
        self.keep_steps(
            share,
            np.array([outcome for _, outcome, _ in moves], np.int64),
            np.array(queueing, np.bool_),
        )
        return share

    def keep_steps(self, share: Share, outcomes: Integers, queueing: Any) -> None:
        """Keep the steps of a share, once what it met has numbers."""
        found = slice(share.first, share.last)
        targets = self.numbers(self.targets.out[found], self.targets.hashes[found])
        self.kept.add(share.counts, self.targets.who[found], queueing, outcomes, targets)

    def learn(self, shares: list[Share]) -> None:
        """Note whether the product is to be asked of the next state."""
        self.lacks = len(shares[-1].lacking) > 0

    def refit(self) -> None:
        """Pack states anew, if something that was learned does not fit."""
        moved = self.tables.move()
        if moved:
            self.repack(moved)
            self.tables.torn = False
