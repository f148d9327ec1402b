"""`locking explain`: what each lock and region of a placement is for."""

from argparse import Namespace
from collections.abc import Sequence

import locking.catalogue as catalogue
from locking.cli.arguments import SCOPE, fill_jobs, fill_of_placements, fill_search
from locking.cli.case_arguments import cases_of
from locking.cli.case_search import AskedCase
from locking.cli.output_files import fill_files, page_writer
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.searches import Checked, looked_at, reports_of
from locking.cli.terminal import drawable, width
from locking.errors import PlacementError
from locking.explore.coverage import operations_taken
from locking.properties.explored import Explored
from locking.scope import LKMM, MEMORY
from locking.studies.necessity import (
    RegionNumber,
    RegionUse,
    regions_taken,
    trial_of,
    tried_changes,
    uses,
)
from locking.verdicts import Report

EPILOG = (
    SCOPE
    + """
Exit status: 0 every change is decided; 2 bad usage or a wrong model; 3 something is unknown,
because a limit was reached or the command was interrupted.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("placement", metavar="P", help="a name, FILE.py or FILE.py#NAME")
    fill_of_placements(parser)
    fill_files(parser, "html")
    fill_search(parser)
    fill_jobs(parser)


def run(arguments: Namespace) -> int:
    """Try every change, and print what came of it. Errors: `LockingError`."""
    from locking.report.necessity import render  # not needed by other commands

    write_page = page_writer(arguments)

    model = catalogue.model(arguments.model, arguments.scope)
    placement = catalogue.placement(model, arguments.placement)
    tried = tried_changes(placement)
    if not tried:
        raise PlacementError(f"{placement.reference} takes no lock, so there is nothing to explain")
    cases = cases_of(model, arguments, [placement, *(made for _, made in tried)])
    checked = Checked(len(cases))
    by_placement: dict[str, list[Report]] = {}
    # A change may leave nothing that a property is about: then that is the result.
    for report in reports_of(cases, arguments, checked):
        assert report.case.placement
        by_placement.setdefault(report.case.placement.reference, []).append(report)
    base = by_placement.get(placement.reference, [])
    if len(base) < len(cases) // (len(tried) + 1):
        print(checked.stopped)
        return NOT_ALL_KNOWN
    trials = [
        trial_of(edit, made, base, by_placement.get(made.reference, [])) for edit, made in tried
    ]
    taken = taken_in([case for case in cases if case[0].placement is placement], arguments)
    used = list(uses(placement, trials, taken))
    write_page(lambda: explanation_page(used, base, checked.stopped))
    text = render(used, base, len(checked.reports), width(), checked.stopped)
    print(drawable(text), end="")
    limited = checked.interrupted or any(report.cause for report in checked.reports)
    return NOT_ALL_KNOWN if limited else AS_DECLARED


def explanation_page(used: Sequence[RegionUse], base: Sequence[Report], stopped: str) -> str:
    """The page of what was found."""
    from locking.page.explanation_to_html import render  # not needed without a page

    return render(used, base, stopped)


def taken_in(cases: list[AskedCase], arguments: Namespace) -> frozenset[RegionNumber]:
    """The regions that some run of the cases takes.

    None, where a limit ends a search, or the cases have executions and no states.
    """
    if arguments.scope.get(MEMORY) == LKMM:
        return frozenset()

    def look(report: Report, explored: Explored) -> frozenset[RegionNumber]:
        assert report.case.placement
        steps = operations_taken(explored.product, explored.graph)
        return regions_taken(report.case.placement, steps)

    found = list(looked_at(cases, arguments, Checked(len(cases)), look))
    if len(found) < len(cases) or any(report.cause for report, _ in found):
        return frozenset()
    return frozenset().union(*(taken for _, taken in found))
