"""The search of one case of those that were asked for, with what is looked for in it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from locking.check import check
from locking.explore.deadline import OutOfTime
from locking.explore.graph import INTERRUPTED
from locking.model import Case, nothing_to_judge
from locking.properties.explored import Explored
from locking.report.progress import Show, case_progress
from locking.verdicts import Options, Report

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

    def found(self, number: int, show: Show | None) -> tuple[Report, Any]:
        """What is found of one case, by its number. Errors: as `reports_of` says."""
        case, names = self.cases[number]
        progress = case_progress(f"{number + 1}/{len(self.cases)}", case, show) if show else None
        held: list[Explored] = []
        report = check(case, names, self.options, progress, self.look and held.append)
        if not report.results:
            raise nothing_to_judge(case)
        return report, self.look(report, held.pop()) if self.look else None

    def found_within(
        self, number: int, show: Show | None, seconds: float
    ) -> tuple[Report, Any] | None:
        """What `found` gives; None where that takes longer than so many `seconds`.

        A limit that is shorter still ends the search as ever. Errors: those of `found`.
        """
        limits = self.options.limits
        if limits.seconds is not None and limits.seconds <= seconds:
            return self.found(number, show)
        begun = time.perf_counter()
        hurried = replace(self.options, limits=replace(limits, seconds=seconds))
        try:
            found = replace(self, options=hurried).found(number, show)
        except OutOfTime:
            return None
        if found[0].cause == INTERRUPTED:
            return found
        # Part of what a limit of time leaves out is not told in a report.
        return found if time.perf_counter() - begun <= seconds else None
