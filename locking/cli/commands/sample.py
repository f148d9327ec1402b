"""`locking sample`: look for failures in some of the runs of a case, where all are too many."""

from argparse import Namespace

import locking.catalogue as catalogue
from locking.catalogue.selection import with_properties
from locking.cli.arguments import (
    SCOPE,
    fill_case,
    fill_limits,
    fill_narrowing,
    fill_rules,
    limits,
    whole,
)
from locking.cli.case_arguments import case_of, refuse_executions
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Parser
from locking.cli.terminal import drawable, width
from locking.errors import UsageError
from locking.model import Case, nothing_to_judge
from locking.properties.explored import Verdict
from locking.studies.sampling import METHODS, Plan, Sample, sample
from locking.verdicts import Limits

EPILOG = (
    SCOPE
    + """
Exit status: 0 runs show every verdict, and all are as expected; 1 a verdict is unexpected; 2 bad
usage or a wrong model; 3 something is unknown (no sample shows that a property always holds), or a
run was cut (a suspected livelock).
"""
)

DRAWN = ("uniform", "pct")

TAKEN_BY = {
    "runs": DRAWN,
    "steps": DRAWN,
    "seed": DRAWN,
    "depth": ("pct",),
    "preemptions": ("bounded",),
    "no_reduction": ("bounded",),
    "max_states": ("bounded",),
}
"""The methods that an option is for."""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", metavar="MODEL")
    fill_case(parser)
    fill_narrowing(parser, "--property")
    parser.add_argument(
        "--method", choices=METHODS, default="pct", help="how runs are chosen; default: pct"
    )
    for option, about, kind in (
        ("--runs", "how many runs are drawn; default: 10,000", whole),
        ("--steps", "cut a run after so many steps; default: 10,000", whole),
        ("--seed", "the seed of the random numbers; default: 1", whole),
        ("--depth", "pct: the depth of the bugs to look for; default: 3", whole),
        ("--preemptions", "bounded: at most so many in a run; default: 2", whole_or_none),
    ):
        parser.add_argument(option, metavar="N", help=about, type=kind)
    parser.add_argument(
        "--no-reduction",
        action="store_true",
        default=None,
        help="bounded: don't merge local states",
    )
    fill_rules(parser)
    fill_limits(parser)


def whole_or_none(text: str) -> int:
    """A whole number, or 0."""
    return 0 if text == "0" else whole(text)


def run(arguments: Namespace) -> int:
    """Take the runs, and print what they showed. Errors: `LockingError`."""
    from locking.report.sampling import render  # not needed by other commands

    refuse_executions(arguments, "a run")
    plan = plan_of(arguments)
    case = case_of(catalogue.model(arguments.model, arguments.scope), arguments)
    [(case, names)] = with_properties([case], arguments.property)
    found = sampled(case, names, plan, limits(arguments))
    if not found.results:
        raise nothing_to_judge(case)
    print(drawable(render(found, width())), end="")
    return status(found)


def plan_of(arguments: Namespace) -> Plan:
    """The runs that were asked for. Errors: `UsageError` for an option of another method."""
    given = {name: value for name in TAKEN_BY if (value := getattr(arguments, name)) is not None}
    for name in given:
        if arguments.method not in TAKEN_BY[name]:
            option = f"--{name.replace('_', '-')}"
            methods = " or ".join(TAKEN_BY[name])
            raise UsageError(f"{option} is for --method {methods}, not {arguments.method}")
    merged = given.pop("no_reduction", None) is None
    given.pop("max_states", None)
    return Plan(arguments.method, minimise=merged, **given)


def sampled(case: Case, names: list[str], plan: Plan, most: Limits) -> Sample:
    """The sample; a line on the terminal says how far it is."""
    from locking.report import progress

    if plan.method == "bounded":
        with progress.progress_line() as show:
            shown_in = progress.case_progress("1/1", case, show) if show else None
            return sample(case, names, plan, most, shown_in)
    with progress.counting_bar(plan.runs) as shown:
        return sample(
            case, names, plan, most, lambda runs, steps, _: shown(runs, f"{steps:,} steps")
        )


def status(found: Sample) -> int:
    """The exit status: a verdict that is wrong outweighs one that is unknown."""
    if any(result.wrong for result in found.results):
        return NOT_AS_DECLARED
    unknown = any(result.verdict is Verdict.UNKNOWN for result in found.results)
    return NOT_ALL_KNOWN if unknown or found.tally.cause or found.tally.suspect else AS_DECLARED
