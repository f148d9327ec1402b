"""How long tasks of a recording were in named steps: from the first event of a step to its last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from locking.conformance.event_map import EventMap, Items
from locking.conformance.recorded_event import RecordedEvent
from locking.conformance.recording import Recording
from locking.durations.measured import Interval

UNITS = 10**9
"""The times of a trace are multiples of a nanosecond."""


@dataclass(frozen=True)
class StepBegun:
    """A named step that a task may be in: since when, and the events that are still to come."""

    step: str
    begin: Fraction
    left: Items


def intervals_of(recording: Recording, events: EventMap) -> Iterator[Interval]:
    """Every time that a task was seen to take a step from end to end.

    A step is left out if the trace never shows its first event or its last, or they are one. Events
    inside of a longer step are of that one: a task that brings a block online does not resize.
    Steps with the same events have the same intervals, for the trace does not tell them apart.
    """
    rows = visible_rows(events, recording.alphabet)
    under_way: dict[int, list[StepBegun]] = {}
    of_steps = {item.name for items in rows.values() for item in items}
    for event, names, _ in recording.observed:
        known = set(names) & of_steps
        if not known:
            continue
        before = under_way.get(event.pid, [])
        now = [each for begun in before if (each := gone_on(begun, known))]
        now = now or begun_by(event, known, rows)
        yield from (
            Interval(event.who, each.step, each.begin, moment(event))
            for each in now
            if not each.left
        )
        under_way[event.pid] = [each for each in now if each.left]


def visible_rows(events: EventMap, alphabet: frozenset[str]) -> dict[str, Items]:
    """For every step whose ends the trace shows, the events of it that the trace shows."""
    return {
        step: tuple(item for item in items if item.name in alphabet)
        for step, items in events.steps.items()
        if len(items) > 1 and {items[0].name, items[-1].name} <= alphabet
    }


def begun_by(event: RecordedEvent, known: set[str], rows: Mapping[str, Items]) -> list[StepBegun]:
    """The steps that an event may be the first of."""
    begun = (StepBegun(step, moment(event), items) for step, items in rows.items())
    return [each for every in begun if (each := gone_on(every, known))]


def gone_on(begun: StepBegun, known: set[str]) -> StepBegun | None:
    """The step after the next of its events, called one of `known`; None if that can't be next."""
    for at, item in enumerate(begun.left):
        if item.name in known:
            left = begun.left[at:] if item.times == "*" else begun.left[at + 1 :]
            return StepBegun(begun.step, begun.begin, left)
        if not item.times:
            return None
    return None


def moment(event: RecordedEvent) -> Fraction:
    """When an event was, in seconds."""
    return Fraction(round(event.seconds * UNITS), UNITS)
