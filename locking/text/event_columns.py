"""Events in a column for each thread, time downwards; in one column, if the width is too small."""

from collections.abc import Sequence
from typing import NamedTuple

from locking.text.fit import GAP, cut, folded

NARROWEST_THREAD = 22
"""Columns of a thread, below which events are listed one below the other."""


class ColumnEvent(NamedTuple):
    """An event: its thread by number, its name, what it is, and what it does."""

    thread: int
    name: str
    what: str
    effects: Sequence[str]


def event_columns(heads: Sequence[str], events: Sequence[ColumnEvent], width: int) -> list[str]:
    """The lines of events, whose threads are called as the heads say."""
    room = (width - len(GAP)) // len(heads) - len(GAP)
    if room < NARROWEST_THREAD:
        return listed_events(heads, events, width)
    lines = [GAP + GAP.join(cut(head, room).ljust(room) for head in heads).rstrip()]
    for each in events:
        indent = GAP + " " * ((room + len(GAP)) * each.thread)
        lines += [indent + line for line in event_lines(f"{each.name} {each.what}", each, room)]
    return lines


def listed_events(heads: Sequence[str], events: Sequence[ColumnEvent], width: int) -> list[str]:
    """Events one below the other."""
    lines: list[str] = []
    for each in events:
        first = f"{each.name} {heads[each.thread]} {each.what}"
        lines += [GAP + line for line in event_lines(first, each, width - len(GAP))]
    return lines


def event_lines(first: str, event: ColumnEvent, room: int) -> list[str]:
    """What an event is and does, folded where a line is too long, and not cut off."""
    lines = folded(first, room)
    for effect in event.effects:
        lines += [GAP + line for line in folded(effect, room - len(GAP))]
    return lines
