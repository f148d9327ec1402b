"""`locking check`: judge every case that was asked for, and print each matrix, or JSON."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from pathlib import Path

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import NARROWING, SCOPE, fill_jobs, fill_narrowing, fill_search
from locking.cli.case_arguments import cases_of
from locking.cli.case_search import AskedCase
from locking.cli.output_files import REPORT_FORMATS, fill_files, naming, report_files
from locking.cli.parsing import STATUS, Parser
from locking.cli.searches import Checked, reports_of
from locking.cli.terminal import console, drawable, print_message, width
from locking.errors import UsageError
from locking.model import Model
from locking.text.fit import escape
from locking.verdicts import Report

EPILOG = SCOPE + STATUS


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help=f"default: the models of the project, or {catalogue.DEFAULT} if it has none",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="check all models of the project, or all of locking if it has none",
    )
    fill_narrowing(parser, *NARROWING)
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each verdict")
    fill_files(parser, *REPORT_FORMATS)
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="keep the search of one case in a file, and go on from there",
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
        help="judge that no two skeletons are in A and B together (named steps, A..B, LOCK.MODE)",
    )
    parser.add_argument(
        "--certificate", metavar="FILE", help="write the proof of it, for `locking certify`"
    )
    fill_search(parser)
    fill_jobs(parser)


def run(arguments: Namespace) -> int:
    """Check, and print what is known. Errors: `LockingError`."""
    models = models_asked(arguments)
    if arguments.html and len(models) > 1:
        raise UsageError(f"--html shows one model, and these are {len(models)}; name one of them")
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
            try:
                print_reports(reports_of(cases, arguments, checked), cases, as_json=arguments.json)
            except KeyboardInterrupt:  # while it prints what was found
                checked.interrupted = True
        if not arguments.json:
            print_summary(checked)
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
        print_message(f"reads the search so far from {file}")
    yield
    if Path(file).exists():
        print_message(f"the same command goes on with the search in {file}")


def models_asked(arguments: Namespace) -> list[Model]:
    """The models that were asked for, each once. Errors: `UsageError`, `ModelError`."""
    if arguments.all and arguments.models:
        raise UsageError(f"--all is every model; leave out {' '.join(arguments.models)}")
    names = arguments.models or [each.thing.name for each in catalogue.found_models()]
    if arguments.all and not names:
        names = catalogue.model_names()
    return [
        model
        for name in dict.fromkeys(names or [catalogue.DEFAULT])
        for model in catalogue.models(name, arguments.scope)
    ]


def print_reports(reports: Iterator[Report], cases: Sequence[AskedCase], *, as_json: bool) -> None:
    """Print what is found of `cases`: each when it ends, and its matrix when a model ends.

    Errors: those of the cases, after what was found before.
    """
    for number, (_, own) in enumerate(groupby(cases, lambda each: each[0].model.reference)):
        of_model = len(list(own))
        found = islice(reports, of_model)
        if as_json:
            from locking.report import to_json

            for report in found:
                print("\n".join(to_json.lines(report)), flush=True)
            continue
        known: list[Report] = []
        try:
            for report in found:
                known.append(report)
                print_case(report, len(known), of_model, first=not number)
        finally:
            if known:
                between = "\n" if of_model > 1 or number else ""
                print(between + matrix_text(known, titled=of_model > 1), end="", flush=True)


def print_case(report: Report, number: int, cases: int, *, first: bool) -> None:
    """Print what was found of a case, unless it is all that is asked of its model."""
    if cases == 1:
        return
    from locking.report import to_terminal  # slow to import: rich is, for its tables

    lines = to_terminal.case_line(report, number, cases, width())
    if number == 1:
        title = to_terminal.model_title(report.case.model, width())
        lines = [*([] if first else [""]), *title, *lines]
    print(drawable("\n".join(map(escape, lines))), flush=True)


def matrix_text(reports: Sequence[Report], *, titled: bool) -> str:
    """What is found of one model; its title is left out where it is printed already."""
    from locking.report import to_terminal

    return drawable(to_terminal.matrix_of_model(reports, console(), titled=titled))


def print_summary(checked: Checked) -> None:
    """Print how much was judged, and what was not expected."""
    if not checked.reports:
        print(checked.stopped)
        return
    from locking.report import to_terminal

    print(drawable(to_terminal.summary(checked.reports, console(), checked.stopped)), end="")
