"""Necessity: what each region of a placement is for, by what breaks when it is changed.

Two reports of one case are compared, of the placement and of a changed one. What held and now fails
is what the region protected; what is now possible, or possible for more threads at once, is what it
costs.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from locking.objects.operation import Operation
from locking.placements.edit import Edit, edited, edits, regions
from locking.placements.placement import Placement
from locking.properties.explored import Verdict
from locking.verdicts import Report, Result

RegionNumber = tuple[str, int]
"""A region of a placement: the role, and its number among those of the role, from 1."""


@dataclass(frozen=True)
class Flip:
    """A verdict of one case that is another under the other placement: `before` and `after`."""

    report: Report
    before: Result
    after: Result

    @property
    def is_loss(self) -> bool:
        """Whether what held fails now, or fewer threads can be together."""
        if self.before.verdict is self.after.verdict:
            return (self.after.at_once or 0) < (self.before.at_once or 0)
        return self.after.verdict is Verdict.FAILS

    @property
    def length(self) -> int:
        """The steps of the run that shows it; a run that there is not is longer than any."""
        return len(self.after.choices) if self.after.choices is not None else 2**63


def result_pairs(old: Report, new: Report) -> Iterator[tuple[Result, Result]]:
    """What is judged in both of two reports: the results of each."""
    found = {result.claim.name: result for result in new.results}
    for result in old.results:
        other = found.pop(result.claim.name, None) or unshown(new, result)
        if other:
            yield result, other
    for other in found.values():
        mine = unshown(old, other)
        if mine:
            yield mine, other


def report_pairs(
    before: Sequence[Report], after: Sequence[Report]
) -> Iterator[tuple[Report, Report]]:
    """The reports of two placements, of one scenario and variant each."""
    known = {(each.case.scenario.reference, each.case.variant): each for each in after}
    for old in before:
        new = known.get((old.case.scenario.reference, old.case.variant))
        if new is not None:
            yield old, new


def unshown(report: Report, result: Result) -> Result | None:
    """The result of `report` for a property that only another report shows.

    What is judged always is shown only where it fails; nothing else was asked for.
    """
    if result.asked:
        return None
    verdict = Verdict.UNKNOWN if report.cause else Verdict.HOLDS
    return Result(result.claim, verdict, None, cause=report.cause, asked=False)


def flips(old: Report, new: Report) -> Iterator[Flip]:
    """The verdicts that differ between two reports, where both are known."""
    for result, other in result_pairs(old, new):
        if not (result.verdict.known and other.verdict.known):
            continue
        counts = (
            Count(result.at_once or 0, bool(old.cause)),
            Count(other.at_once or 0, bool(new.cause)),
        )
        if result.verdict is not other.verdict or differ(*counts):
            yield Flip(new, result, other)


class Count(NamedTuple):
    """How many threads were found together; `or_more` if the search ended early."""

    found: int
    or_more: bool


def differ(one: Count, other: Count) -> bool:
    """Whether two counts are known to differ: the smaller one may be no more than was found."""
    less, more = sorted((one, other))
    return less.found < more.found and not less.or_more


@dataclass(frozen=True)
class Undecided:
    """A verdict that is not known: of which property, in which scenario, and why.

    Both names are empty where nothing is known of any.
    """

    property: str
    scenario: str
    cause: str


@dataclass(frozen=True)
class Trial:
    """A changed placement and what came of it; `undecided` is what could not be decided."""

    edit: Edit
    placement: Placement
    flips: tuple[Flip, ...] = ()
    undecided: tuple[Undecided, ...] = ()

    @property
    def losses(self) -> list[Flip]:
        """What breaks, of properties that want no witness; shortest runs first."""
        lost = [flip for flip in self.flips if flip.is_loss and not flip.after.claim.wanted]
        return sorted(lost, key=lambda flip: flip.length)

    @property
    def costs(self) -> list[Flip]:
        """What is no longer possible, or for fewer at once."""
        return [flip for flip in self.flips if flip.is_loss and flip.after.claim.wanted]

    @property
    def gains(self) -> list[Flip]:
        """What holds that failed, or can be done by more at once."""
        return [flip for flip in self.flips if not flip.is_loss]


@dataclass(frozen=True)
class RegionUse:
    """What one region is for, or all those of one lock (`number` is None): the trials made.

    `taken` is whether some run of the placement as it is takes the region.
    """

    whose: str
    number: int | None
    text: str
    parts: tuple[str, ...]
    trials: tuple[Trial, ...]
    taken: bool = True

    @property
    def redundant(self) -> bool:
        """Whether every change by which less is held keeps every property that holds.

        Nothing can be told of a region that no run takes.
        """
        weaker = [trial for trial in self.trials if trial.edit.weakens]
        kept = not any(trial.undecided or trial.losses or trial.costs for trial in weaker)
        return self.taken and kept


def tried_changes(placement: Placement) -> list[tuple[Edit, Placement]]:
    """Every change that is tried, with the placement that it makes."""
    return [(edit, edited(placement, edit)) for edit in edits(placement)]


def trial_of(
    edit: Edit, placement: Placement, before: Sequence[Report], after: Sequence[Report]
) -> Trial:
    """What came of one change, by the reports of the same cases; fewer, if it was interrupted."""
    if len(after) < len(before):
        return Trial(edit, placement, undecided=(Undecided("", "", "interrupted"),))
    pairs = list(report_pairs(before, after))
    unknown = [
        Undecided(each.claim.name, new.case.scenario.name, each.cause or result.cause or "")
        for old, new in pairs
        for result, each in result_pairs(old, new)
        if not (result.verdict.known and each.verdict.known) and result.verdict is not Verdict.FAILS
    ]
    found = [flip for old, new in pairs for flip in flips(old, new)]
    return Trial(edit, placement, tuple(found), tuple(unknown))


def regions_taken(placement: Placement, steps: Sequence[Operation]) -> frozenset[RegionNumber]:
    """The regions of a placement that one of `steps`, the operations of its runs, takes."""
    sites = {id(step.site) for step in steps if step.site}
    return frozenset(
        (role, number)
        for role, trees in placement.roles.items()
        for number, (_, _, region) in enumerate(regions(trees), 1)
        if id(region.site) in sites
    )


def uses(
    placement: Placement, trials: Sequence[Trial], taken: Collection[RegionNumber] = ()
) -> list[RegionUse]:
    """The trials, put together by what was changed, in the order of the placement.

    `taken` are the regions that runs of the placement take. Where there are none, the model does
    not take them as `perform` does, and each counts as taken.
    """
    found = []
    for role, trees in placement.roles.items():
        for number, (_, _, region) in enumerate(regions(trees), 1):
            own = [each for each in trials if (each.edit.whose, each.edit.region) == (role, number)]
            parts = tuple(map(str, (*region.body, *region.lowered)))
            runs_take_it = not taken or (role, number) in taken
            found.append(RegionUse(role, number, str(region), parts, tuple(own), runs_take_it))
    for each in trials:
        if each.edit.region is None:
            found.append(RegionUse(each.edit.whose, None, each.edit.whose, (), (each,)))
    return found
