"""`locking trace`: print the shortest run that breaks a property, or a witness."""

import sys
from argparse import Namespace

import locking.catalogue as catalogue
from locking.catalogue.selection import with_properties
from locking.cli.arguments import SCOPE, fill_case, fill_search
from locking.cli.case_arguments import case_of
from locking.cli.output_files import fill_files, report_files
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.searches import Checked, reports_of, worth_showing
from locking.cli.terminal import drawable, width
from locking.cli.trace_output import fill_form, fill_view, run_in_form
from locking.errors import UsageError
from locking.text.fit import escape, wrapped
from locking.traces.forms import TEXT
from locking.traces.forms.page import Detail
from locking.traces.rerun import rerun
from locking.verdicts import Report, Result

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


def execution_as_text(report: Report, result: Result, arguments: Namespace) -> str:
    """An execution that shows a failure. Errors: `UsageError` for another form than text."""
    from locking.report import execution_to_terminal  # only --memory lkmm has executions

    if arguments.to != TEXT or arguments.detail is not Detail.FOLDED:
        raise UsageError(
            "--memory lkmm shows an execution as text, whole; leave out --to and --why"
        )
    return execution_to_terminal.render(report, result, width())


def run(arguments: Namespace) -> int:
    """Print the run, or why there is none to show. Errors: `LockingError`."""
    from locking.report.sentences import nothing_to_show  # not needed by other commands

    case = case_of(catalogue.model(arguments.model, arguments.scope), arguments)
    names = [] if arguments.property is None else [arguments.property]
    checked = Checked(1)
    with report_files([case], arguments, checked):
        reports = list(reports_of(with_properties([case], names), arguments, checked))
    for report in reports:
        found = worth_showing(report.results)
        if found and found.choices is not None:
            shown = rerun(case, found.claim.name, found.choices)
            print(drawable(run_in_form(shown, arguments.to, arguments.detail)))
            return AS_DECLARED
        if failing := next((each for each in report.results if each.execution), None):
            print(drawable(execution_as_text(report, failing, arguments)))
            return AS_DECLARED
        text = escape(f"{case}: nothing to show; {nothing_to_show(report)}")
        folded = "\n".join(wrapped(text, width()))
        # A program that reads the output was promised another format than a sentence.
        print(folded, file=sys.stdout if arguments.to == TEXT else sys.stderr)
    checked.refuse_vacuous()
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED
