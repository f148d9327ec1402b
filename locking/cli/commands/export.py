"""`locking export`: write one case as a file for another tool."""

from argparse import Namespace
from importlib import import_module

import locking.catalogue as catalogue
import locking.cli.arguments as command_line
from locking.catalogue.selection import with_properties
from locking.cli.arguments import SCOPE, fill_case, fill_limits, fill_narrowing, fill_rules
from locking.cli.case_arguments import case_of, refuse_executions
from locking.cli.parsing import AS_DECLARED, Parser
from locking.export import FORMATS, exported

EPILOG = SCOPE + "\nFormats: " + "; ".join(f"{name}: {about}" for name, about in FORMATS.items())


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--to", required=True, choices=FORMATS, help="the format of the file")
    fill_case(parser)
    fill_narrowing(parser, "--property")
    parser.add_argument(
        "--merged", action="store_true", help="local states with the same future are one"
    )
    fill_rules(parser)
    fill_limits(parser)


def run(arguments: Namespace) -> int:
    """Search, and print the file. Errors: `LockingError`."""
    refuse_executions(arguments, "a file of another tool")
    case = case_of(catalogue.model(arguments.model, arguments.scope), arguments)
    [(case, names)] = with_properties([case], arguments.property)
    limits = command_line.limits(arguments)
    tables, _ = exported(case, names, merged=arguments.merged, limits=limits)
    print(import_module(f"locking.export.to_{arguments.to}").render(tables), end="")
    return AS_DECLARED
