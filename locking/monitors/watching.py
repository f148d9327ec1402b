"""Automata run over a recorded trace: their first violations, and what is half done at the end.

An automaton that has seen a violation no longer knows where its task stands, so it watches no more.
One of a task stops for that task only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.conformance.recorded_event import RecordedEvent
from locking.monitors.event_automaton import EventAutomaton


class Violation(NamedTuple):
    """An event that an automaton does not allow in its state, and what it allows."""

    automaton: EventAutomaton
    event: RecordedEvent
    state: str

    @property
    def allowed(self) -> tuple[str, ...]:
        """The events that may come in that state."""
        return tuple(sorted(self.automaton.moves[self.state]))


class HalfDone(NamedTuple):
    """Where an automaton stands at the end of a trace, if something is half done there."""

    automaton: EventAutomaton
    who: str
    state: str


@dataclass
class Watched:
    """What was found in a trace: `seen` counts the events that an automaton took."""

    violations: list[Violation] = field(default_factory=list)
    half_done: list[HalfDone] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


def watch_trace(automata: Sequence[EventAutomaton], events: Iterable[RecordedEvent]) -> Watched:
    """Run the automata over the events, in their order."""
    found = Watched(seen={each.name: 0 for each in automata})
    known = {each.name: frozenset(each.events) for each in automata}
    states: dict[tuple[str, int | None], str | None] = {}
    last: dict[tuple[str, int | None], str] = {}
    for event in events:
        for automaton in automata:
            if event.name not in known[automaton.name]:
                continue
            found.seen[automaton.name] += 1
            task = event.pid if automaton.kind == "per_task" else None
            key = (automaton.name, task)
            last[key] = event.who if automaton.kind == "per_task" else ""
            state = states.get(key, automaton.initial)
            if state is not None:
                states[key] = automaton.moves[state].get(event.name)
                if states[key] is None:
                    found.violations.append(Violation(automaton, event, state))
    found.half_done = half_done(automata, states, last)
    return found


def half_done(
    automata: Sequence[EventAutomaton],
    states: Mapping[tuple[str, int | None], str | None],
    last: Mapping[tuple[str, int | None], str],
) -> list[HalfDone]:
    """The automata that do not stand in a quiet state."""
    by_name = {each.name: each for each in automata}
    return [
        HalfDone(by_name[key[0]], last[key], state)
        for key, state in states.items()
        if state is not None and state not in by_name[key[0]].quiet
    ]
