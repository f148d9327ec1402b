"""What if: the schedule of a failing run, under a placement that does not fail so."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import islice

from locking.page.built import Built
from locking.page.runs import run
from locking.page.table import JsonValue, SharedTables, printable
from locking.properties.deadlock import waits_for
from locking.properties.explored import Verdict
from locking.studies.carry import Carried
from locking.studies.comparison import carried_in_words, carried_over, locks_of
from locking.traces.replay import Trace, replay
from locking.verdicts import Report, Result

TRIED = 3
"""Placements that the schedule is carried over to, the most alike first."""


def what_ifs(
    shared: SharedTables, built: Built, report: Report, result: Result, reports: Sequence[Report]
) -> list[JsonValue]:
    """The run's schedule under the most similar placements, those that stop it first."""
    found: list[tuple[Report, Carried, Trace]] = []
    for other in islice(similar_holding(report, result, reports), TRIED):
        product = built.product(other.case)
        carried = carried_over(
            built.product(report.case),
            result.choices or (),
            product,
            built.property(other.case, result.claim.name),
            locks_of(report.case) | locks_of(other.case),
        )
        found.append((other, carried, replay(product, carried.choices)))
    found.sort(key=lambda each: not ends_waiting(each[2], each[1]))
    return [what_if(shared, *each) for each in found]


def what_if(shared: SharedTables, other: Report, carried: Carried, trace: Trace) -> JsonValue:
    """Another placement, what becomes of the schedule under it, in words, and as a run."""
    assert other.case.placement
    return [
        printable(other.case.placement.reference),
        shared.clauses.number(printable(carried_in_words(trace, carried))),
        run(shared, trace),
    ]


def ends_waiting(trace: Trace, carried: Carried) -> bool:
    """Whether a run that was carried over ends because a thread must wait."""
    at = carried.waiting
    return at is not None and trace.names[at] in waits_for(trace.product, trace.end)


def similar_holding(report: Report, result: Result, reports: Sequence[Report]) -> Sequence[Report]:
    """The reports of the same scenario in which the property holds, the most alike first."""
    here = repr(report.case.placement)
    holds = [
        other
        for other in reports
        if other.case.placement
        and other.case.scenario == report.case.scenario
        and other.case.variant == report.case.variant
        and any(
            each.claim.name == result.claim.name and each.verdict is Verdict.HOLDS
            for each in other.results
        )
    ]
    return sorted(holds, key=lambda other: -likeness(here, repr(other.case.placement)))


@cache
def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
