"""The answer to a litmus test: which final states a memory model allows, and whether the condition.

The words are herd7's. *Positive* executions fulfil the condition as it stands after its quantifier,
*negative* ones do not. *Never*: none is positive; *Always*: none is negative; *Sometimes*: both.

Sequential consistency is judged beside the model, on the candidates that it is asked about.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from locking.litmus.candidates import (
    FinalState,
    LitmusCandidate,
    asked_places,
    candidates_of,
    combinations,
    fulfils,
    value_at,
)
from locking.litmus.paths import PathsFound, all_paths, no_limit
from locking.litmus.sequential import SequentialJudge
from locking.litmus.syntax import LitmusPlace, LitmusTest
from locking.litmus.values import LitmusValue
from locking.memory_models.candidate import Judge, MemoryJudgement, MemoryModel
from locking.memory_models.relations import Relation

LITMUS_ROUNDS = 3
"""How often the body of a loop is run at most, where a read decides."""


class LitmusAnswer(NamedTuple):
    """What a memory model says of a test, and sequential consistency beside it."""

    states: Counter[FinalState]
    """How many executions of the model end in each final state."""
    positive: int
    negative: int
    flags: frozenset[str]
    sequential: frozenset[FinalState]
    """The final states that are sequentially consistent."""
    allowed: LitmusCandidate | None
    """A positive execution that is allowed, one that is not sequentially consistent if any is."""
    forbidden: LitmusCandidate | None
    """A positive execution that is forbidden."""
    cut: bool
    """Whether a loop was not followed to its end."""
    counted: bool = True
    """Whether all executions were counted. If not, only the observation is known."""

    @property
    def observation(self) -> str:
        """*Never*, *Always* or *Sometimes*."""
        return observed_as(self.positive > 0, self.negative > 0)


def observed_as(positive: bool, negative: bool) -> str:
    """What herd7 calls it that there are positive and negative executions."""
    if not positive:
        return "Never"
    return "Sometimes" if negative else "Always"


def states_observation(test: LitmusTest, states: Iterable[FinalState]) -> str:
    """*Never*, *Always* or *Sometimes*, by final states."""
    found = {fulfils(test.condition, dict(zip(test.shown, each, strict=True))) for each in states}
    return observed_as(True in found, False in found)


def judge_test(
    test: LitmusTest,
    model: MemoryModel,
    rounds: int = LITMUS_ROUNDS,
    go_on: Callable[[], None] = no_limit,
) -> LitmusAnswer:
    """What a model says of a test. Errors: `LitmusError`, and what `go_on` raises to end it."""
    return judge_paths(test, all_paths(test, rounds, go_on), model, go_on)


def judge_paths(
    test: LitmusTest,
    paths: Sequence[PathsFound],
    model: MemoryModel,
    go_on: Callable[[], None] = no_limit,
) -> LitmusAnswer:
    """What a model says of a test whose threads take these paths."""
    tally = LitmusTally(test)
    for combination in combinations(test, paths):
        judges, sequential = CombinationJudge(model), SequentialJudge(combination)
        for candidate in candidates_of(combination, go_on):
            judges.refuse_trouble(candidate)
            values = tally.values_of(candidate)
            if values is None:
                continue
            judgement = judges.judge(candidate)
            in_order = sequential.allows(candidate.rf, candidate.co)
            tally.count(candidate, values, judgement.allowed, in_order, judgement.flags)
    return tally.answer(cut=any(each.cut for each in paths))


class CombinationJudge:
    """Judges the candidates of one combination; a structure is prepared once."""

    def __init__(self, model: MemoryModel) -> None:
        self.model = model
        self.judges: dict[Relation, Judge] = {}
        """Judges by the values of candidates that the structure tells of."""

    def judge(self, candidate: LitmusCandidate) -> MemoryJudgement:
        """What the model says of a candidate."""
        key = candidate.different_values
        judge = self.judges.get(key)
        if judge is None:
            judge = self.judges[key] = self.model.judge_of(candidate.structure)
        return judge(candidate.rf, candidate.co)

    def refuse_trouble(self, candidate: LitmusCandidate) -> None:
        """Refuse what can't be computed, if the model allows that it comes to this.

        Errors: `LitmusError`.
        """
        if candidate.trouble and self.judge(candidate).allowed:
            raise candidate.trouble


class LitmusTally:
    """Counts executions by whether they fulfil the condition of a test."""

    def __init__(self, test: LitmusTest) -> None:
        self.test = test
        self.places = asked_places(test)
        self.states: Counter[FinalState] = Counter()
        self.sequential: set[FinalState] = set()
        self.positive = 0
        self.flags: set[str] = set()
        self.allowed: LitmusCandidate | None = None
        self.in_order = True
        """Whether `allowed` is sequentially consistent."""
        self.forbidden: LitmusCandidate | None = None

    def values_of(self, candidate: LitmusCandidate) -> dict[LitmusPlace, LitmusValue] | None:
        """The values that are asked for at the end of a candidate; None if it is left out."""
        test = self.test
        if candidate.trouble:
            return None
        values = {each: value_at(candidate, test.memory, each) for each in self.places}
        kept = test.filter is None or fulfils(test.filter, values)
        return values if kept else None

    def count(
        self,
        candidate: LitmusCandidate,
        values: dict[LitmusPlace, LitmusValue],
        allowed: bool,
        in_order: bool,
        flags: Iterable[str],
    ) -> None:
        """Count a candidate with these values at its end."""
        state = tuple(values[each] for each in self.test.shown)
        positive = fulfils(self.test.condition, values)
        if in_order:
            self.sequential.add(state)
        if allowed:
            self.states[state] += 1
            self.flags.update(flags)
            self.positive += positive
            if positive and (self.allowed is None or (self.in_order and not in_order)):
                self.allowed, self.in_order = candidate, in_order
        elif positive and self.forbidden is None:
            self.forbidden = candidate

    def answer(self, *, cut: bool) -> LitmusAnswer:
        """What was counted."""
        return LitmusAnswer(
            self.states,
            self.positive,
            self.states.total() - self.positive,
            frozenset(self.flags),
            frozenset(self.sequential),
            self.allowed,
            self.forbidden,
            cut,
        )
