"""What a task may show, as an expression over events, and what is left of it after an event.

Expressions are regular: one event, some in order, one of several, any number of times. What is left
after an event is again an expression (Brzozowski, Derivatives of regular expressions, J. ACM 11(4),
1964), so the expressions that can be left are the states of a deterministic automaton. There are
finitely many, because of one of several equal expressions only one is kept.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple


class SeenEvent(NamedTuple):
    """One event, seen while locks are `held`, each with its mode."""

    event: str
    held: tuple[tuple[str, str], ...] = ()


class InOrder(NamedTuple):
    """All parts, one after the other; without parts, nothing more is to come."""

    parts: tuple["Behaviour", ...]


class OneOf(NamedTuple):
    """One of the parts; without parts, there is no way to go on."""

    parts: frozenset["Behaviour"]


class AnyNumber(NamedTuple):
    """The part, again and again, or never."""

    part: "Behaviour"


Behaviour = SeenEvent | InOrder | OneOf | AnyNumber

DONE = InOrder(())
"""Nothing more is to come."""

NO_WAY = OneOf(frozenset())
"""What is left after an event that may not come."""


def one_by_one(parts: Iterable[Behaviour]) -> Behaviour:
    """The parts one after the other, in the simplest form."""
    flat: list[Behaviour] = []
    for each in parts:
        if each == NO_WAY:
            return NO_WAY
        flat += each.parts if isinstance(each, InOrder) else [each]
    return flat[0] if len(flat) == 1 else InOrder(tuple(flat))


def one_of(parts: Iterable[Behaviour]) -> Behaviour:
    """One of the parts, in the simplest form."""
    flat: set[Behaviour] = set()
    for each in parts:
        flat |= each.parts if isinstance(each, OneOf) else {each}
    return next(iter(flat)) if len(flat) == 1 else OneOf(frozenset(flat))


def may_end(behaviour: Behaviour) -> bool:
    """Whether nothing more needs to come."""
    match behaviour:
        case InOrder(parts):
            return all(map(may_end, parts))
        case OneOf(parts):
            return any(map(may_end, parts))
        case _:
            return isinstance(behaviour, AnyNumber)


@cache
def left_after(behaviour: Behaviour, event: str) -> Behaviour:
    """What is left of `behaviour` after `event`; `NO_WAY` where it may not come."""
    match behaviour:
        case SeenEvent():
            return DONE if behaviour.event == event else NO_WAY
        case OneOf(parts):
            return one_of(left_after(each, event) for each in parts)
        case AnyNumber(part):
            return one_by_one([left_after(part, event), behaviour])
        case InOrder(parts):
            ways = []
            for at, part in enumerate(parts):
                ways.append(one_by_one([left_after(part, event), *parts[at + 1 :]]))
                if not may_end(part):
                    break
            return one_of(ways)


def only_visible(behaviour: Behaviour, visible: frozenset[str]) -> Behaviour:
    """What can be seen of a behaviour, where other events are not seen."""
    match behaviour:
        case SeenEvent():
            return behaviour if behaviour.event in visible else DONE
        case InOrder(parts):
            return one_by_one(only_visible(each, visible) for each in parts)
        case OneOf(parts):
            return one_of(only_visible(each, visible) for each in parts)
        case AnyNumber(part):
            return AnyNumber(only_visible(part, visible))


def every_event(behaviour: Behaviour) -> Iterator[SeenEvent]:
    """The events of a behaviour, wherever they stand in it."""
    match behaviour:
        case SeenEvent():
            yield behaviour
        case AnyNumber(part):
            yield from every_event(part)
        case InOrder() | OneOf():
            for each in behaviour.parts:
                yield from every_event(each)
