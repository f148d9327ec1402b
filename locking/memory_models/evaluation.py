"""Evaluates the plan of a model: first what an event structure fixes, then each candidate."""

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from locking.memory_models.candidate import MemoryJudgement
from locking.memory_models.nogoods import Nogoods
from locking.memory_models.plan import (
    ACYCLIC,
    IRREFLEXIVE,
    ModelLine,
    ModelPlan,
    PlanStep,
    RecursionSteps,
    most_rounds,
    too_many_rounds,
)
from locking.memory_models.relations import Relation, algebra

Binary = Callable[[int, int], int]

RunnableStep = tuple[Binary, int, int, int]
"""What computes a value, the number of the value, and those of its two operands."""


@cache
def operators(size: int) -> dict[str, Binary]:
    """What computes each operator over `size` events; an operand that isn't needed is ignored."""
    space = algebra(size)
    return {
        "all": lambda _a, _b: space.all_events,
        "none": lambda _a, _b: 0,
        "or": operator.or_,
        "and": operator.and_,
        "minus": lambda first, second: first & ~second,
        "not set": lambda events, _b: space.all_events & ~events,
        "not relation": lambda pairs, _b: space.all_pairs & ~pairs,
        "rows": lambda events, _b: space.rows(events),
        "columns": lambda events, _b: space.columns(events),
        "identity": lambda events, _b: space.identity(events),
        "then": space.compose,
        "inverse": lambda pairs, _b: space.inverse(pairs),
        "plus": lambda pairs, _b: space.closure(pairs),
        "domain": lambda pairs, _b: space.domain(pairs),
        "range": lambda pairs, _b: space.range_(pairs),
    }


def runnable(size: int, step: PlanStep | RecursionSteps, values: list[int]) -> RunnableStep:
    """A step with what computes it. Rounds set the values of all their variables."""
    if isinstance(step, PlanStep):
        first, second = (*step.operands, 0, 0)[:2]
        return operators(size)[step.operator], step.target, first, second
    bodies = [
        ([runnable(size, each, values) for each in body.steps], body.number, body.variable)
        for body in step.bodies
    ]
    last = step.bodies[-1].variable
    most = most_rounds(size, len(bodies))
    return (lambda _a, _b: _run_rounds(bodies, values, most)), last, last, last


def run_steps(steps: Iterable[RunnableStep], values: list[int]) -> None:
    """Compute values, one after the other."""
    for compute, target, first, second in steps:
        values[target] = compute(values[first], values[second])


def _run_rounds(
    bodies: Sequence[tuple[Sequence[RunnableStep], int, int]], values: list[int], most: int
) -> int:
    """Set the variables of a recursion, and return the last of them.

    Errors: `ModelError` if they still change after the most rounds.
    """
    for _, _, variable in bodies:
        values[variable] = 0
    for _ in range(most):
        changed = False
        for steps, body, variable in bodies:
            run_steps(steps, values)
            changed |= values[variable] != values[body]
            values[variable] = values[body]
        if not changed:
            return values[bodies[-1][2]]
    raise too_many_rounds()


class CheckStage(NamedTuple):
    """A check, and what must be computed for it after the stages before."""

    check: ModelLine
    number: int
    steps: tuple[RunnableStep, ...]


class StructureEvaluation:
    """Judges the candidates of an event structure; what that fixes is computed once."""

    def __init__(self, plan: ModelPlan, size: int, givens: tuple[int, ...]) -> None:
        """`givens` has what the structure gives, in the order of `plan.givens`."""
        self._chosen = plan.rf, plan.co
        self._size = size
        self._values, known = fixed_values(plan, size, givens)
        stages, growing = staged(plan, size, self._values, known)
        self._axioms = [each for each in stages if not each.check.is_flag]
        self._flags = [each for each in stages if each.check.is_flag]
        self._growing = growing
        self.nogoods = Nogoods(self.is_broken_already)

    def judge(self, rf: Relation, co: Relation) -> MemoryJudgement:
        """What the model says of the candidate with these choices."""
        self._choose(rf, co)
        for check, number, steps in self._axioms:
            run_steps(steps, self._values)
            if not passes_check(check, self._size, self._values[number]):
                return MemoryJudgement(False, check.name)
        raised = set()
        for check, number, steps in self._flags:
            run_steps(steps, self._values)
            if passes_check(check, self._size, self._values[number]):
                raised.add(check.name)
        return MemoryJudgement(True, flags=frozenset(raised))

    def is_broken_already(self, rf: Relation, co: Relation) -> bool:
        """Whether these parts of `rf` and `co` break an axiom, whatever is added to them.

        Only axioms on terms that grow with both are asked: a cycle in one of those stays.
        """
        self._choose(rf, co)
        for check, number, steps in self._axioms:
            run_steps(steps, self._values)
            grows = number in self._growing and not check.negated
            if grows and not passes_check(check, self._size, self._values[number]):
                return True
        return False

    def _choose(self, rf: Relation, co: Relation) -> None:
        """Set the values that a candidate chooses."""
        self._values[self._chosen[0]], self._values[self._chosen[1]] = rf, co


