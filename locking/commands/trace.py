"""`locking trace`: print the shortest run that breaks a property, or a witness."""

import sys
import textwrap
from argparse import Namespace

import locking.catalogue as catalogue
from locking.arguments import SCOPE, Parser, fill_case, fill_search
from locking.commands.asked import case_of, with_properties
from locking.commands.screen import drawable, width
from locking.commands.searching import (
    AS_DECLARED,
    NOT_ALL_KNOWN,
    Checked,
    reports_of,
    worth_showing,
)
from locking.commands.showing import TEXT, fill_form, fill_view, shown
from locking.commands.written import files_of, fill_files
from locking.traces.fitting import escape

EPILOG = SCOPE


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", metavar="MODEL")
    fill_case(parser)
    parser.add_argument("--property", metavar="Q", help="the property; else the first that fails")
    fill_form(parser)
    fill_view(parser)
    fill_files(parser, "html")
    fill_search(parser)


def run(arguments: Namespace) -> int:
    """Print the run, or why there is none to show. Errors: `LockingError`."""
    from locking.report.sentences import nothing_to_show  # not needed by other commands

    case = case_of(catalogue.model(arguments.model), arguments)
    names = [arguments.property] if arguments.property else []
    checked = Checked(1)
    with files_of([case], arguments, checked):
        reports = list(reports_of(with_properties([case], names), arguments, checked))
    for report in reports:
        found = worth_showing(report.results)
        if found and found.choices is not None:
            text = shown(case, found.claim.name, found.choices, arguments.to, arguments.view)
            print(drawable(text))
            return AS_DECLARED
        text = escape(f"{case}: nothing to show; {nothing_to_show(report)}")
        folded = textwrap.fill(text, width(), break_on_hyphens=False, break_long_words=False)
        # Where another program reads on, a sentence is not what it was promised.
        print(folded, file=sys.stdout if arguments.to == TEXT else sys.stderr)
    checked.refuse_vacuous()
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED
