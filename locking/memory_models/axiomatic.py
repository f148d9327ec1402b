"""A memory model that is given by checks on terms."""

from collections.abc import Mapping
from functools import lru_cache, partial

from locking.memory_models.candidate import Candidate, EventStructure, ForbiddenCycle, Judge
from locking.memory_models.derivation import Derivation
from locking.memory_models.evaluation import judge_for
from locking.memory_models.explaining import explained
from locking.memory_models.plan import Check, plan_of
from locking.memory_models.terms import SET, Term, among

STRUCTURES_KEPT = 512
"""Judges of event structures that are kept: threads often do the same with other values."""


class AxiomaticModel:
    """Axioms, which forbid candidate executions, and flags, which say more of those allowed."""

    def __init__(
        self, name: str, checks: tuple[Check, ...], names: Mapping[str, Term] | None = None
    ) -> None:
        """A model that reports call `name`, with its checks in the order in which they are made.

        `names` has relations that the model calls so.
        """
        self.name = name
        self.checks = checks
        self.names = names or {}
        self._plan = plan_of(checks)
        self._judge = lru_cache(STRUCTURES_KEPT)(partial(judge_for, self._plan))

    def judge_of(self, structure: EventStructure) -> Judge:
        """A judge of the candidates of one event structure."""
        given = {"set": structure.sets, "relation": structure.relations}
        values = tuple(given[kind].get(name, 0) for kind, name, _ in self._plan.givens)
        return self._judge(structure.size, values)

    def why_forbidden(self, candidate: Candidate) -> ForbiddenCycle | None:
        """Why a candidate is forbidden, or None if it is allowed."""
        return explained(self.checks, self.names, candidate)

    def flagged(self, candidate: Candidate, flag: str) -> list[tuple[int, int]]:
        """The pairs of events for which an allowed candidate has a flag, such as the two of a race.

        An event alone is a pair with itself.
        """
        derivation = Derivation(candidate, self.names)
        found: list[tuple[int, int]] = []
        for check in self.checks:
            if check.is_flag and check.name == flag:
                term = among(check.term) if check.term.kind == SET else check.term
                found += derivation.space.pairs(derivation.value(term))
        return found
