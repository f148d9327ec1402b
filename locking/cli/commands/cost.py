"""`locking cost`: how long the runs of a placement take, and how that grows with nodes."""

import re
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of, scenarios_of, scopes_of
from locking.cli.arguments import NARROWING, SCOPE, fill_narrowing, fill_rules, whole
from locking.cli.case_arguments import (
    cases_of,
    refuse_algorithms,
    refuse_foreign_options,
    refuse_memory_models,
)
from locking.cli.event_maps import event_map_for
from locking.cli.output_files import fill_files, naming, prepared_files, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.terminal import console, drawable, print_message
from locking.durations.costs import Cost, check_all_known, cost_of, with_nodes
from locking.durations.makespan import MOST_TIMED_STATES
from locking.durations.table import Durations, durations_of
from locking.errors import UsageError
from locking.model import Case, Model
from locking.text.words import counted

EPILOG = (
    SCOPE
    + """
Exit status: 0 all is known; 2 bad usage or a wrong model; 3 something is unknown, because a limit
was reached or the command was interrupted.
"""
)

MOST_NODES = 8
"""The most nodes that may be asked for."""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, *[each for each in NARROWING if each != "--property"])
    parser.add_argument(
        "--nodes", type=nodes_in, metavar="N..M", default=(), help="from N to M threads of one role"
    )
    parser.add_argument(
        "--durations", nargs="+", action="extend", default=[], metavar="FILE",
        help="TOML files that say how long steps take",
    )  # fmt: skip
    parser.add_argument(
        "--durations-from", metavar="TRACE",
        help="take medians of a kernel's trace, also where --durations has another",
    )  # fmt: skip
    parser.add_argument(
        "--stagger", type=seconds, default=Fraction(0), metavar="S",
        help="seconds between the starts of threads; default: 0",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each case")
    parser.add_argument("--plot", metavar="FILE", help="draw a picture: .svg, .png or .pdf")
    fill_files(parser, "html")
    parser.add_argument(
        "--max-states", metavar="N", type=whole, default=MOST_TIMED_STATES,
        help=f"stop a search at so many states ({MOST_TIMED_STATES:,})",
    )  # fmt: skip
    fill_rules(parser)


def nodes_in(text: str) -> range:
    """Numbers of nodes, `N` or `N..M`. Errors: `ArgumentTypeError`."""
    found = re.fullmatch(r"([1-9])(?:\.\.([1-9]))?", text)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= least <= most <= MOST_NODES:
        raise ArgumentTypeError(
            f"{text!r} is no number of nodes; write N or N..M, up to {MOST_NODES}"
        )
    return range(least, most + 1)


def seconds(text: str) -> Fraction:
    """A number of seconds. Errors: `ArgumentTypeError`."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ArgumentTypeError(f"{text!r} is no number of seconds; write one such as 0.5")
    return Fraction(text)


def run(arguments: Namespace) -> int:
    """Time every case, and print it. Errors: `LockingError`."""
    from locking.report.costs import render  # not needed by other commands

    refuse_algorithms(arguments, "an algorithm waits by steps, and steps take no time here")
    refuse_memory_models(arguments, "stores that come late take no time here")
    model = catalogue.model(arguments.model, arguments.scope)
    measured = measured_in(arguments.durations_from, arguments.model, model)
    durations = durations_of(model, arguments.durations, measured)
    paths = prepared_files({"plot": arguments.plot, "html": arguments.html})
    costs: list[Cost] = []
    finished = all_timed(costs, model, durations, arguments)
    if finished:
        check_all_known(durations, model, costs)
    elif not costs:
        return NOT_ALL_KNOWN
    if "plot" in paths:
        from locking.report.costs_plot import plot  # not needed without a picture

        plot(costs, paths["plot"], Path(arguments.plot).suffix.removeprefix(".").lower())
    if "html" in paths:
        from locking.page import costs_to_html  # not needed without a page

        with naming(f"--html {arguments.html}"):
            replace_file(paths["html"], costs_to_html.render(costs))
    if arguments.json:
        from locking.report.costs_to_json import cost_lines  # not needed for people

        print("\n".join(cost_lines(costs)))
    else:
        print(drawable(render(costs, console())), end="")
    return NOT_ALL_KNOWN if not finished or any(each.cause for each in costs) else AS_DECLARED


def all_timed(costs: list[Cost], model: Model, durations: Durations, arguments: Namespace) -> bool:
    """Whether all cases were timed, and not some until Ctrl-C; those that were end up in `costs`.

    Errors: as those of `cost_of` and of the cases.
    """
    try:
        for nodes, case in timed_cases(model, durations, arguments):
            costs.append(cost_of(case, durations, arguments.stagger, nodes, arguments.max_states))
    except KeyboardInterrupt:
        print_message(f"interrupted: {counted(len(costs), 'case')} timed")
        return False
    return True


def measured_in(trace: str | None, reference: str, model: Model) -> Durations | None:
    """The durations that a trace shows, if one is given. Errors: `UsageError` for no step."""
    if trace is None:
        return None
    from locking.conformance.intervals import intervals_of  # not needed without a trace
    from locking.conformance.reading import read_trace
    from locking.conformance.recording import recording_of
    from locking.durations.measured import measured_durations

    events = event_map_for(reference, model, [])
    measured = measured_durations(intervals_of(recording_of(events, read_trace(trace)), events))
    if not measured.steps:
        raise UsageError(
            f"--durations-from {trace}: it shows no step of {model.name} from its first event to "
            f"its last"
        )
    return measured


def timed_cases(
    model: Model, durations: Durations, arguments: Namespace
) -> Iterator[tuple[int, Case]]:
    """The cases that were asked for, each with its nodes, 0 if nobody counts them."""
    placements = placements_of(model, arguments.placement)
    if not arguments.nodes:
        arguments.property = []
        yield from ((0, case) for case, _ in cases_of(model, arguments, placements))
        return
    refuse_foreign_options(model, arguments)
    scenarios = scenarios_of(model, arguments.scenario) if arguments.scenario else [None]
    for scenario in scenarios:
        for placement in placements:
            for nodes in arguments.nodes:
                made = with_nodes(model, scenario, durations.role, nodes)
                for scope in scopes_of(model, arguments.scope):
                    yield nodes, model.case(made, placement, scope)
