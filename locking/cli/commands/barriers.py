"""`locking barriers`: which orderings of a model are needed under the kernel's memory model."""

import time
from argparse import Namespace

import locking.catalogue as catalogue
from locking.blaming import blaming
from locking.catalogue.selection import placements_of
from locking.cli.arguments import SCOPE, fill_narrowing, fill_rules, positive
from locking.cli.case_arguments import cases_of
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.terminal import drawable, width
from locking.errors import UsageError
from locking.executions.trees import TooManyPaths
from locking.explore.deadline import within
from locking.model import Case
from locking.scope import LKMM, MEMORY, TSO
from locking.studies.barriers import BarrierStudy, barrier_study
from locking.system import chosen

EPILOG = (
    SCOPE
    + """
The command weakens one ordering after the other: barriers, full, acquire and release operations,
and marked accesses. It judges each change by the Linux-kernel memory model. If the model itself
fails, the command looks for the cheapest stronger orderings that repair it.

Exit status: 0 every change is decided; 2 bad usage or a wrong model; 3 something is unknown.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", metavar="MODEL")
    fill_narrowing(parser, "--scenario", "--placement", "--property")
    fill_rules(parser)
    parser.add_argument(
        "--max-seconds", metavar="S", help="stop after this time", type=positive, default=None
    )


def run(arguments: Namespace) -> int:
    """Weaken each ordering, and print what came of it. Errors: `LockingError`."""
    from locking.report.barriers import render  # not needed by other commands

    if arguments.memory == TSO:
        raise UsageError(f"--memory {TSO}: orderings are weakened under --memory {LKMM} alone")
    arguments.scope[MEMORY] = LKMM
    model = catalogue.model(arguments.model, arguments.scope)
    cases = cases_of(model, arguments, placements_of(model, arguments.placement))
    known = True
    for number, (case, names) in enumerate(cases):
        with blaming(case), within(arguments.max_seconds):
            study = study_of(case, names, arguments.max_seconds)
        print(("\n" if number else "") + drawable(render(case, study, width())))
        known &= study.base.cause is None and all(
            each.needed or not each.unknown for each in study.uses
        )
    return AS_DECLARED if known else NOT_ALL_KNOWN


def study_of(case: Case, names: list[str], seconds: float | None) -> BarrierStudy:
    """The study of a case, which looks at no more executions after so many seconds."""
    system = case.build()
    until = None if seconds is None else time.perf_counter() + seconds

    def go_on() -> None:
        if until is not None and time.perf_counter() > until:
            raise TooManyPaths(f"more than {seconds:g} seconds")

    return barrier_study(system, chosen(system, names), go_on)
