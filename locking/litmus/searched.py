"""The verdict of a litmus test that has too many executions to count them."""

from collections.abc import Callable, Sequence

from locking.litmus.candidates import candidates_of, combinations, fulfils
from locking.litmus.judged import CombinationJudge, LitmusAnswer, LitmusTally
from locking.litmus.paths import PathsFound, no_limit
from locking.litmus.sequential import SequentialJudge
from locking.litmus.structures import Combination
from locking.litmus.syntax import Combined, LitmusCondition, LitmusPlace, LitmusTest
from locking.litmus.values import LitmusValue, computed_value
from locking.memory_models.candidate import MemoryModel


def find_verdict(
    test: LitmusTest,
    paths: Sequence[PathsFound],
    model: MemoryModel,
    go_on: Callable[[], None] = no_limit,
) -> LitmusAnswer:
    """The observation of a test that has too many executions to count them.

    Of positive executions, all are looked at, with what the condition says of registers taken for
    granted: these are few. Of negative ones, they are looked at until one is in order.
    """
    tally = LitmusTally(test)
    for positive in (True, False):
        for combination in combinations(test, paths):
            if positive:
                combination.constraints += asked_of_registers(test.condition, combination)
            if search_combination(tally, combination, model, go_on, positive=positive):
                break
    return tally.answer(cut=any(each.cut for each in paths))._replace(counted=False)


def search_combination(
    tally: LitmusTally,
    combination: Combination,
    model: MemoryModel,
    go_on: Callable[[], None],
    *,
    positive: bool,
) -> bool:
    """Count executions of one kind until one is in order; whether one is."""
    judges, sequential = CombinationJudge(model), SequentialJudge(combination)
    for candidate in candidates_of(combination, go_on):
        judges.refuse_trouble(candidate)
        values = tally.values_of(candidate)
        if values is None or fulfils(tally.test.condition, values) != positive:
            continue
        judgement = judges.judge(candidate)
        in_order = sequential.allows(candidate.rf, candidate.co)
        tally.count(candidate, values, judgement.allowed, in_order, judgement.flags)
        if in_order and judgement.allowed:
            return True
    return False


def asked_of_registers(
    condition: LitmusCondition, combination: Combination
) -> list[tuple[LitmusValue, bool]]:
    """What must be true of reads, if a condition is."""
    if isinstance(condition, Combined):
        parts = condition.parts if condition.operator == "and" else ()
        return [found for each in parts for found in asked_of_registers(each, combination)]
    place, other, equal = condition
    if place.thread is None or isinstance(other, LitmusPlace):
        return []
    found = combination.final(place.thread, place.name)
    return [(computed_value("==", found, other), equal)]
