"""Checks of a memory model, as a flat list of operations on numbered values."""

from collections.abc import Sequence
from typing import NamedTuple

from locking.errors import ModelError
from locking.memory_models.terms import CHOSEN_RELATIONS, Term, given, varying

ACYCLIC = "acyclic"
IRREFLEXIVE = "irreflexive"
EMPTY = "empty"


def too_many_rounds() -> ModelError:
    """The error for a recursion whose values go round for ever."""
    return ModelError("a `let rec` changes in every round, so it has no value")


def most_rounds(size: int, variables: int) -> int:
    """How many rounds a recursion takes at most if its values only grow, one pair a round."""
    return size * size * variables + 2


class ModelLine(NamedTuple):
    """A line of a model: an axiom, which forbids what breaks it, or a flag, which is raised."""

    test: str
    """`acyclic`, `irreflexive` or `empty`."""
    term: Term
    name: str
    negated: bool = False
    """Whether the test must fail, as in `~empty`."""
    is_flag: bool = False
    """Whether the model says `name` of a candidate that passes, and forbids none."""


class PlanStep(NamedTuple):
    """Value `target` becomes `operator` of the values `operands`."""

    operator: str
    target: int
    operands: tuple[int, ...]

    @property
    def targets(self) -> tuple[int, ...]:
        """The numbers of the values that it sets."""
        return (self.target,)


class Body(NamedTuple):
    """What a recursion says of one variable."""

    steps: tuple[PlanStep, ...]
    number: int
    """The number of the value that the variable gets."""
    variable: int


class RecursionSteps(NamedTuple):
    """Bodies that are evaluated again until no variable changes: a recursion."""

    bodies: tuple[Body, ...]
    targets: tuple[int, ...]
    """The numbers of the values that it sets."""
    operands: tuple[int, ...]
    """The numbers of the values that it looks at, and does not set."""


def recursion_of(bodies: tuple[Body, ...]) -> RecursionSteps:
    """The recursion that has these bodies."""
    steps = [each for body in bodies for each in body.steps]
    targets = {each.target for each in steps} | {body.variable for body in bodies}
    operands = {number for each in steps for number in each.operands}
    operands |= {body.number for body in bodies}
    return RecursionSteps(bodies, tuple(sorted(targets)), tuple(sorted(operands - targets)))


class ModelPlan(NamedTuple):
    """How a model's checks are evaluated.

    Values are numbered. `fixed` depends on the event structure alone and `chosen` on `rf` and `co`
    too; both are in an order in which operands come first.
    """

    size: int
    """How many values there are."""
    givens: tuple[tuple[str, str, int], ...]
    """What is given: its kind, its name, and the number of its value."""
    fixed: tuple[PlanStep | RecursionSteps, ...]
    chosen: tuple[PlanStep | RecursionSteps, ...]
    checks: tuple[tuple[ModelLine, int], ...]
    """The checks in their order, each with the number of the value that it looks at."""
    rf: int
    co: int


class TermNumbers:
    """Gives terms their numbers, and notes the steps that compute them."""

    def __init__(self) -> None:
        """No terms yet."""
        self.count = 0
        self.numbers: dict[Term, int] = {}
        self.givens: list[tuple[str, str, int]] = []
        self.fixed: list[PlanStep | RecursionSteps] = []
        self.chosen: list[PlanStep | RecursionSteps] = []

    def number(self, term: Term) -> int:
        """The number of a term; its steps are noted before, if it has no number yet."""
        if term not in self.numbers:
            self._note(term)
        return self.numbers[term]

    def _note(self, term: Term) -> None:
        """Give a term its number, and note its step."""
        match term.operator:
            case "given":
                self.givens.append((term.kind, term.name, self._next(term)))
            case "variable":
                self._next(term)
            case "recursion":
                self._note_recursion(term)
            case "result":
                self.number(term.operands[0])
                variable = term.operands[0].operands[int(term.name)]
                self.numbers[term] = self.numbers[variable]
            case _:
                operands = tuple(self.number(each) for each in term.operands)
                self._steps(term).append(PlanStep(term.operator, self._next(term), operands))

    def _next(self, term: Term) -> int:
        """The next number, which is that of the term from now on."""
        self.numbers[term] = self.count
        self.count += 1
        return self.numbers[term]

    def _steps(self, term: Term) -> list[PlanStep | RecursionSteps]:
        """Where the step of a term is noted."""
        return self.chosen if varying(term) else self.fixed

    def _note_recursion(self, term: Term) -> None:
        """Note the rounds, after all in the bodies that has no variable in it."""
        half = len(term.operands) // 2
        variables, bodies = term.operands[:half], term.operands[half:]
        for each in variables:
            self.number(each)
        inner = [self._body(body, frozenset(variables)) for body in bodies]
        rounds = recursion_of(
            tuple(
                Body(steps, self.numbers[body], self.numbers[each])
                for steps, body, each in zip(inner, bodies, variables, strict=True)
            )
        )
        self._steps(term).append(rounds)
        self.numbers[term] = self.numbers[variables[0]]

    def _body(self, body: Term, variables: frozenset[Term]) -> tuple[PlanStep, ...]:
        """The steps of a body that are to be taken anew in each round."""
        return tuple(
            PlanStep(each.operator, self.numbers[each], tuple(map(self.number, each.operands)))
            for each in self._inside(body, variables)
        )

    def _inside(self, body: Term, variables: frozenset[Term]) -> list[Term]:
        """The terms of a body that have variables in them, operands first, with numbers."""
        found: dict[Term, None] = {}

        def visit(term: Term) -> None:
            if term in found:
                return
            if not term.depends & variables:
                self.number(term)
                return
            for operand in term.operands:
                visit(operand)
            found[term] = None
            if term not in self.numbers:
                self._next(term)

        visit(body)
        return list(found)


def plan_of_checks(checks: Sequence[ModelLine]) -> ModelPlan:
    """The plan of a model's checks."""
    numbering = TermNumbers()
    rf, co = (numbering.number(given(name)) for name in CHOSEN_RELATIONS)
    looked_at = tuple((check, numbering.number(check.term)) for check in checks)
    return ModelPlan(
        size=numbering.count,
        givens=tuple(numbering.givens),
        fixed=tuple(numbering.fixed),
        chosen=tuple(numbering.chosen),
        checks=looked_at,
        rf=rf,
        co=co,
    )
