"""All that is said of one litmus test: the model's answer, that of SC, and an execution."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from locking.errors import ModelError
from locking.litmus.candidates import (
    FinalState,
    LitmusCandidate,
    candidates_of,
    combinations,
    fulfils,
    value_at,
)
from locking.litmus.interleaved import Interleavings
from locking.litmus.judged import LITMUS_ROUNDS, LitmusAnswer, judge_paths, states_observation
from locking.litmus.paths import PathsFound, all_paths
from locking.litmus.reading import read_test
from locking.litmus.searched import asked_of_registers, find_verdict
from locking.litmus.syntax import LitmusPlace, LitmusTest
from locking.litmus.tokens import LitmusError
from locking.litmus.values import LitmusValue
from locking.litmus.vocabulary import Vocabulary
from locking.memory_models.candidate import Candidate, ForbiddenCycle, MemoryModel
from locking.memory_models.showing import out_of_order

SEARCHED = 20_000
"""Candidates in which a forbidden execution is looked for, if coherence forbids all of them."""

EXPECTED = re.compile(r"Result:\s*(Never|Sometimes|Always|DEADLOCK)\b")
"""What kernel tests say of themselves, for tools/memory-model/scripts/judgelitmus.sh."""

MEANINGFUL = {"data-race", "mixed-accesses"}
"""Flags of tests in which locks and RCU are used as they should be."""

AXIOMS, INTERLEAVINGS = "axioms", "interleavings"


class GivenUp(Exception):
    """A test took longer than it may."""


class LitmusSettings(NamedTuple):
    """How tests are judged."""

    model: MemoryModel
    vocabulary: Vocabulary | None = None
    """That of a kernel tree; SC is judged by the usual one."""
    rounds: int = LITMUS_ROUNDS
    seconds: float = 10.0
    """Processor time that one test may take."""
    interleave: bool = True
    """Whether the main engine is asked too."""
    of_kernel: bool = True
    """Whether the model is the kernel's: it is the one of which files give the `Result:`."""


