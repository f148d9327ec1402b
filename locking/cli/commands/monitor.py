"""`locking monitor`: the rules of a placement, watched in a running kernel or over its trace."""

import os
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import locking.catalogue as catalogue
from locking.cli.case_arguments import only_name
from locking.cli.event_maps import event_map_for, fill_events, table_beside
from locking.cli.output_files import naming, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Parser
from locking.cli.terminal import width
from locking.errors import UsageError, unknown
from locking.model import Model
from locking.placements.placement import Placement
from locking.text.fit import GAP, wrapped

if TYPE_CHECKING:
    from locking.monitors.table import ProbeTable

EPILOG = """
MODEL is a name that `locking list` shows, or a FILE.py with a MODEL in it. Its probes are the file
probes.toml in its folder, or FILE.probes.toml beside FILE.py. Its event map is events.toml there,
or FILE.events.toml; --events extends it.

Exit status: 0 no rule is violated; 1 a rule is violated; 2 bad usage, or a trace that can't be
read; 3 it is unknown from some line on, because events were lost or can't be told apart.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    parser.add_argument("--placement", metavar="P", help="the placement, if it has several")
    parser.add_argument(
        "--probes", metavar="FILE", help="a TOML file that says where a kernel shows events"
    )
    fill_events(parser)
    parser.add_argument("--over", metavar="TRACE", help="run the rules over a recorded trace")
    parser.add_argument(
        "--into", metavar="FOLDER", help="write the files that watch a running kernel"
    )


def run(arguments: Namespace) -> int:
    """Print the automata, write them, or run them over a trace. Errors: `LockingError`."""
    from locking.conformance.roles import with_every_role
    from locking.monitors.rules import automata_for_kernel  # not needed by other commands
    from locking.monitors.table import read_probe_table
    from locking.monitors.wording import lines_of_automata

    for name in arguments.scope:
        raise unknown("option", f"--{name}", arguments.known)
    if arguments.over is not None and arguments.into is not None:
        raise UsageError("--over watches a trace and --into writes for a kernel; give one of them")
    model = catalogue.model(arguments.model)
    placement = placement_of(arguments, model)
    events = event_map_for(arguments.model, model, arguments.events)
    table = read_probe_table(probe_file(arguments), events)
    placement = with_every_role(model, placement, events)
    if arguments.over is not None:
        return watch_over(arguments.over, placement, table)
    automata = automata_for_kernel(placement, table)
    lines = list(lines_of_automata(automata, width()))
    if arguments.into is not None:  # first: whoever reads what is printed may go away
        names = write_into(arguments.into, placement, table)
        said = f"written into {arguments.into}: {', '.join(names)}"
        lines += ["", *wrapped(said, width(), later=GAP)]
    print("\n".join(lines))
    return AS_DECLARED


def placement_of(arguments: Namespace, model: Model) -> Placement:
    """The placement that was asked for; its name may be left out where there is only one.

    Errors: `UsageError` for a model without placements, or an unknown name.
    """
    name = arguments.placement
    if name is None:
        known = catalogue.every_placement(model)
        if not known:
            raise UsageError(f"{model.name} has no placements, so it has no rules to watch")
        name = only_name("placement", known)
    return catalogue.placement(model, name)


def probe_file(arguments: Namespace) -> str:
    """The probes that were given, or else the model's own. Errors: `UsageError`."""
    if arguments.probes is not None:
        return str(arguments.probes)
    file = table_beside(arguments.model, "probes")
    if not file.exists():
        raise UsageError(
            f"{arguments.model} has no probes, which say where a kernel shows its events; write "
            f"{file.name}, or give --probes FILE"
        )
    return os.path.relpath(file)


def watch_over(trace: str, placement: Placement, table: "ProbeTable") -> int:
    """Run the automata over a trace, and print what they found. Errors: `UsageError`."""
    from locking.conformance.reading import read_trace
    from locking.conformance.recording import recording_of
    from locking.monitors.rules import (
        automata_for_trace,
        events_known,
        events_of_locks,
        unrecorded_events,
        unseen_steps,
    )
    from locking.monitors.told_apart import told_apart
    from locking.monitors.watching import watch_trace
    from locking.monitors.wording import lines_of_watched, list_of

    recording = recording_of(table.events, read_trace(trace))
    for name, event in recording.unsaid.items():
        if name in events_of_locks(table):
            raise UsageError(
                f"trace {trace}: line {event.line}: {event.name} does not say of which lock it is; "
                f"of what record.sh wrote, give the .csv"
            )
    found = told_apart(recording, table.events)
    names = recording.alphabet
    automata = automata_for_trace(placement, table, names)
    watched = watch_trace(automata, found.events)
    if not any(watched.seen.values()) and not found.cause:
        raise UsageError(
            f"trace {trace}: it has no event of {placement.name}; the events of "
            f"{table.events.title} are {', '.join(sorted(events_known(table)))}"
        )
    lost = f"unknown from line {found.until} on: {found.cause}"
    unseen = unseen_steps(placement, table, names)
    unrecorded = unrecorded_events(placement, table, names)
    lines = [
        *lines_of_watched(automata, watched, width(), known_to_the_end=not found.cause),
        *(wrapped(lost, width(), later=GAP) if found.cause else []),
        *list_of("named steps never seen", unseen, width()),
        *list_of("not recorded, so not judged", unrecorded, width()),
    ]
    print("\n".join(lines))
    if watched.violations:
        return NOT_AS_DECLARED
    return NOT_ALL_KNOWN if found.cause else AS_DECLARED


def write_into(folder: str, placement: Placement, table: "ProbeTable") -> Iterable[str]:
    """Write the automata, the bpftrace script and the script that records, and return their names.

    Errors: `UsageError`.
    """
    from locking.monitors.files import files_of_monitors

    files = files_of_monitors(placement, table)
    with naming(f"--into {folder}"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            replace_file(Path(folder) / name, text)
    return files
