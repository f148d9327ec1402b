"""`locking monitor`: the rules of a placement, watched in a running kernel or over its trace."""

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import locking.catalogue as catalogue
from locking.cli.arguments import Parser
from locking.cli.case_arguments import only_name
from locking.cli.output_files import naming, replace_file
from locking.cli.searches import AS_DECLARED, NOT_AS_DECLARED
from locking.cli.terminal import width
from locking.errors import UsageError, unknown
from locking.placements.placement import Placement

if TYPE_CHECKING:
    from locking.monitors.table import ProbeTable

TABLE = "probes.toml"
"""The table of a model, beside its file."""

EPILOG = """
MODEL is a name that `locking list` shows, or a FILE.py with a MODEL in it.

Exit status: 0 no rule is violated, 1 one is, 2 bad usage, or a trace that can't be read.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    parser.add_argument("--placement", metavar="P", help="the placement, if it has several")
    parser.add_argument("--table", metavar="FILE", help=f"the probes; else {TABLE} of the model")
    parser.add_argument("--over", metavar="TRACE", help="run the rules over a recorded trace")
    parser.add_argument("--into", metavar="FOLDER", help="write what watches a running kernel")


def run(arguments: Namespace) -> int:
    """Print the automata, write them, or run them over a trace. Errors: `LockingError`."""
    from locking.monitors.rules import automata_for_kernel  # not needed by other commands
    from locking.monitors.table import read_probe_table
    from locking.monitors.wording import lines_of_automata

    for name in arguments.scope:
        raise unknown("option", f"--{name}", arguments.known)
    if arguments.over is not None and arguments.into is not None:
        raise UsageError("--over watches a trace and --into writes for a kernel; give one of them")
    placement = placement_of(arguments)
    table = read_probe_table(probe_file(arguments))
    if arguments.over is not None:
        return watch_over(arguments.over, placement, table)
    automata = automata_for_kernel(placement, table)
    print("\n".join(lines_of_automata(automata, width())))
    if arguments.into is not None:
        write_into(arguments.into, placement, table)
    return AS_DECLARED


def placement_of(arguments: Namespace) -> Placement:
    """The placement that was asked for; its name may be left out where there is only one.

    Errors: `UsageError` for a model without placements, or an unknown name.
    """
    model = catalogue.model(arguments.model)
    name = arguments.placement
    if name is None:
        known = catalogue.every_placement(model)
        if not known:
            raise UsageError(f"{model.name} has no placements, so it has no rules to watch")
        name = only_name("placement", known)
    return catalogue.placement(model, name)


def probe_file(arguments: Namespace) -> str:
    """The table that was given, or else the model's own. Errors: `UsageError`."""
    if arguments.table is not None:
        return str(arguments.table)
    module = catalogue.module_of_model(arguments.model)
    file = Path(module.__file__ or "").with_name(TABLE)
    if not file.exists():
        raise UsageError(
            f"{arguments.model} has no {TABLE} beside it, which says where a kernel shows its "
            f"steps; give --table FILE"
        )
    return os.path.relpath(file)


def watch_over(trace: str, placement: Placement, table: "ProbeTable") -> int:
    """Run the automata over a trace, and print what they found. Errors: `UsageError`."""
    from locking.monitors.recorded import read_events
    from locking.monitors.rules import (
        automata_for_trace,
        events_known,
        unrecorded_events,
        unseen_steps,
    )
    from locking.monitors.watching import watch_trace
    from locking.monitors.wording import lines_of_watched, list_of

    events = read_events(trace, table.where)
    names = {event.name for event in events}
    automata = automata_for_trace(placement, table, names)
    watched = watch_trace(automata, events)
    if not any(watched.seen.values()):
        raise UsageError(
            f"trace {trace}: it has no event of {placement.name}; the events of the table "
            f"{table.file} are {', '.join(sorted(events_known(table)))}"
        )
    unseen = unseen_steps(placement, table, names)
    unrecorded = unrecorded_events(placement, table, names)
    lines = [
        *lines_of_watched(automata, watched),
        *list_of("named steps never seen", unseen, width()),
        *list_of("not recorded, so not judged", unrecorded, width()),
    ]
    print("\n".join(lines))
    return NOT_AS_DECLARED if watched.violations else AS_DECLARED


def write_into(folder: str, placement: Placement, table: "ProbeTable") -> None:
    """Write the automata, the bpftrace script and the script that records. Errors: `UsageError`."""
    from locking.monitors.files import files_of_monitors

    files = files_of_monitors(placement, table)
    with naming(f"--into {folder}"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            replace_file(Path(folder) / name, text)
    print(f"\nwritten into {folder}: {', '.join(files)}")
