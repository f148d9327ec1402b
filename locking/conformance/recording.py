"""A trace as a model sees it: only events of the event map, by the names of the map."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.conformance.event_map import EventMap, EventPattern
from locking.conformance.recorded_event import (
    LostEvents,
    RecordedEvent,
    TraceLine,
    arguments_in,
)


class ObservedEvent(NamedTuple):
    """An event that stands for something: its names in the map, and what it is about, if it says.

    It has several names where a trace does not tell two events of the map apart.
    """

    event: RecordedEvent
    names: tuple[str, ...]
    about: int | None = None


@dataclass(frozen=True)
class Recording:
    """What a trace shows of a model.

    `observed` ends where events were lost, if any were; `alphabet` has the names of all events that
    the trace is known to show. `events` are the lines that are events, `last` the number of the
    last of them. `unsaid` has, for an event of the map, the first line that may be it or not,
    because it lacks an argument by which the map would tell.
    """

    observed: tuple[ObservedEvent, ...]
    alphabet: frozenset[str]
    lost: LostEvents | None
    events: int
    last: int
    unsaid: Mapping[str, RecordedEvent] = field(default_factory=dict)


Meanings = Mapping[str, tuple[tuple[str, int, EventPattern], ...]]
"""For what a trace calls an event, the names of the map, each with its row's number and pattern."""


def meanings_of(events: EventMap) -> Meanings:
    """The map, by the names of a trace."""
    found: dict[str, tuple[tuple[str, int, EventPattern], ...]] = {}
    for name, patterns in events.patterns.items():
        for row, pattern in enumerate(patterns):
            found[pattern.name] = (*found.get(pattern.name, ()), (name, row, pattern))
    return found


def recording_of(
    events: EventMap, trace: Iterable[TraceLine], traced: Collection[str] = ()
) -> Recording:
    """What `trace` shows. Events of the map in `traced` count as shown, though none may be there.

    An event of the map that has several rows is the first of them that the trace has any of.
    """
    meanings = meanings_of(events)
    found: list[tuple[RecordedEvent, dict[str, tuple[int, EventPattern]]]] = []
    lost: LostEvents | None = None
    count = last = 0
    unsaid: dict[str, RecordedEvent] = {}
    for each in trace:
        last = each.line
        if isinstance(each, LostEvents):
            lost = lost or each
            continue
        count += 1
        if each.name not in meanings:
            continue
        if stands_for := dict(matching(meanings, each)):
            found.append((each, stands_for))
        else:
            unsaid = dict.fromkeys(lacking(meanings, each), each) | unsaid
    first = first_rows(found)
    chosen = list(of_first_rows(found, first))
    observed = tuple(each for each in chosen if not lost or each.event.line < lost.line)
    alphabet = frozenset(name for each in chosen for name in each.names) | frozenset(traced)
    return Recording(observed, alphabet, lost, count, last, unsaid)


def matching(
    meanings: Meanings, event: RecordedEvent
) -> Iterator[tuple[str, tuple[int, EventPattern]]]:
    """The names of the map that an event may have, each with its row and pattern."""
    arguments = arguments_in(event.text)
    for name, row, pattern in meanings[event.name]:
        if pattern.matches(arguments):
            yield name, (row, pattern)


def lacking(meanings: Meanings, event: RecordedEvent) -> Iterator[str]:
    """The names of the map that an event might have, if it had an argument that it lacks."""
    arguments = arguments_in(event.text)
    for name, _, pattern in meanings[event.name]:
        asked = [key for key, wanted in pattern.where if not wanted.fullmatch("")]
        if any(key not in arguments for key in asked):
            yield name


def first_rows(
    found: Iterable[tuple[RecordedEvent, Mapping[str, tuple[int, EventPattern]]]],
) -> dict[str, int]:
    """For every name the first of its rows that some event is of."""
    first: dict[str, int] = {}
    for _, stands_for in found:
        for name, (row, _) in stands_for.items():
            first[name] = min(row, first.get(name, row))
    return first


def of_first_rows(
    found: Iterable[tuple[RecordedEvent, Mapping[str, tuple[int, EventPattern]]]],
    first: Mapping[str, int],
) -> Iterator[ObservedEvent]:
    """The events that are of the first row of some name."""
    for event, stands_for in found:
        names = tuple(name for name, (row, _) in stands_for.items() if row == first[name])
        if names:
            patterns = [stands_for[name][1] for name in names]
            yield ObservedEvent(event, names, about_of(event, patterns))


def about_of(event: RecordedEvent, patterns: Iterable[EventPattern]) -> int | None:
    """What an event is about, by the first of its patterns that says so."""
    arguments = arguments_in(event.text)
    for argument, divisor in [each.about for each in patterns if each.about]:
        try:
            return int(arguments.get(argument, ""), 0) // divisor
        except ValueError:
            continue
    return None