class LitmusReport(NamedTuple):
    """What is said of one test."""

    test: LitmusTest
    lines: Sequence[str]
    """The lines of its file."""
    model: str
    answer: LitmusAnswer
    sequential: frozenset[FinalState]
    by: str
    """How sequential consistency was judged: by `INTERLEAVINGS` or by `AXIOMS`."""
    expected: str
    """The verdict that the file gives, or nothing."""
    cycle: ForbiddenCycle | None
    """If the condition is never fulfilled: why `forbidden` is forbidden."""
    forbidden: LitmusCandidate | None
    reordered: tuple[tuple[int, str, int], ...]
    """If an allowed execution is not sequentially consistent: the cycle that says so."""
    rounds: int
    """Rounds after which a loop is cut, if reads decide how many there are."""
    kept: frozenset[tuple[int, int]] | None
    """Of its steps in the order of the program, those that the model keeps in this order.

    None if the model has no order in which events are executed.
    """

    @property
    def sequentially(self) -> str:
        """The observation under sequential consistency."""
        return states_observation(self.test, self.sequential)

    def stands(self, observation: str) -> bool:
        """Whether executions with more rounds of a loop that was cut can't change it."""
        return not self.answer.cut or observation == "Sometimes"

    @property
    def conclusive(self) -> bool:
        """Whether the verdict of the model is known."""
        return self.stands(self.answer.observation)

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the file gives, if it gives one and it is known."""
        if not self.conclusive:
            return True
        if self.expected == "DEADLOCK":
            return not self.answer.states
        return self.expected in ("", self.answer.observation)


def time_limit(until: float) -> Callable[[], None]:
    """A check that raises `GivenUp` once the processor time of this process is later."""

    def go_on() -> None:
        if time.process_time() > until:
            raise GivenUp

    return go_on


def counted_or_not(
    test: LitmusTest, paths: Sequence[PathsFound], asked: LitmusSettings, until: float
) -> LitmusAnswer:
    """The answer of the model, its executions counted if half of the time is enough for that.

    Errors: `LitmusError`; `GivenUp`, once the processor time is `until`.
    """
    half = (time.process_time() + until) / 2
    try:
        return judge_paths(test, paths, asked.model, time_limit(half))
    except GivenUp:
        return find_verdict(test, paths, asked.model, time_limit(until))


def litmus_report(text: str, asked: LitmusSettings) -> LitmusReport:
    """Judge the test in a text. Errors: `LitmusError`, `ModelError`, `GivenUp`."""
    test = read_test(text)
    try:
        return report_of_test(test, text, asked)
    except RecursionError:
        line = test.threads[0].line
        raise LitmusError(line, "a value is computed in too many steps") from None


def report_of_test(test: LitmusTest, text: str, asked: LitmusSettings) -> LitmusReport:
    """Judge a test. Errors: `LitmusError`, `ModelError`, `GivenUp`."""
    until = time.process_time() + asked.seconds
    paths = all_paths(test, asked.rounds, time_limit(until))
    answer = counted_or_not(test, paths, asked, until)
    by = interleaved_or_not(test, paths, answer, asked)
    if asked.vocabulary is not None:
        sequential = answer.sequential
        test = read_test(text, asked.vocabulary)
        paths = all_paths(test, asked.rounds, time_limit(until))
        answer = counted_or_not(test, paths, asked, until)._replace(sequential=sequential)
    expected = EXPECTED.search(text) if asked.of_kernel else None
    forbidden, cycle = why_never(test, paths, answer, asked.model, until)
    return LitmusReport(
        test,
        text.splitlines(),
        asked.model.name,
        answer,
        answer.sequential,
        by,
        expected[1] if expected else "",
        cycle,
        forbidden,
        reordered_in(answer.allowed) if answer.allowed else (),
        asked.rounds,
        kept_in_order(answer.allowed, asked.model) if answer.allowed else frozenset(),
    )


def interleaved_or_not(
    test: LitmusTest, paths: Sequence[PathsFound], answer: LitmusAnswer, asked: LitmusSettings
) -> str:
    """How sequential consistency was judged. Errors: `ModelError`, if two ways do not agree."""
    if not asked.interleave or not answer.counted or answer.flags - MEANINGFUL:
        return AXIOMS
    found = Interleavings(test, paths, asked.rounds)
    if not found.complete:
        return AXIOMS
    if found.states != answer.sequential:
        raise ModelError(
            f"{test.name}: interleavings end in {len(found.states)} final states, and axioms of "
            f"sequential consistency allow {len(answer.sequential)}; one of them is wrong"
        )
    return INTERLEAVINGS


def as_candidate(found: LitmusCandidate) -> Candidate:
    """A candidate as memory models take it."""
    return Candidate(found.structure, found.rf, found.co)


def why_never(
    test: LitmusTest,
    paths: Sequence[PathsFound],
    answer: LitmusAnswer,
    model: MemoryModel,
    until: float,
) -> tuple[LitmusCandidate | None, ForbiddenCycle | None]:
    """A forbidden execution that fulfils a condition that none fulfils, and why it is forbidden."""
    if answer.positive:
        return None, None
    forbidden = answer.forbidden or incoherent(test, paths, model, time_limit(until))
    return forbidden, model.why_forbidden(as_candidate(forbidden)) if forbidden else None


def incoherent(
    test: LitmusTest, paths: Sequence[PathsFound], model: MemoryModel, go_on: Callable[[], None]
) -> LitmusCandidate | None:
    """The first execution that fulfils the condition among those that coherence forbids.

    None if there is none, or it is not among the first that there is time for.
    """
    try:
        for candidate in islice(every_candidate(test, paths, go_on), SEARCHED):
            if positive_in(test, candidate) and model.why_forbidden(as_candidate(candidate)):
                return candidate
    except GivenUp:
        pass
    return None


def every_candidate(
    test: LitmusTest, paths: Sequence[PathsFound], go_on: Callable[[], None]
) -> Iterator[LitmusCandidate]:
    """All candidates, coherent or not, in which registers are as the condition asks."""
    for combination in combinations(test, paths):
        combination.constraints += asked_of_registers(test.condition, combination)
        yield from candidates_of(combination, go_on, cut=False)


def positive_in(test: LitmusTest, candidate: LitmusCandidate) -> bool:
    """Whether a candidate fulfils the condition, and the filter."""

    class Values(dict[LitmusPlace, LitmusValue]):
        def __missing__(self, place: LitmusPlace) -> LitmusValue:
            return value_at(candidate, test.memory, place)

    values = Values()
    kept = test.filter is None or fulfils(test.filter, values)
    return kept and fulfils(test.condition, values)


def reordered_in(found: LitmusCandidate) -> tuple[tuple[int, str, int], ...]:
    """The cycle in a candidate that sequential consistency forbids; nothing if there is none."""
    return out_of_order(*as_candidate(found))


def kept_in_order(found: LitmusCandidate, model: MemoryModel) -> frozenset[tuple[int, int]] | None:
    """The steps of that cycle that the model keeps in the order of the program.

    None if the model has no order in which events are executed.
    """
    candidate = as_candidate(found)
    kept = {
        (first, second): model.keeps_in_order(candidate, first, second)
        for first, why, second in reordered_in(found)
        if why == "po"
    }
    return None if None in kept.values() else frozenset(pair for pair in kept if kept[pair])
