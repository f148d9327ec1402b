"""What one memory model allows and another forbids, as a model."""

from locking.memory_models.candidate import (
    Candidate,
    EventStructure,
    ForbiddenCycle,
    Judge,
    MemoryJudgement,
    MemoryModel,
)
from locking.memory_models.relations import Relation


class Excess:
    """Allows a candidate that one model allows and another forbids."""

    name = "excess"

    def __init__(self, one: MemoryModel, other: MemoryModel) -> None:
        """The excess of the one over the other."""
        self.one, self.other = one, other

    def judge_of(self, structure: EventStructure) -> Judge:
        """A judge of the candidates of one event structure."""
        first, second = self.one.judge_of(structure), self.other.judge_of(structure)

        def judge(rf: Relation, co: Relation) -> MemoryJudgement:
            return MemoryJudgement(first(rf, co).allowed and not second(rf, co).allowed)

        return judge

    def why_forbidden(self, candidate: Candidate) -> ForbiddenCycle | None:
        """Nothing, for two models have no axiom in common."""
        return None

    def keeps_in_order(self, candidate: Candidate, first: int, second: int) -> bool | None:
        """Nothing, for this is no model of a machine."""
        return None
