"""`locking check`: judge every case that was asked for, and print the matrix or JSON."""

from argparse import Namespace

import locking.catalogue as catalogue
from locking.arguments import NARROWING, SCOPE, STATUS, Parser, fill_narrowing, fill_search
from locking.commands.asked import cases_of, placements_of
from locking.commands.screen import console, drawable
from locking.commands.searching import Checked, reports_of
from locking.commands.written import files_of, fill_files

EPILOG = SCOPE + STATUS


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, *NARROWING)
    parser.add_argument("--json", action="store_true", help="one JSON object a verdict and line")
    fill_files(parser)
    fill_search(parser)


def run(arguments: Namespace) -> int:
    """Check, and print what is known. Errors: `LockingError`."""
    model = catalogue.model(arguments.model)
    cases = cases_of(model, arguments, placements_of(model, arguments.placement))
    checked = Checked(len(cases))
    with files_of([case for case, _ in cases], arguments, checked):
        for report in reports_of(cases, arguments, checked):
            if arguments.json:
                from locking.report import to_json

                print("\n".join(to_json.lines(report)), flush=True)
    if not arguments.json:
        print_table(checked)
    return checked.status


def print_table(checked: Checked) -> None:
    """Print what is known."""
    if not checked.reports:
        print(checked.stopped)
        return
    from locking.report import to_terminal

    print(drawable(to_terminal.render(checked.reports, console(), checked.stopped)), end="")
