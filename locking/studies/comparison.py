"""Two placements, side by side: which verdicts flip, and what becomes of a run under the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from locking.explore.graph import Choice
from locking.explore.product import Product
from locking.model import Case
from locking.objects.operation import Object
from locking.placements.edit import locks_taken
from locking.properties.deadlock import waits_for
from locking.properties.explored import Property
from locking.studies.carry import Carried, Carrying, shown_by_state, turns
from locking.studies.necessity import Flip, flips
from locking.system import called
from locking.traces.replay import Trace, replay
from locking.verdicts import Report, Result


@dataclass(frozen=True)
class Measured:
    """A report with the length of its critical path, None where no run ends or that is unknown."""

    report: Report
    rounds: int | None


@dataclass(frozen=True)
class FlippedVerdict:
    """A verdict that flips, and what becomes of the run that shows it under the other placement.

    `run` is the result that has a run, `of` its report; `stopped` says how the other one, `other`,
    stops it, or that it goes on to its end.
    """

    flip: Flip
    of: Report
    run: Result | None
    other: Report
    stopped: str


def verdict_differences(one: Sequence[Measured], two: Sequence[Measured]) -> list[FlippedVerdict]:
    """The verdicts that differ between two placements, in the order of scenarios."""
    reports = {id(other.report): mine.report for mine, other in zip(one, two, strict=True)}
    found = flips([each.report for each in one], [each.report for each in two])
    return [flipped_verdict(flip, reports[id(flip.report)], flip.report) for flip in found]


def flipped_verdict(flip: Flip, one: Report, two: Report) -> FlippedVerdict:
    """One of them, its run carried over."""
    shows_before = flip.before.choices is not None and not (
        flip.after.choices is not None and (flip.after.at_once or 0) > (flip.before.at_once or 0)
    )
    run, of, other = (flip.before, one, two) if shows_before else (flip.after, two, one)
    if run.choices is None:
        return FlippedVerdict(flip, of, None, other, "")
    return FlippedVerdict(flip, of, run, other, carried_outcome(of.case, run, other.case))


def carried_outcome(case: Case, run: Result, other: Case) -> str:
    """What becomes of a run of `case`, carried over to the `other` case."""
    assert run.choices is not None
    target = other.build()
    property_ = called(target, run.claim.name)
    here, there = case.build().product(), target.product()
    carried = carried_over(here, run.choices, there, property_, locks_of(case) | locks_of(other))
    return carried_in_words(replay(there, carried.choices), carried)


def carried_over(
    here: Product,
    choices: Sequence[Choice],
    there: Product,
    property_: Property,
    offered: frozenset[Object],
) -> Carried:
    """How far a run comes in another product, whose locks, and its own, are those `offered`."""
    carrying = Carrying(
        there, offered, lambda state: shown_by_state(there, property_, state) is not None
    )
    return carrying.carry(turns(here, choices, offered))


def carried_in_words(trace: Trace, carried: Carried) -> str:
    """What became of it, in words; `trace` is the run that was carried over."""
    if carried.waiting is None:
        return "the same schedule does not show it there"
    who = trace.names[carried.waiting]
    step, held = waits_for(trace.product, trace.end).get(who, (None, []))
    if step is None:
        return f"the same schedule ends there after {len(carried.choices)} steps"
    holders = f", held by {' and '.join(held)}" if held else ""
    return (
        f"the same schedule is stopped there after {len(carried.choices)} steps: "
        f"{who} waits for {step.target.name}{holders}"
    )


def locks_of(case: Case) -> frozenset[Object]:
    """The locks that the regions of a case's placement take."""
    roles = case.placement.roles.values() if case.placement else ()
    return frozenset(lock for trees in roles for lock in locks_taken(trees))
