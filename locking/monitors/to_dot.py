"""An automaton in the form that rvgen and dot2k read, tools of the kernel's runtime verification.

Kernel: Documentation/trace/rv/deterministic_automata.rst; class Automata, which reads such a file
line by line, in tools/verification/dot2/automata.py, v6.12, and in tools/verification/rvgen later.
"""

from collections.abc import Mapping

from locking.errors import UsageError
from locking.monitors.event_automaton import EventAutomaton

LONGEST_IN_KERNEL = 23
"""Characters of a state or an event that the kernel prints: MAX_DA_NAME_LEN is 24 in v6.12."""

NEVER_STATE = "never"
"""A state that nothing leads to. It has the events that may never come, for events are written on
the edges alone, and a monitor ignores those that it does not know."""

LONGEST_MONITOR = 31
"""Characters of the name of a monitor: MAX_RV_MONITOR_NAME_SIZE is 32 in v6.12."""


def dot_of_automaton(automaton: EventAutomaton) -> str:
    """The file. Errors: `UsageError` for a name that is too long for the kernel."""
    check_lengths(automaton)
    moves = with_unshown(automaton)
    states, initial = sorted(moves), automaton.initial
    lines = ["digraph state_automaton {"]
    for state in states:
        if state == initial:
            lines.append(f'\t{{node [shape = plaintext, style=invis, label=""] "__init_{state}"}};')
        if state in automaton.quiet:
            lines.append(f'\t{{node [shape = ellipse] "{state}"}};')
        lines.append(f'\t{{node [shape = plaintext] "{state}"}};')
    lines.append(f'\t"__init_{initial}" -> "{initial}";')
    for state in states:
        colour = ", color = green3" if state in automaton.quiet else ""
        lines.append(f'\t"{state}" [label = "{state}"{colour}];')
        lines += [
            f'\t"{state}" -> "{target}" [ label = "{label}" ];'
            for target, label in labels(moves[state]).items()
        ]
    lines += ["\t{ rank = min ;", f'\t\t"__init_{initial}";', f'\t\t"{initial}";', "\t}", "}"]
    return "\n".join(lines) + "\n"


def with_unshown(automaton: EventAutomaton) -> dict[str, Mapping[str, str]]:
    """The moves, and those of `NEVER_STATE` where some event may never come."""
    shown = {event for ways in automaton.moves.values() for event in ways}
    unshown = {event: NEVER_STATE for event in automaton.events if event not in shown}
    return {**automaton.moves, **({NEVER_STATE: unshown} if unshown else {})}


def labels(ways: Mapping[str, str]) -> dict[str, str]:
    """For every state that can be next, the events that lead there, as one label."""
    events: dict[str, list[str]] = {}
    for event, target in sorted(ways.items()):
        events.setdefault(target, []).append(event)
    return {target: "\\n".join(events[target]) for target in sorted(events)}


def check_lengths(automaton: EventAutomaton) -> None:
    """Refuse names that the kernel would cut off. Errors: `UsageError`."""
    if len(automaton.name) > LONGEST_MONITOR:
        raise UsageError(
            f"monitor {automaton.name}: a monitor's name has at most {LONGEST_MONITOR} characters; "
            f"give the placement or the lock a shorter name"
        )
    for name in (*automaton.states, *automaton.events):
        if len(name) > LONGEST_IN_KERNEL:
            raise UsageError(
                f"monitor {automaton.name}: {name} has more than {LONGEST_IN_KERNEL} characters; "
                f"give the event a shorter name in the table"
            )
