"""What there is to say of automata, and of what they found in a trace, in lines."""

from collections.abc import Iterator, Sequence

from locking.conformance.recorded_event import RecordedEvent
from locking.monitors.event_automaton import EventAutomaton
from locking.monitors.watching import Violation, Watched
from locking.text.fit import escape, wrapped

MARGIN = "  "

MOST_HALF_DONE = 5
"""So many tasks that stand in the middle of something are named."""


def lines_of_automata(automata: Sequence[EventAutomaton], width: int) -> Iterator[str]:
    """A line for every automaton, and below it what it watches."""
    for each in automata:
        yield f"{each.name}  {each.kind}, {len(each.states)} states, {len(each.events)} events"
        yield from wrapped(each.about, width, MARGIN, MARGIN)


def lines_of_watched(
    automata: Sequence[EventAutomaton], watched: Watched, *, known_to_the_end: bool
) -> Iterator[str]:
    """The verdict of every automaton, with its violations; what is half done at a known end."""
    for each in automata:
        broken = [found for found in watched.violations if found.automaton == each]
        verdict = f"violations: {len(broken)}" if broken else "no violation"
        yield f"{each.name}  {verdict} in {watched.seen[each.name]:,} events"
        for found in broken:
            yield f"  {violation_in_words(found)}"
    if known_to_the_end:
        yield from lines_of_half_done(watched)


def lines_of_half_done(watched: Watched) -> Iterator[str]:
    """What is half done at the end."""
    for number, stands in enumerate(watched.half_done):
        if number < MOST_HALF_DONE:
            who = f"{escape(stands.who)} stands" if stands.who else "it stands"
            yield f"at the end: {who} in {stands.state} of {stands.automaton.name}"
    if len(watched.half_done) > MOST_HALF_DONE:
        yield f"at the end: and {len(watched.half_done) - MOST_HALF_DONE} more"


def list_of(what: str, names: Sequence[str], width: int) -> list[str]:
    """What these names are, and the names; no line for no names."""
    return [f"{what}:", *wrapped(", ".join(names), width, MARGIN, MARGIN)] if names else []


def violation_in_words(found: Violation) -> str:
    """Where it is, who did what, and what might have come instead."""
    event: RecordedEvent = found.event
    allowed = f"allowed: {', '.join(found.allowed)}" if found.allowed else "nothing is allowed"
    return f"line {event.line}: {escape(event.who)}: {event.name} in state {found.state}; {allowed}"
