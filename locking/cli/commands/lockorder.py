"""`locking lockorder`: which lock is taken under which in all runs, and where that goes round."""

from argparse import Namespace

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import SCOPE, Parser, fill_narrowing, fill_search
from locking.cli.case_arguments import cases_of, refuse_algorithms
from locking.cli.searches import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Checked, reports_of
from locking.cli.terminal import console, drawable, width
from locking.properties.explored import Explored

EPILOG = (
    SCOPE
    + """
Exit status: 0 no run closes a cycle, 1 some does, 2 bad usage or a wrong model, 3 not all runs are
known, because a limit was reached or it was interrupted.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, "--scenario", "--placement")
    fill_search(parser)


def run(arguments: Namespace) -> int:
    """Print the lock order of every case, as it comes. Errors: `LockingError`."""
    from locking.report.lock_order import one_order, render  # not needed by others
    from locking.studies.lock_order import Dependencies, LockOrder

    refuse_algorithms(arguments, "the order is that in which locks are asked for, not their words")
    arguments.property = []
    model = catalogue.model(arguments.model)
    cases = cases_of(model, arguments, placements_of(model, arguments.placement))
    checked = Checked(len(cases))
    seen: list[Explored] = []
    orders: list[Dependencies] = []
    closed = False
    for number, report in enumerate(reports_of(cases, arguments, checked, seen.append)):
        found = LockOrder(seen.pop())
        orders.append(found.order)
        closed |= any(cycle.choices is not None for cycle in found.cycles)
        print(("\n" if number else "") + drawable(render(report, found, console())), end="")
    for line in [*one_order(orders, width()), *filter(None, [checked.stopped])]:
        print(drawable(line))
    if closed:
        return NOT_AS_DECLARED
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED
