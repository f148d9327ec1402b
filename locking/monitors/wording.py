"""What there is to say of automata, and of what they found in a trace, in lines."""

from collections.abc import Iterator, Sequence

from locking.conformance.recorded_event import RecordedEvent
from locking.monitors.event_automaton import EventAutomaton
from locking.monitors.watching import Violation, Watched
from locking.text.fit import escape, wrapped
from locking.text.words import counted

MARGIN = "  "

MOST_HALF_DONE = 5
"""So many tasks that stand in the middle of something are named."""


def lines_of_automata(automata: Sequence[EventAutomaton], width: int) -> Iterator[str]:
    """A line for every automaton, and below it what it watches."""
    for each in automata:
        states, events = counted(len(each.states), "state"), counted(len(each.events), "event")
        yield from wrapped(f"{each.name}  {each.kind}, {states}, {events}", width, later=MARGIN)
        yield from wrapped(each.about, width, MARGIN, MARGIN)


def lines_of_watched(
    automata: Sequence[EventAutomaton], watched: Watched, width: int, *, known_to_the_end: bool
) -> Iterator[str]:
    """The verdict of every automaton, with its violations; what is half done at a known end."""
    for each in automata:
        broken = [found for found in watched.violations if found.automaton == each]
        verdict = f"violations: {len(broken)}" if broken else "no violation"
        said = f"{each.name}  {verdict} in {counted(watched.seen[each.name], 'event')}"
        yield from wrapped(said, width, later=MARGIN)
        for found in broken:
            yield from wrapped(violation_in_words(found), width, MARGIN, 2 * MARGIN)
    if known_to_the_end:
        yield from lines_of_half_done(watched, width)


def lines_of_half_done(watched: Watched, width: int) -> Iterator[str]:
    """What is half done at the end."""
    for number, stands in enumerate(watched.half_done):
        if number < MOST_HALF_DONE:
            name = stands.automaton.name
            whose = f"{name} of {escape(stands.who)}" if stands.who else name
            yield from wrapped(
                f"at the end: {whose} is in state {stands.state}", width, later=MARGIN
            )
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
