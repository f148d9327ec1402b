"""Searching the cases that were asked for, until all are done or Ctrl-C.

Rule of this file: what is found, and its order, is the same however many are searched at once.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import locking.cli.arguments as command_line
from locking.cli.case_search import AskedCase, CaseSearch, LookAt
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED
from locking.errors import Vacuous, unknown
from locking.explore.graph import INTERRUPTED
from locking.properties.explored import Verdict
from locking.report.progress import Show, progress_line
from locking.verdicts import Report, Result, expected_of_nothing, never_evaluated

ALONE = 2.0
"""Seconds for which one process searches alone, before others help it."""


@dataclass
class Checked:
    """The reports of a check so far, and how many cases it was to have."""

    cases: int
    reports: list[Report] = field(default_factory=list)
    interrupted: bool = False

    @property
    def results(self) -> list[Result]:
        """Every result there is."""
        return [result for report in self.reports for result in report.results]

    @property
    def stopped(self) -> str:
        """How far an interrupted check came."""
        complete = sum(report.cause is None for report in self.reports)
        return f"interrupted: {complete} of {self.cases} searches done" if self.interrupted else ""

    @property
    def unknown(self) -> bool:
        """Whether something that was asked is not known."""
        return self.interrupted or any(r.verdict is Verdict.UNKNOWN for r in self.results)

    def refuse_vacuous(self) -> None:
        """Refuse a property that no case evaluates, where all were searched. Errors: `Vacuous`."""
        for report, result in never_evaluated(() if self.interrupted else self.reports):
            raise Vacuous(f"{report.case}: property {result.claim.name!r}: {result.cause}")

    def refuse_unknown(self) -> None:
        """Refuse to declare a verdict of a property that is not there. Errors: `UsageError`."""
        for expect in expected_of_nothing(() if self.interrupted else self.reports):
            known = dict.fromkeys(result.claim.name for result in self.results)
            raise unknown("property, of which a verdict is declared,", expect.property, known)

    @property
    def status(self) -> int:
        """The exit status: a verdict that is wrong outweighs one that is unknown."""
        if any(result.wrong for result in self.results):
            return NOT_AS_DECLARED
        return NOT_ALL_KNOWN if self.unknown else AS_DECLARED


def reports_of(
    cases: Sequence[AskedCase], arguments: Namespace, checked: Checked
) -> Iterator[Report]:
    """The report of every case, in order, as it comes, until Ctrl-C; all end up in `checked`.

    Errors: `ModelError` for a case without properties, and those of `check`.
    """
    return (report for report, _ in looked_at(cases, arguments, checked, None))


def looked_at(
    cases: Sequence[AskedCase], arguments: Namespace, checked: Checked, look: LookAt | None
) -> Iterator[tuple[Report, Any]]:
    """What `reports_of` gives, each with what `look` gives for it and for what was explored.

    That is None where nothing is known of a case. Side by side, it must be what pickle can write.

    Errors: those of `reports_of`.
    """
    options = command_line.search_options(arguments)
    jobs = command_line.jobs_of(arguments, len(cases))
    # What is printed or logged on the same terminal in between would break the line.
    alone = not arguments.verbose and not (arguments.json and sys.stdout.isatty())
    try:
        with progress_line(wanted=alone) as show:
            search = CaseSearch(cases, options, look)
            found = found_by(search, jobs, show, at_once=command_line.from_the_start(arguments))
            while step := next_found(found):
                report, seen = step
                checked.reports.append(report)
                checked.interrupted = report.cause == INTERRUPTED
                if show:
                    show("")  # whoever takes the report may print it on the same terminal
                yield report, seen
                if checked.interrupted:
                    return
    except KeyboardInterrupt:
        checked.interrupted = True


def next_found(found: Iterator[tuple[Report, Any]]) -> tuple[Report, Any] | None:
    """What is found next; None at the end. What models print meanwhile is no result."""
    with redirect_stdout(sys.stderr):
        return next(found, None)


def found_by(
    search: CaseSearch, jobs: int, show: Show | None, *, at_once: bool
) -> Iterator[tuple[Report, Any]]:
    """What is found of each case, in order; side by side, where that can be.

    Unless that is to be `at_once`, this process begins alone: a copy of it has to learn again what
    all cases have in common, and costs more than it brings where little is left. A case that takes
    longer than that is begun again by a copy. Where cases have a limit of time, none of it is to be
    lost so, and copies begin at once.
    """
    alone = jobs > 1 and not at_once and search.options.limits.seconds is None
    begun, given_up = 0, None
    for found, whole in found_alone(search, show) if alone else ():
        if whole:
            yield found
            begun += 1
        else:
            given_up = found
    yield from no_less_than(given_up, found_from(search, begun, jobs, show))


def found_alone(search: CaseSearch, show: Show | None) -> Iterator[tuple[tuple[Report, Any], bool]]:
    """What is found of the first cases, until this process has worked on them for `ALONE` seconds.

    With each comes whether that is all. A case that takes as long as that itself is given up, with
    what is known of it. It is searched again with those after it.
    """
    begun = time.process_time()
    for number in range(len(search.cases)):
        if time.process_time() - begun > ALONE:
            return
        found, whole = search.found_within(number, show, ALONE)
        yield found, whole
        if not whole:
            return


def no_less_than(
    known: tuple[Report, Any] | None, founds: Iterator[tuple[Report, Any]]
) -> Iterator[tuple[Report, Any]]:
    """What is found of cases, but what is `known` of the first one, if Ctrl-C leaves less of it.

    Errors: as `reports_of` says; `KeyboardInterrupt`, after what was found until then.
    """
    try:
        for report, seen in founds:
            less = known and report.cause == INTERRUPTED and report.states < known[0].states
            yield known if known and less else (report, seen)
            known = None
    except KeyboardInterrupt:
        if known:
            yield known
        raise


def found_from(
    search: CaseSearch, begun: int, jobs: int, show: Show | None
) -> Iterator[tuple[Report, Any]]:
    """What is found of each case from a number on, in order; side by side, where that can be."""
    if jobs > 1 and begun < len(search.cases):
        from locking.cli.jobs import side_by_side  # slow to import, and not needed for one case
        from locking.side_by_side import can_copy

        if can_copy():
            yield from side_by_side(search, jobs, show, begun)
            return
    for number in range(begun, len(search.cases)):
        yield search.found(number, show)


def worth_showing(results: Sequence[Result]) -> Result | None:
    """The first result that fails with a path, else the first with a path."""
    found = [result for result in results if result.choices is not None]
    failing = [result for result in found if result.verdict is Verdict.FAILS]
    return next(iter([*failing, *found]), None)
