"""A memory model that is given by checks on terms."""

from collections.abc import Mapping
from functools import lru_cache, partial

from locking.errors import ModelError
from locking.memory_models.candidate import Candidate, EventStructure, ForbiddenCycle, Judge
from locking.memory_models.derivation import Derivation
from locking.memory_models.evaluation import StructureEvaluation, passes_check
from locking.memory_models.explaining import explained_cycle
from locking.memory_models.nogoods import Nogoods
from locking.memory_models.plan import ModelLine, plan_of_checks
from locking.memory_models.terms import SET, Term, only

STRUCTURES_KEPT = 512
"""Event structures whose values are kept: threads often do the same with other values."""


class AxiomaticModel:
    """Axioms, which forbid candidate executions, and flags, which say more of those allowed."""

    def __init__(
        self,
        name: str,
        checks: tuple[ModelLine, ...],
        names: Mapping[str, Term] | None = None,
        assertions: tuple[ModelLine, ...] = (),
    ) -> None:
        """A model that reports call `name`, with its checks in the order in which they are made.

        `names` has relations that the model calls so. `assertions` are checks without `rf` and
        `co`: the model is not made for a test that fails one.
        """
        self.name = name
        self.checks = checks
        self.names = names or {}
        self.assertions = assertions
        self._plan = plan_of_checks(checks)
        self._evaluation = lru_cache(STRUCTURES_KEPT)(partial(StructureEvaluation, self._plan))

    def judge_of(self, structure: EventStructure) -> Judge:
        """A judge of the candidates of one event structure.

        Errors: `ModelError` if an assertion fails.
        """
        return self._evaluated(structure).judge

    def nogoods_of(self, structure: EventStructure) -> Nogoods:
        """Parts of `rf` and `co` of one event structure that are known to break an axiom."""
        return self._evaluated(structure).nogoods

    def _evaluated(self, structure: EventStructure) -> StructureEvaluation:
        """The evaluation of a structure, the same one for all that have equal relations."""
        if self.assertions:
            self._assert(structure)
        given = {"set": structure.sets, "relation": structure.relations}
        values = tuple(given[kind].get(name, 0) for kind, name, _ in self._plan.givens)
        return self._evaluation(structure.size, values)

    def _assert(self, structure: EventStructure) -> None:
        """Errors: `ModelError` if an assertion fails for what the threads do."""
        derivation = Derivation(Candidate(structure, 0, 0), self.names)
        for each in self.assertions:
            if not passes_check(each, structure.size, derivation.value(each.term)):
                raise ModelError(
                    f"{self.name} can't judge this test: its assertion {each.name} fails"
                )

    def why_forbidden(self, candidate: Candidate) -> ForbiddenCycle | None:
        """Why a candidate is forbidden, or None if it is allowed."""
        return explained_cycle(self.checks, self.names, candidate)

    def keeps_in_order(self, candidate: Candidate, first: int, second: int) -> bool | None:
        """Whether one event of a candidate is executed before another, by the `hb` of the model.

        None if it has none.
        """
        if "hb" not in self.names:
            return None
        derivation = Derivation(candidate, self.names)
        space = derivation.space
        before = space.closure(derivation.value(self.names["hb"]))
        return bool(before & space.relation([(first, second)]))

    def flagged(self, candidate: Candidate, flag: str) -> list[tuple[int, int]]:
        """The pairs of events for which an allowed candidate has a flag, such as the two of a race.

        An event alone is a pair with itself.
        """
        derivation = Derivation(candidate, self.names)
        found: list[tuple[int, int]] = []
        for check in self.checks:
            if check.is_flag and check.name == flag:
                term = only(check.term) if check.term.kind == SET else check.term
                found += derivation.space.pairs(derivation.value(term))
        return found
