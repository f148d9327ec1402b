"""Configurations: the shared part and the places of some threads; steps, and what there shows."""

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement, product
from typing import Any, NamedTuple

from locking.errors import UsageError
from locking.explore.deadline import timely
from locking.parameterized.protocol import GuardedStep, OthersGuard, Parameterized


class SystemConfiguration(NamedTuple):
    """The shared part, and where threads are: in a row, or sorted if they stand in none."""

    shared: Any
    places: tuple[Any, ...]


class Reached(NamedTuple):
    """All configurations of some number of threads, each with one that a step leads to it from."""

    before: dict[SystemConfiguration, SystemConfiguration | None]


class TooManyViews(Exception):
    """More configurations than were allowed."""


MarkPattern = tuple[str, ...]
"""Marks: it shows where each is one of another thread."""


def configuration(system: Parameterized, shared: Any, places: Sequence[Any]) -> SystemConfiguration:
    """The configuration of threads at these places."""
    return SystemConfiguration(shared, tuple(places if system.linear else sorted(places)))


def begun_configurations(system: Parameterized, threads: int) -> Iterator[SystemConfiguration]:
    """Every configuration in which so many threads may begin."""
    begins = sorted(system.begins)
    ways = (
        product(begins, repeat=threads)
        if system.linear
        else combinations_with_replacement(begins, threads)
    )
    return (SystemConfiguration(system.start, places) for places in ways)


def targets(system: Parameterized, at: SystemConfiguration) -> Iterator[SystemConfiguration]:
    """Where each step leads that can be taken."""
    for mover, step in every_step(system, at):
        if all(is_met(system, at, mover, guard) for guard in step.guards):
            yield fire(system, at, mover, step)


def every_step(
    system: Parameterized, at: SystemConfiguration
) -> Iterator[tuple[int | None, GuardedStep]]:
    """The steps of all threads, whether or not their guards are true, each with who takes it."""
    for step in system.fixed_steps(at.shared):
        yield None, step
    for mover, place in enumerate(at.places):
        for step in system.steps(at.shared, place):
            yield mover, step


def fire(
    system: Parameterized, at: SystemConfiguration, mover: int | None, step: GuardedStep
) -> SystemConfiguration:
    """Where a step leads whose guards are true."""
    places = [
        step.place if number == mover else step.others.get(place, place)
        for number, place in enumerate(at.places)
    ]
    return configuration(system, step.shared, places)


def is_met(
    system: Parameterized, at: SystemConfiguration, mover: int | None, guard: OthersGuard
) -> bool:
    """Whether so many of the threads but `mover` have the mark."""
    count = count_of(system, at, mover, guard)
    return guard.least <= count and (guard.most is None or count <= guard.most)


def count_of(
    system: Parameterized, at: SystemConfiguration, mover: int | None, guard: OthersGuard
) -> int:
    """How many of the threads but `mover` have the mark, on the side that is asked for."""
    first, last = 0, len(at.places)
    if mover is not None and guard.side:
        first, last = (0, mover) if guard.side == "left" else (mover + 1, last)
    return sum(
        guard.mark in system.marks(at.shared, at.places[number])
        for number in range(first, last)
        if number != mover
    )


def shows(system: Parameterized, at: SystemConfiguration, pattern: MarkPattern) -> bool:
    """Whether each mark of a pattern is one of another thread."""
    threads = [*system.fixed_marks(at.shared)]
    threads += [system.marks(at.shared, place) for place in at.places]
    return can_be_given(pattern, threads)


def can_be_given(pattern: MarkPattern, threads: Sequence[frozenset[str]]) -> bool:
    """Whether each mark can be given to another of `threads`, which has it."""
    if not pattern:
        return True
    return any(
        pattern[0] in marks and can_be_given(pattern[1:], [*threads[:at], *threads[at + 1 :]])
        for at, marks in enumerate(threads)
    )


def every_configuration(system: Parameterized, threads: int, most: int) -> Reached:
    """Every configuration that so many threads come to. Errors: `TooManyViews`, `OutOfTime`."""
    before: dict[SystemConfiguration, SystemConfiguration | None] = dict.fromkeys(
        begun_configurations(system, threads)
    )
    pending = list(before)
    for at in timely(pending):  # it grows while it is gone through
        for to in targets(system, at):
            if to not in before:
                before[to] = at
                pending.append(to)
        if len(pending) > most:
            raise TooManyViews
    return Reached(before)


def path_to(reached: Reached, last: SystemConfiguration) -> tuple[SystemConfiguration, ...]:
    """A shortest run to a configuration that is reached."""
    found: list[SystemConfiguration] = []
    at: SystemConfiguration | None = last
    while at is not None:
        found.append(at)
        at = reached.before[at]
    return tuple(reversed(found))


def views_of(at: SystemConfiguration, size: int) -> Iterator[SystemConfiguration]:
    """The views of so many threads that a configuration has: all others are left out."""
    return (SystemConfiguration(at.shared, some) for some in combinations(at.places, size))


def refuse_small(size: int) -> None:
    """Refuse views of no thread. Errors: `UsageError`."""
    if size < 1:
        raise UsageError(f"a view has one thread or more, not {size}")
