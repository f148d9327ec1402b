"""The events of a recording as automata take them: each by one name of the event map.

A trace may not tell two events of the map apart: lockdep says that a lock was acquired, not in
which mode. Then the mode counts in which the task last asked for that lock.
"""

from collections.abc import Mapping, MutableMapping
from typing import NamedTuple

from locking.conformance.event_map import EventMap
from locking.conformance.recorded_event import RecordedEvent
from locking.conformance.recording import Recording

Modes = Mapping[str, frozenset[tuple[str, str]]]
"""For every event of a lock, the locks and modes that it may be of."""


class ToldApart(NamedTuple):
    """The events by their names in the map.

    They end before line `until` if there is a `cause` why all is unknown from there on.
    """

    events: tuple[RecordedEvent, ...]
    cause: str = ""
    until: int = 0


def told_apart(recording: Recording, events: EventMap) -> ToldApart:
    """The events up to where some were lost, or where one may still be several of the map."""
    taking, releasing = modes_of_events(events)
    asked: dict[tuple[int, str], str] = {}
    found: list[RecordedEvent] = []
    for event, names, _ in recording.observed:
        fitting = [
            name
            for name in names
            if any(
                asked.get((event.pid, lock)) == mode
                for lock, mode in taking.get(name, releasing.get(name, frozenset()))
            )
        ]
        one_of = fitting or list(names)
        if len(one_of) > 1:
            why = f"{event.name} may be {' or '.join(one_of)}, and the trace does not tell which"
            return ToldApart(tuple(found), why, event.line)
        note_mode(asked, event.pid, taking.get(one_of[0]), releasing.get(one_of[0]))
        found.append(event._replace(name=one_of[0]))
    if recording.lost:
        why = f"events were lost: {recording.lost.text}"
        return ToldApart(tuple(found), why, recording.lost.line)
    return ToldApart(tuple(found))


def note_mode(
    asked: MutableMapping[tuple[int, str], str],
    pid: int,
    taken: frozenset[tuple[str, str]] | None,
    released: frozenset[tuple[str, str]] | None,
) -> None:
    """Remember in which mode a task asked for a lock, until it lets the lock go."""
    for lock, _ in released or ():
        asked.pop((pid, lock), None)
    if taken and len(taken) == 1:
        [(lock, mode)] = taken
        asked[pid, lock] = mode


def modes_of_events(events: EventMap) -> tuple[Modes, Modes]:
    """What events of taking, or of a downgrade, may be of; and what events of letting go may be."""
    taking: dict[str, frozenset[tuple[str, str]]] = {}
    releasing: dict[str, frozenset[tuple[str, str]]] = {}
    for held, handling in events.locks.items():
        for found, items in ((taking, handling.take), (releasing, handling.release)):
            for item in items:
                found[item.name] = found.get(item.name, frozenset()) | {held}
    for lock, items in events.lowerings.items():
        taking.update({item.name: frozenset({(lock, "read")}) for item in items})
    return taking, releasing
