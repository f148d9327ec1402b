"""`locking measure`: numbers over all runs of the cases that were asked for."""

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import NARROWING, SCOPE, fill_jobs, fill_narrowing, fill_search
from locking.cli.case_arguments import cases_of, refuse_executions
from locking.cli.output_files import fill_files, page_writer
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.searches import Checked, looked_at
from locking.cli.terminal import console, drawable, width
from locking.properties.explored import Explored
from locking.verdicts import Report

if TYPE_CHECKING:
    from locking.studies.measures import Measures

EPILOG = (
    SCOPE
    + """
Exit status: 0 all is measured; 2 bad usage or a wrong model; 3 something is not measured, because a
limit was reached, the command was interrupted, or too many states lead to each other.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, *NARROWING)
    fill_files(parser, "html")
    fill_search(parser)
    fill_jobs(parser)


def run(arguments: Namespace) -> int:
    """Measure every case, and print it as it comes. Errors: `LockingError`."""
    from locking.report.measures import measures_legend, render  # not needed by other commands
    from locking.studies.measures import measured

    refuse_executions(arguments, "a number over all runs")
    write_page = page_writer(arguments)
    model = catalogue.model(arguments.model, arguments.scope)
    cases = cases_of(model, arguments, placements_of(model, arguments.placement))
    checked = Checked(len(cases))
    unknown, told = False, set[str]()
    found: list[tuple[Report, Measures | None]] = []

    def look(report: Report, explored: Explored) -> "Measures | None":
        known = [each.claim for each in report.results if each.verdict.known]
        return measured(explored, known, arguments.max_seconds)

    for number, (report, measures) in enumerate(looked_at(cases, arguments, checked, look)):
        found.append((report, measures))
        unknown |= measures is None or bool(measures.cause or measures.stopped)
        key = "".join(f"{line}\n" for line in measures_legend(measures, told, width()))
        text = key + render(report, measures, console())
        print(("\n" if number else "") + drawable(text), end="", flush=True)
    if checked.stopped:
        print(f"\n{checked.stopped}")
    write_page(lambda: measures_page(found, checked.stopped))
    checked.refuse_vacuous()
    return NOT_ALL_KNOWN if unknown or checked.unknown else AS_DECLARED


def measures_page(found: "Sequence[tuple[Report, Measures | None]]", stopped: str) -> str:
    """The page of all cases."""
    from locking.page.measures_to_html import render  # not needed without a page

    return render(found, stopped)
