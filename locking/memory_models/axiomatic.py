"""A memory model that is given by checks on terms."""

from collections.abc import Mapping
from functools import lru_cache, partial

from locking.memory_models.candidate import Candidate, EventStructure, ForbiddenCycle, Judge
from locking.memory_models.evaluation import judge_for
from locking.memory_models.plan import Check, plan_of
from locking.memory_models.terms import Term

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
        return None
