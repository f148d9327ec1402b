"""What a trace says of some placements: all that is printed, in whatever form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from locking.conformance.discipline import Count, discipline_of
from locking.conformance.event_map import EventMap
from locking.conformance.following import Offence
from locking.conformance.judged import Conformance, Judged, judge_placement, key_of_roles, ruled_out
from locking.conformance.recording import Recording
from locking.model import Model
from locking.placements.placement import Placement


@dataclass(frozen=True)
class TraceAnswer:
    """What was found of each placement, and what the locks alone show.

    `by_role` has, for a placement that differs, what rules out each of its roles. A trace that is
    `coarse` shows no named step, and then no placement is judged.
    """

    recording: Recording
    found: tuple[Judged, ...]
    by_role: Mapping[str, Mapping[str, Offence]]
    counts: Mapping[str, Count]
    coarse: bool

    def roles_of(self, judged: Judged) -> Mapping[str, Offence]:
        """What rules out each role of a placement."""
        return self.by_role.get(judged.placement.reference, {})

    @property
    def possible(self) -> list[Judged]:
        """The placements that no event rules out."""
        return [each for each in self.found if not each.offence]

    @property
    def undisciplined(self) -> bool:
        """Whether the locks alone show something wrong."""
        return any(each.wrong and each.lines for each in self.counts.values())


def answer_of(
    model: Model, placements: Sequence[Placement], events: EventMap, recording: Recording
) -> TraceAnswer:
    """What a recording says of placements. Errors: `UsageError` for a map that does not fit."""
    rows = (*events.steps.values(), *events.failures.values())
    of_steps = {item.name for row in rows for item in row}
    coarse = not of_steps & recording.alphabet
    judged = [] if coarse else placements
    found = tuple(judge_placement(model, each, events, recording) for each in judged)
    fitting = [each for each in found if each.conformance is Conformance.CONFORMS]
    known = {key_of_roles(each.roles): each.offence for each in found}
    by_role = {
        each.placement.reference: ruled_out(each, fitting[-1], events, recording, known)
        for each in found
        if each.offence and fitting
    }
    return TraceAnswer(recording, found, by_role, discipline_of(events, recording), coarse)
