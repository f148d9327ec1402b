"""The steps of a walk, kept: what decided which of them are taken may be known better later."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import Integers, Numbered, Small
from locking.explore.compiled.nodes import with_room


class KeptSteps:
    """The steps from so many `states`: who takes each, by which outcome, and to which state.

    Those of state `i` run from `offsets[i]` to `offsets[i + 1]`. `queueing` is whether all that the
    thread can do is to queue up.
    """

    def __init__(self) -> None:
        self.states = 0
        self.offsets: Integers = np.zeros(16, np.int64)
        self.threads = np.zeros(16, np.int16)
        self.queueing = np.zeros(16, np.bool_)
        self.outcomes: Integers = np.zeros(16, np.int64)
        self.targets = np.zeros(16, np.uint32)

    def add(
        self,
        counts: Small,
        threads: NDArray[np.int16],
        queueing: NDArray[np.bool_],
        outcomes: Integers,
        targets: Numbered,
    ) -> None:
        """Keep the steps from the next states, so many from each."""
        begin, states = self.steps, self.states + len(counts)
        end = begin + len(targets)
        self.offsets = with_room(self.offsets, states + 1)
        self.offsets[self.states + 1 : states + 1] = begin + np.cumsum(counts)
        self.threads, self.queueing = with_room(self.threads, end), with_room(self.queueing, end)
        self.outcomes, self.targets = with_room(self.outcomes, end), with_room(self.targets, end)
        self.threads[begin:end], self.queueing[begin:end] = threads, queueing
        self.outcomes[begin:end], self.targets[begin:end] = outcomes, targets
        self.states = states

    @property
    def steps(self) -> int:
        """How many there are."""
        return int(self.offsets[self.states])

    def of(self, at: int) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
        """Who takes the steps from state `at`, by which outcomes, and to which states."""
        those = slice(self.offsets[at], self.offsets[at + 1])
        return tuple(each[those].tolist() for each in (self.threads, self.outcomes, self.targets))
