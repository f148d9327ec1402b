"""`locking trace`: print the shortest run that breaks a property, or a witness."""

import textwrap
from argparse import Namespace
from collections.abc import Sequence

import locking.catalogue as catalogue
from locking.arguments import SCOPE, Parser, fill_search
from locking.check import Result
from locking.commands.asked import case_of, with_properties
from locking.commands.screen import drawable, width
from locking.commands.searching import AS_DECLARED, NOT_ALL_KNOWN, Checked, reports_of
from locking.commands.showing import shown
from locking.properties.explored import Verdict

EPILOG = SCOPE


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.set_defaults(json=False)
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--scenario", metavar="S", help="the scenario, if the model has several")
    parser.add_argument("--placement", metavar="P", help="the placement, if it has several")
    parser.add_argument("--property", metavar="Q", help="the property; else the first that fails")
    fill_search(parser)


def run(arguments: Namespace) -> int:
    """Print the run, or why there is none to show. Errors: `LockingError`."""
    from locking.report.sentences import nothing_to_show  # not needed by other commands

    case = case_of(catalogue.model(arguments.model), arguments)
    names = [arguments.property] if arguments.property else []
    checked = Checked(1)
    for report in list(reports_of(with_properties([case], names), arguments, checked)):
        found = worth_showing(report.results)
        if found and found.choices is not None:
            print(drawable(shown(case, found.claim.name, found.choices)))
            return AS_DECLARED
        text = f"{case}: nothing to show; {nothing_to_show(report)}"
        print(textwrap.fill(text, width(), break_on_hyphens=False, break_long_words=False))
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED


def worth_showing(results: Sequence[Result]) -> Result | None:
    """The first result that fails with a path, else the first with a path."""
    found = [result for result in results if result.choices is not None]
    failing = [result for result in found if result.verdict is Verdict.FAILS]
    return next(iter([*failing, *found]), None)
