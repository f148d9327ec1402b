"""The search of one case of those that were asked for, with what is looked for in it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from locking.check import check
from locking.explore.deadline import OutOfTime
from locking.explore.graph import INTERRUPTED
from locking.model import Case, nothing_to_judge
from locking.properties.explored import Explored, Verdict
from locking.report.progress import Show, case_progress
from locking.verdicts import Options, Report, unknown_report

AskedCase = tuple[Case, list[str]]
"""A case, and the names of the properties that are judged of it."""

LookAt = Callable[[Report, Explored], Any]
"""What is called with a report and with everything that was explored, before that is dropped."""


@dataclass(frozen=True)
class CaseSearch:
    """What is searched for: cases, how, and what to look for in what was explored."""

    cases: Sequence[AskedCase]
    options: Options
    look: LookAt | None

    def found(self, number: int, show: Show | None, spent: float = 0.0) -> tuple[Report, Any]:
        """What is found of one case, by its number; `spent` seconds were spent on it before.

        Errors: as `reports_of` says.
        """
        options = self.options.after(spent)
        try:
            return self.searched(number, show, options)
        except OutOfTime as late:
            return self.unknown(number, str(late.__cause__ or late)), None

    def found_within(
        self, number: int, show: Show | None, seconds: float
    ) -> tuple[tuple[Report, Any], bool]:
        """What `found` gives, and whether that is all.

        It is not where `found` takes longer than so many `seconds`; then it is as after Ctrl-C.

        Errors: those of `found`.
        """
        begun = time.perf_counter()
        hurried = replace(self.options, limits=replace(self.options.limits, seconds=seconds))
        try:
            report, seen = self.searched(number, show, hurried)
        except OutOfTime:
            return (self.unknown(number, INTERRUPTED), None), False
        # Part of what a limit of time leaves out is not told in a report.
        whole = report.cause == INTERRUPTED or time.perf_counter() - begun <= seconds
        return (report if whole else interrupted(report), seen), whole

    def searched(self, number: int, show: Show | None, options: Options) -> tuple[Report, Any]:
        """What a search of one case finds. Errors: those of `found`; `OutOfTime`."""
        case, names = self.cases[number]
        progress = case_progress(f"{number + 1}/{len(self.cases)}", case, show) if show else None
        held: list[Explored] = []
        report = check(case, names, options, progress, self.look and held.append)
        if not report.results:
            raise nothing_to_judge(case)
        return report, self.look(report, held.pop()) if self.look else None

    def unknown(self, number: int, cause: str) -> Report:
        """The report of a case of which nothing was found, for a cause."""
        return unknown_report(*self.cases[number], self.options.engine, cause)


def interrupted(report: Report) -> Report:
    """The report of a search that was cut short, as Ctrl-C would have left it."""
    results = [
        replace(each, cause=INTERRUPTED) if each.verdict is Verdict.UNKNOWN else each
        for each in report.results
    ]
    return replace(report, results=tuple(results), cause=INTERRUPTED)
