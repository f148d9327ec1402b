"""`locking trace`: print the shortest run that breaks a property, or a witness."""

import sys
from argparse import Namespace
from collections.abc import Iterable
from copy import copy

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import SCOPE, fill_search
from locking.cli.case_arguments import cases_of
from locking.cli.case_search import AskedCase
from locking.cli.output_files import fill_files, report_files
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.searches import Checked, reports_of, worth_showing
from locking.cli.terminal import drawable, print_message, width
from locking.cli.trace_output import fill_form, fill_view, run_in_form
from locking.errors import UsageError
from locking.model import Model
from locking.properties.explored import Verdict
from locking.scope import LKMM
from locking.text.fit import escape, wrapped
from locking.traces.forms import TEXT
from locking.traces.forms.page import Detail
from locking.traces.rerun import rerun
from locking.verdicts import Report, Result

EPILOG = SCOPE


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", metavar="MODEL")
    for name in ("scenario", "placement"):
        about = f"the {name}; default: the first in which a property fails"
        parser.add_argument(f"--{name}", metavar=name[0].upper(), help=about)
    parser.add_argument(
        "--property", metavar="Q", help="the property; default: the first that fails"
    )
    fill_form(parser)
    fill_view(parser)
    fill_files(parser, "html")
    fill_search(parser)


def result_as_text(report: Report, result: Result, arguments: Namespace) -> str:
    """The run, or the execution, that shows a result. Errors: `UsageError`, from the form."""
    if result.choices is None:
        return execution_as_text(report, result)
    run = rerun(report.case, result.claim.name, result.choices)
    return run_in_form(run, arguments.to, arguments.detail)


def execution_as_text(report: Report, result: Result) -> str:
    """An execution that shows a failure."""
    from locking.report import execution_to_terminal  # only --memory lkmm has executions

    return execution_to_terminal.render(report, result, width())


def run(arguments: Namespace) -> int:
    """Print the run, or why there is none to show. Errors: `LockingError`."""
    refuse_forms_of_runs(arguments)
    asked = cases_to_try(catalogue.model(arguments.model, arguments.scope), arguments)
    cases = [case for case, _ in asked]
    checked = Checked(len(cases))
    with report_files(cases, arguments, checked):
        shown = first_to_show(reports_of(asked, arguments, checked))
        stopped = checked.stopped
        if shown:  # a page shows the case that is printed
            cases[:], checked.reports[:] = [shown[0].case], [shown[0]]
    if stopped:
        print_message(stopped)
    if shown:
        print(drawable(result_as_text(*shown, arguments)))
        return AS_DECLARED
    print_nothing(checked.reports, arguments.to)
    checked.refuse_vacuous()
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED


def refuse_forms_of_runs(arguments: Namespace) -> None:
    """Refuse a form that an execution does not have. Errors: `UsageError`."""
    if arguments.memory == LKMM and (arguments.to != TEXT or arguments.detail is Detail.WHY):
        raise UsageError(
            f"--memory {LKMM} shows an execution as text, whole; leave out --to and --why"
        )


def cases_to_try(model: Model, arguments: Namespace) -> list[AskedCase]:
    """The cases that may have a run to show. Errors: `UsageError`, `ModelError`."""
    given = copy(arguments)
    for name in ("scenario", "placement", "property"):
        value = getattr(arguments, name)
        setattr(given, name, [] if value is None else [value])
    return cases_of(model, given, placements_of(model, given.placement))


def first_to_show(reports: Iterable[Report]) -> tuple[Report, Result] | None:
    """The first result that fails, with its report; else the first that has a witness."""
    witness = None
    for report in reports:
        executed = next((each for each in report.results if each.execution), None)
        found = worth_showing(report.results) or executed
        if found and found.verdict is Verdict.FAILS:
            return report, found
        if found and not witness:
            witness = report, found
    return witness


def print_nothing(reports: Iterable[Report], form: str) -> None:
    """Print why there is nothing to show."""
    from locking.report.sentences import nothing_to_show  # not needed by other commands

    for report in reports:
        text = escape(f"{report.case}: nothing to show; {nothing_to_show(report)}")
        # A program that reads the output was promised another format than a sentence.
        print(*wrapped(text, width()), sep="\n", file=sys.stdout if form == TEXT else sys.stderr)
