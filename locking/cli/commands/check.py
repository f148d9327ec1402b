"""`locking check`: judge every case that was asked for, and print each matrix, or JSON."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import NARROWING, SCOPE, fill_jobs, fill_narrowing, fill_search
from locking.cli.case_arguments import cases_of
from locking.cli.output_files import REPORT_FORMATS, fill_files, naming, report_files
from locking.cli.parsing import STATUS, Parser
from locking.cli.searches import Checked, reports_of
from locking.cli.terminal import console, drawable
from locking.errors import UsageError

EPILOG = SCOPE + STATUS


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, *NARROWING)
    parser.add_argument("--json", action="store_true", help="one JSON object a verdict and line")
    fill_files(parser, *REPORT_FORMATS)
    parser.add_argument(
        "--checkpoint", metavar="FILE", help="keep one search in a file, and go on with it"
    )
    parser.add_argument(
        "--any-number",
        nargs="+",
        action="extend",
        default=[],
        metavar="ROLE",
        help="judge for any number of these threads, or of their skeletons",
    )
    parser.add_argument(
        "--never-together",
        nargs=2,
        action="append",
        default=[],
        metavar=("A", "B"),
        help="ask of skeletons: no two are in A and B (named steps, A..B, LOCK.MODE)",
    )
    parser.add_argument(
        "--certificate", metavar="FILE", help="write what proves it, for `locking certify`"
    )
    fill_search(parser)
    fill_jobs(parser)


def run(arguments: Namespace) -> int:
    """Check, and print what is known. Errors: `LockingError`."""
    models = catalogue.models(arguments.model, arguments.scope)
    if arguments.html and len(models) > 1:
        several = f"{arguments.model} has {len(models)}"
        raise UsageError(f"--html shows one model, and {several}; name one of them")
    cases = [
        case
        for model in models
        for case in cases_of(model, arguments, placements_of(model, arguments.placement))
    ]
    if arguments.any_number or arguments.never_together or arguments.certificate:
        from locking.cli.any_number import check_any_number  # most checks are of some threads

        return check_any_number(cases, arguments)
    checked = Checked(len(cases))
    with kept_in_file(arguments, len(cases)):
        with report_files([case for case, _ in cases], arguments, checked):
            for report in reports_of(cases, arguments, checked):
                if arguments.json:
                    from locking.report import to_json

                    print("\n".join(to_json.lines(report)), flush=True)
        if not arguments.json:
            print_table(checked)
    checked.refuse_vacuous()
    if not arguments.property:
        checked.refuse_unknown()
    return checked.status


@contextmanager
def kept_in_file(arguments: Namespace, cases: int) -> Iterator[None]:
    """A context in which the search is kept in the file that was named, if one was.

    Errors: `UsageError` for more than one search, another engine, or a file that can't be written.
    """
    file = arguments.checkpoint
    if file is None:
        yield
        return
    if cases > 1:
        raise UsageError(
            f"--checkpoint keeps one search, and these are {cases}; "
            f"narrow them with --scenario and --placement"
        )
    from tempfile import TemporaryFile  # slow to import, and most checks keep no file

    with naming(f"--checkpoint {file}"), TemporaryFile(dir=Path(file).parent):
        pass
    if Path(file).exists():
        print(f"locking: reads the search so far from {file}", file=sys.stderr)
    yield
    if Path(file).exists():
        print(f"locking: the same command goes on with the search in {file}", file=sys.stderr)


def print_table(checked: Checked) -> None:
    """Print what is known."""
    if not checked.reports:
        print(checked.stopped)
        return
    from locking.report import to_terminal

    print(drawable(to_terminal.render(checked.reports, console(), checked.stopped)), end="")