def fixed_values(plan: ModelPlan, size: int, givens: tuple[int, ...]) -> tuple[list[int], set[int]]:
    """The values that do not depend on `rf` and `co`, and the numbers of those."""
    values = [0] * plan.size
    for (_, _, number), value in zip(plan.givens, givens, strict=True):
        values[number] = value
    run_steps([runnable(size, each, values) for each in plan.fixed], values)
    known = {number for _, _, number in plan.givens} - {plan.rf, plan.co}
    return values, known.union(*(each.targets for each in plan.fixed))


def staged(
    plan: ModelPlan, size: int, values: list[int], known: set[int]
) -> tuple[list[CheckStage], set[int]]:
    """What is left to compute for each check of a structure, flags last, and what only grows.

    Most of a model speaks of what a test does not have, such as plain accesses or grace periods:
    what is empty whatever `rf` and `co` are is left out, and so is what only it needs.
    """
    left = [each for each in plan.chosen if not _is_empty(each, values, known)]
    maker = {target: place for place, each in enumerate(left) for target in each.targets}
    done: set[int] = set()
    stages = []
    for check, number in sorted(plan.checks, key=lambda each: each[0].is_flag):
        places = _needed(number, left, maker, done)
        steps = tuple(runnable(size, left[place], values) for place in sorted(places))
        stages.append(CheckStage(check, number, steps))
        done |= places
    return stages, known | growing_values(plan, left, known)


def growing_values(
    plan: ModelPlan, steps: Sequence[PlanStep | RecursionSteps], known: set[int]
) -> set[int]:
    """The numbers of values that only grow if pairs are added to `rf` and `co`."""
    found = {plan.rf, plan.co}
    for each in steps:
        inside = (
            [step for body in each.bodies for step in body.steps]
            if isinstance(each, RecursionSteps)
            else [each]
        )
        grows = all(number in known or number in found for number in each.operands)
        if grows and not any(_shrinks(step, known) for step in inside):
            found.update(each.targets)
    return found


def _shrinks(step: PlanStep, known: set[int]) -> bool:
    """Whether an operand that grows may make what a step sets smaller."""
    if step.operator == "minus":
        return step.operands[1] not in known
    return step.operator in ("not set", "not relation")


def _needed(
    number: int, left: Sequence[PlanStep | RecursionSteps], maker: dict[int, int], done: set[int]
) -> set[int]:
    """The places of the steps to take for this value, those already done left out."""
    needed: set[int] = set()
    waiting = [number]
    while waiting:
        place = maker.get(waiting.pop())
        if place is not None and place not in needed and place not in done:
            needed.add(place)
            waiting += left[place].operands
    return needed


def _is_empty(step: PlanStep | RecursionSteps, values: list[int], known: set[int]) -> bool:
    """Whether what a step sets is empty for all `rf` and `co`; then it is known from now on."""
    if isinstance(step, RecursionSteps):
        return _are_empty(step, values, known)
    empty = [each in known and not values[each] for each in step.operands]
    match step.operator:
        case "and" | "then":
            found = any(empty)
        case "minus":
            found = empty[0]
        case "or" | "inverse" | "plus" | "domain" | "range" | "rows" | "columns" | "identity":
            found = all(empty)
        case _:
            found = False
    if found:
        known.add(step.target)
        values[step.target] = 0
    return found


def _are_empty(rounds: RecursionSteps, values: list[int], known: set[int]) -> bool:
    """Whether all variables stay empty, as they are before the first round."""
    variables = {body.variable for body in rounds.bodies}
    tried = known | variables
    for number in variables:
        values[number] = 0
    for body in rounds.bodies:
        for each in body.steps:
            _is_empty(each, values, tried)
    found = all(each.number in tried and not values[each.number] for each in rounds.bodies)
    if found:
        known.update(rounds.targets)
    return found


def passes_check(check: ModelLine, size: int, value: int) -> bool:
    """Whether a value passes the test of a check."""
    space = algebra(size)
    if check.test == ACYCLIC:
        passed = space.is_acyclic(value)
    elif check.test == IRREFLEXIVE:
        passed = space.is_irreflexive(value)
    else:
        passed = not value
    return passed is not check.negated
