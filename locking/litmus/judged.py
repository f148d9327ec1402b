"""The answer to a litmus test: which final states a memory model allows, and whether the condition.

The words are herd7's. *Positive* executions fulfil the condition as it stands after its quantifier,
*negative* ones do not. *Never*: none is positive; *Always*: none is negative; *Sometimes*: both.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from locking.litmus.candidates import (
    FinalState,
    LitmusCandidate,
    candidates_of,
    combinations,
    fulfils,
    places_of,
    value_at,
)
from locking.litmus.paths import all_paths
from locking.litmus.syntax import LitmusTest
from locking.memory_models.candidate import MemoryModel

ROUNDS = 3
"""How often the body of a loop is run at most, where a read decides."""


class LitmusAnswer(NamedTuple):
    """What a memory model says of a test."""

    states: Counter[FinalState]
    positive: int
    negative: int
    flags: frozenset[str]
    allowed: LitmusCandidate | None
    """A positive execution that is allowed."""
    forbidden: LitmusCandidate | None
    """A positive execution that is forbidden."""
    cut: bool
    """Whether a loop was not followed to its end."""

    @property
    def observation(self) -> str:
        """*Never*, *Always* or *Sometimes*."""
        if not self.positive:
            return "Never"
        return "Sometimes" if self.negative else "Always"


def judge_test(test: LitmusTest, model: MemoryModel, rounds: int = ROUNDS) -> LitmusAnswer:
    """What a model says of a test. Errors: `LitmusError`."""
    paths = all_paths(test, rounds)
    tally = Tally(test)
    for combination in combinations(test, paths):
        judge = None
        for candidate in candidates_of(combination):
            judge = judge or model.judge_of(combination.structure)
            judgement = judge(candidate.rf, candidate.co)
            tally.count(candidate, judgement.allowed, judgement.flags)
    return tally.answer(cut=any(each.cut for each in paths))


class Tally:
    """Counts executions by whether they fulfil the condition of a test."""

    def __init__(self, test: LitmusTest) -> None:
        self.test = test
        self.states: Counter[FinalState] = Counter()
        self.positive = 0
        self.flags: set[str] = set()
        self.allowed: LitmusCandidate | None = None
        self.forbidden: LitmusCandidate | None = None
        asked = [*places_of(test.condition)]
        if test.filter is not None:
            asked += places_of(test.filter)
        self.places = tuple(dict.fromkeys((*test.shown, *asked)))

    def count(self, candidate: LitmusCandidate, allowed: bool, flags: Iterable[str]) -> None:
        """Count a candidate."""
        test = self.test
        values = {each: value_at(candidate, test.memory, each) for each in self.places}
        if test.filter is not None and not fulfils(test.filter, values):
            return
        positive = fulfils(test.condition, values)
        if not allowed:
            if positive and self.forbidden is None:
                self.forbidden = candidate
            return
        self.states[tuple(values[each] for each in test.shown)] += 1
        self.flags.update(flags)
        if positive:
            self.positive += 1
            self.allowed = self.allowed or candidate

    def answer(self, *, cut: bool) -> LitmusAnswer:
        """What was counted."""
        return LitmusAnswer(
            self.states,
            self.positive,
            self.states.total() - self.positive,
            frozenset(self.flags),
            self.allowed,
            self.forbidden,
            cut,
        )
