"""What a check is asked for and what it says: limits and options, results and reports."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from types import CodeType
from typing import TYPE_CHECKING

from locking.errors import UsageError
from locking.explore.graph import Choice
from locking.explore.growth import Growth
from locking.explore.reduction.levels import AUTOMATIC, Level, levels
from locking.explore.room import Room
from locking.explore.search import RAY
from locking.model import Case, Expect
from locking.properties.explored import Finding, Property, Verdict
from locking.properties.races import Race
from locking.scope import LKMM, MEMORY
from locking.system import chosen

if TYPE_CHECKING:
    from locking.executions.shown import ShownExecution


@dataclass(frozen=True)
class Limits:
    """When a search stops unfinished: states met, bytes of memory of this process, seconds.

    `spent` seconds were spent on the search before, such as by a process that was killed. They
    count as seconds of this search.
    """

    states: int | None = None
    memory: int | None = None
    seconds: float | None = None
    spent: float = 0.0

    def begun(self) -> float:
        """The time on the clock `time.perf_counter` from which a search counts that begins now."""
        return time.perf_counter() - self.spent


@dataclass(frozen=True)
class Options:
    """How to search: the engine by name, what is left out, and the limits.

    `checkpoint` is a file in which the search is kept, so that it can be resumed. `disk` is a
    folder for states that are too many for memory; without one it is the system's. The engine `ray`
    has its states in so many `shards`, on the cluster at `address`. `reduction` is one of
    `REDUCTIONS`, or `automatic`; a search that is kept, or shown as a whole, leaves out no more
    than `merge` does.
    """

    engine: str = "automatic"
    limits: Limits = field(default_factory=Limits)
    checkpoint: str | None = None
    reduction: str = AUTOMATIC
    disk: str | None = None
    address: str | None = None
    shards: int | None = None

    def __post_init__(self) -> None:
        if (self.address or self.shards) and self.engine != RAY:
            raise UsageError(f"--address and --shards are for --engine {RAY}")
        if self.checkpoint and self.engine == RAY:
            raise UsageError(f"--checkpoint keeps no search of --engine {RAY}")

    def after(self, seconds: float) -> "Options":
        """These options, for a search on which so many `seconds` were spent before."""
        return replace(self, limits=replace(self.limits, spent=seconds))

    @property
    def room(self) -> Room:
        """Where states may be."""
        return Room(self.limits.memory, self.disk, self.address, self.shards)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels at which properties are judged. Errors: `UsageError`."""
        return levels(self.reduction)


@dataclass(frozen=True)
class Result:
    """The verdict of one property, `claim`; `path` replays its counterexample or witness.

    `declared` is the verdict that the model expects, or None for a placement that is not its own;
    `choices` the path itself, None where there is none. `cause` says why a verdict is unknown, or
    why the property was never evaluated. `asked` is whether it is one of the system's properties;
    if not, it is judged of every system, and shown because it fails. `races` are those that the
    search met, where a data race fails: first those of the path. `execution` is what shows a
    failure under `--memory lkmm`, where there are no paths.
    """

    claim: Property
    verdict: Verdict
    declared: Expect | None
    at_once: int | None = None
    choices: tuple[Choice, ...] | None = None
    path: str | None = None
    finding: Finding | None = None
    cause: str | None = None
    asked: bool = True
    races: tuple[Race, ...] = ()
    execution: "ShownExecution | None" = None

    @property
    def wrong(self) -> bool:
        """Whether the verdict is known and not the one that was wanted.

        A property that is never evaluated has no counterexample, and no witness either.
        """
        wanted = self.declared.verdict if self.declared else Verdict.HOLDS
        shown = self.verdict
        if shown is Verdict.NEVER_EVALUATED:
            shown = Verdict.FAILS if self.claim.wanted else Verdict.HOLDS
        return shown not in (wanted, Verdict.UNKNOWN)

    @property
    def breaks(self) -> bool:
        """Whether a property fails that wants no witness."""
        return self.verdict is Verdict.FAILS and not self.claim.wanted


@dataclass(frozen=True)
class Report:
    """What one search found. `interleavings` is None where a cycle makes them infinitely many.

    It is None as well where the search ended early, and `cause` says why, or where interleavings
    are not `counted`: a partial order leaves most of them out, or they take too much disk. `lines`
    are the model's lines that it came to; `growing` what came to new states until a search ended
    early. `on_disk` is how many bytes of a disk it took. `reduction` is what the space leaves out
    whose states are counted; with `symmetry`, one state stands for all that differ by a renaming of
    threads.
    """

    case: Case
    results: tuple[Result, ...]
    states: int
    explored: int
    transitions: int
    depth: int
    interleavings: int | None
    engine: str
    seconds: float
    cause: str | None
    lines: frozenset[tuple[CodeType, int]]
    counted: bool = True
    growing: tuple[Growth, ...] = ()
    on_disk: int = 0
    reduction: str = "merge"

    @property
    def of_executions(self) -> bool:
        """Whether executions were gone through, and no states."""
        return self.case.scope.get(MEMORY) == LKMM

    @property
    def folded(self) -> bool:
        """Whether one state stands for all that differ by a renaming of threads."""
        return any(level.folded for level in levels(self.reduction)[:1])

    @property
    def broken(self) -> bool:
        """Whether some run fails: then it may not come to what other properties speak of."""
        return any(result.breaks for result in self.results)


def unknown_report(case: Case, names: Sequence[str], engine: str, cause: str) -> Report:
    """The report of a case of which nothing was found; `cause` says why.

    `names` and `engine` are those that were asked for. Errors: those of building the case.
    """
    results = tuple(
        Result(each, Verdict.UNKNOWN, case.model.declared(case, each.name), cause=cause)
        for each in chosen(case.build(), names)
    )
    return Report(case, results, 0, 0, 0, 0, None, engine, 0.0, cause, frozenset())


def never_evaluated(reports: Sequence[Report]) -> Iterator[tuple[Report, Result]]:
    """Each property that none of `reports` evaluates, of the first in which no run fails.

    Where runs fail in all of them, it may be for that reason, and the failure is to be fixed first.
    """
    evaluated = {
        result.claim.name
        for report in reports
        for result in report.results
        if result.verdict is not Verdict.NEVER_EVALUATED
    }
    for report in reports:
        for result in report.results:
            if result.claim.name not in evaluated and not report.broken:
                evaluated.add(result.claim.name)
                yield report, result


def expected_of_nothing(reports: Sequence[Report]) -> Iterator[Expect]:
    """Each verdict that the model declares of a property that none of `reports` has.

    Of one that is declared of cases that were not searched, or not to their end, nothing is said;
    nor of one for some scopes only.
    """
    if not reports or any(report.cause for report in reports):
        return
    if MEMORY in reports[0].case.scope:
        return  # some properties are not judged then
    model = reports[0].case.model
    judged = {result.claim.name for report in reports for result in report.results}
    searched = {
        (case.scenario.name, case.placement.name if case.placement else "", case.variant)
        for case in (report.case for report in reports)
    }
    for expect in model.expected:
        declared = product(
            expect.scenarios or [each.name for each in model.scenarios],
            expect.placements or [each.name for each in model.placements] or [""],
            expect.variants or model.variants or [""],
        )
        if expect.property not in judged and not expect.scope and searched.issuperset(declared):
            yield expect
