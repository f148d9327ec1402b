"""`locking graph`: draw a learned thread, an object's automaton, or the states of a small case."""

import subprocess
from argparse import Namespace

import locking.catalogue as catalogue
import locking.cli.arguments as command_line
from locking.catalogue.selection import with_properties
from locking.cli.arguments import SCOPE, fill_case, fill_limits, fill_rules, whole
from locking.cli.case_arguments import case_of, refuse_executions
from locking.cli.parsing import AS_DECLARED, Parser
from locking.cli.searches import worth_showing
from locking.errors import UsageError, unknown
from locking.export import export_case
from locking.export.tables import Numbering, tables_of
from locking.model import Case
from locking.properties.explored import Explored
from locking.verdicts import Report

EPILOG = SCOPE

READABLE = 300
"""States that a picture may have, unless the option says otherwise: nobody reads more."""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", metavar="MODEL")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--thread", metavar="T", help="draw what was learned of this thread")
    what.add_argument("--object", metavar="O", help="draw the states of this lock or cell")
    what.add_argument(
        "--states", action="store_true", help="draw all states (the default), with a path marked"
    )
    parser.add_argument(
        "--limit", metavar="N", type=whole, help=f"states to draw at most; default: {READABLE}"
    )
    parser.add_argument("--to", choices=("dot", "svg"), default="dot", help="default: dot")
    fill_case(parser)
    parser.add_argument(
        "--property",
        metavar="Q",
        help="the property whose path is marked; default: the one that `trace` shows",
    )
    fill_rules(parser)
    fill_limits(parser)


def run(arguments: Namespace) -> int:
    """Search, and print the picture. Errors: `LockingError`."""
    refuse_executions(arguments, "a picture")
    drawn_alone = arguments.thread is not None or arguments.object is not None
    for option in ("limit", "property"):
        if drawn_alone and getattr(arguments, option) is not None:
            raise UsageError(f"--{option} is for a picture of the states")
    case = case_of(catalogue.model(arguments.model, arguments.scope), arguments)
    names = [] if arguments.property is None else [arguments.property]
    [(case, names)] = with_properties([case], names)
    limits = command_line.limits(arguments)
    explored, report = export_case(case, names, merged=True, limits=limits)
    if arguments.thread is not None:
        text = thread(case, explored, arguments.thread)
    elif arguments.object is not None:
        text = object_(case, explored, arguments.object)
    else:
        text = states_graph(explored, report, arguments.limit or READABLE)
    print(svg(text) if arguments.to == "svg" else text, end="")
    return AS_DECLARED


def thread(case: Case, explored: Explored, name: str) -> str:
    """The picture of one thread. Errors: `UsageError`."""
    from locking.export.to_dot import threads_picture

    names = [each.name for each in explored.product.threads]
    if name not in names:
        raise unknown(f"thread of {case}", name, names)
    tables = tables_of(Numbering(explored), str(case), (), ())
    return threads_picture(tables, [names.index(name)])


def object_(case: Case, explored: Explored, name: str) -> str:
    """The picture of one object. Errors: `UsageError`."""
    from locking.export.picture_of_object import object_picture

    known = {each.name: each for each in explored.product.objects}
    if name not in known:
        raise unknown(f"object of {case}", name, known)
    return object_picture(str(case), explored.product, known[name])


def states_graph(explored: Explored, report: Report, limit: int) -> str:
    """The picture of all states. Errors: `UsageError`, where there are too many of them."""
    from locking.export.picture_of_states import states_picture

    if report.states > limit:
        raise UsageError(
            f"{report.case}: it has {report.states:,} states, and a picture of more than {limit:,} "
            f"is not drawn; take a smaller scope, or --thread, or --object, or another --limit"
        )
    found = worth_showing(report.results) or next(iter(report.results), None)
    return states_picture(str(report.case), explored, found)


def svg(text: str) -> str:
    """The picture as Graphviz draws it. Errors: `UsageError`, where it can't."""
    try:
        done = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True)
    except FileNotFoundError:
        raise UsageError(
            "--to svg needs Graphviz, whose `dot` was not found; --to dot needs nothing"
        ) from None
    if done.returncode:
        raise UsageError(f"Graphviz did not draw it: {done.stderr.strip()}")
    return done.stdout
