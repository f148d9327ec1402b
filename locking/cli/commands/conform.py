"""`locking conform`: whether a trace of a running kernel is a run of the model."""

from argparse import Namespace

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import fill_narrowing
from locking.cli.event_maps import event_map_for, fill_events
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Parser
from locking.cli.terminal import drawable, width
from locking.cli.trace_output import paint
from locking.conformance.answer import TraceAnswer, answer_of
from locking.conformance.event_map import EventMap
from locking.conformance.formats import TRACE_FORMATS
from locking.conformance.judged import Conformance
from locking.conformance.reading import read_trace
from locking.conformance.recording import Recording, recording_of
from locking.conformance.to_json import conformance_lines
from locking.conformance.to_terminal import conformance_page
from locking.errors import UsageError, unknown

EPILOG = """
MODEL is a name that `locking list` shows, or a FILE.py with a MODEL in it. Its event map is the
file events.toml in its folder, or FILE.events.toml beside FILE.py; --events extends it.

Exit status: 0 the trace is a run under each named placement, or, if none is named, under a known
one; 1 it is not; 2 bad usage, or a file that can't be read; 3 unknown, because events were lost or
too much is unseen.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("trace", metavar="TRACE", help="a file, which may be packed: FILE.gz")
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, "--placement")
    fill_events(parser)
    parser.add_argument(
        "--traced",
        nargs="+",
        action="extend",
        default=[],
        metavar="EVENT",
        help="events that were traced, even if the trace has none of them",
    )
    about = "; ".join(f"{name}: {says}" for name, says in TRACE_FORMATS.items())
    parser.add_argument(
        "--format", default="", metavar="NAME", help=f"default: recognised by its content; {about}"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a line of JSON for each placement"
    )


def run(arguments: Namespace) -> int:
    """Judge the trace, and print what it says. Errors: `LockingError`."""
    if arguments.scope:
        raise unknown("option", f"--{next(iter(arguments.scope))}", arguments.known)
    model = catalogue.model(arguments.model)
    if not model.steps:
        raise UsageError(f"{model.name} has no named steps, so no trace can show them")
    events = event_map_for(arguments.model, model, arguments.events)
    recording = recorded(arguments, events)
    placements = [each for each in placements_of(model, arguments.placement) if each]
    answer = answer_of(model, placements, events, recording)
    if arguments.json:
        print("\n".join(conformance_lines(answer, model.name, arguments.trace)))
    else:
        named = bool(arguments.placement)
        lines = conformance_page(answer, model.name, arguments.trace, named, width())
        print(drawable(paint()(lines)), end="")
    return conform_status(answer, named=bool(arguments.placement))


def recorded(arguments: Namespace, events: EventMap) -> Recording:
    """What the trace shows. Errors: `UsageError`, where that is nothing of the event map."""
    for name in arguments.traced:
        if name not in events.patterns:
            raise unknown("event of the event map", name, events.patterns)
    trace = read_trace(arguments.trace, arguments.format)
    found = recording_of(events, trace, arguments.traced)
    if not found.observed and not found.lost:
        raise UsageError(
            f"trace {arguments.trace}: none of its {found.events:,} events is in the event map; "
            f"give a map for it by --events, or trace {', '.join(events.patterns)}"
        )
    return found


def conform_status(answer: TraceAnswer, *, named: bool) -> int:
    """The exit status: every placement that was named counts, or the best of those known."""
    if answer.coarse:
        lost = NOT_ALL_KNOWN if answer.recording.lost else AS_DECLARED
        return NOT_AS_DECLARED if answer.undisciplined else lost
    verdicts = [each.conformance for each in answer.found]
    if Conformance.DIFFERS in verdicts and named:
        return NOT_AS_DECLARED
    if Conformance.CONFORMS in verdicts and not (named and Conformance.UNKNOWN in verdicts):
        return AS_DECLARED
    return NOT_ALL_KNOWN if Conformance.UNKNOWN in verdicts else NOT_AS_DECLARED
