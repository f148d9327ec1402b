"""Searching the cases that were asked for, one after the other, until all are done or Ctrl-C."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import locking.cli.arguments as command_line
from locking.check import check
from locking.errors import Vacuous, unknown
from locking.explore.graph import INTERRUPTED
from locking.model import Case, nothing_to_judge
from locking.properties.explored import Explored, Verdict
from locking.verdicts import Report, Result, expected_of_nothing, never_evaluated

AS_DECLARED, NOT_AS_DECLARED, NOT_ALL_KNOWN = 0, 1, 3
"""Exit statuses of what could be done; the others are in `locking.cli`."""


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
    cases: Sequence[tuple[Case, list[str]]],
    arguments: Namespace,
    checked: Checked,
    look: Callable[[Explored], object] | None = None,
) -> Iterator[Report]:
    """The report of every case, as it comes, until Ctrl-C; all of them end up in `checked`.

    `look` is as in `locking.check`.

    Errors: `ModelError` for a case without properties, and those of `check`.
    """
    from locking.report import progress

    options = command_line.search_options(arguments)
    # What is printed or logged on the same terminal in between would break the line.
    alone = not arguments.verbose and not (arguments.json and sys.stdout.isatty())
    try:
        with progress.case_progress(len(cases), wanted=alone) as progress_of:
            for case, names in cases:
                report = check(case, names, options, progress_of(case), look)
                if not report.results:
                    raise nothing_to_judge(case)
                checked.reports.append(report)
                checked.interrupted = report.cause == INTERRUPTED
                yield report
                if checked.interrupted:
                    return
    except KeyboardInterrupt:
        checked.interrupted = True


def worth_showing(results: Sequence[Result]) -> Result | None:
    """The first result that fails with a path, else the first with a path."""
    found = [result for result in results if result.choices is not None]
    failing = [result for result in found if result.verdict is Verdict.FAILS]
    return next(iter([*failing, *found]), None)
