"""A case with more threads of some roles: what the engine looks through for a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

from locking.errors import ModelError, unknown
from locking.model import Case
from locking.programs.thread import Thread
from locking.system import System

PLAIN = (bool, int, str)
"""Types whose values are equal if nothing tells them apart."""


def copies_of(system: System, role: str) -> tuple[int, ...]:
    """The numbers of the threads that differ from the one called `role` in nothing but the name.

    Errors: `UsageError` for the name of no thread.
    """
    by_name = {thread.name: thread for thread in system.threads}
    if role not in by_name:
        raise unknown("thread, to come in any number,", role, by_name)
    first = by_name[role]
    return tuple(at for at, thread in enumerate(system.threads) if are_copies(first, thread))


def are_copies(one: Thread, other: Thread) -> bool:
    """Whether two threads are one program with the same arguments: nothing tells them apart."""
    return (
        (one.program is other.program and one.daemon is other.daemon)
        and len(one.args) == len(other.args)
        and all(map(is_same, one.args, other.args))
    )


def is_same(one: Any, other: Any) -> bool:
    """Whether nothing tells two arguments apart: they are one object, or plain and equal.

    Of others no equality is enough: equal sets are iterated in different orders, and a class may
    call anything equal.
    """
    return one is other or (type(one) is type(other) and type(one) in PLAIN and one == other)


def copies_by_role(system: System, names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Each role with its threads, those of one role once. Errors: `UsageError`."""
    found: dict[str, tuple[int, ...]] = {}
    for name in dict.fromkeys(names):
        copies = copies_of(system, name)
        if copies not in found.values():
            found[name] = copies
    return found


def with_more_threads(
    system: System, roles: Mapping[str, tuple[int, ...]], times: Mapping[str, int]
) -> System:
    """The system with each role as many times as `times` says. Errors: `ModelError`."""
    gone = {at for copies in roles.values() for at in copies}
    threads = [thread for at, thread in enumerate(system.threads) if at not in gone]
    taken = {thread.name for thread in threads}
    for role, copies in roles.items():
        for number in range(times[role]):
            threads.append(replace(system.threads[copies[0]], name=f"{role}-{number + 1}"))
    if len({thread.name for thread in threads}) < len(threads) or not threads:
        raise ModelError(f"{', '.join(sorted(taken))}: give threads names without a number")
    return System(system.objects, threads, system.properties, system.starts, system.unjudged)


def wider_cases(
    case: Case, build: Callable[[Case], System], names: Sequence[str], threads: int
) -> Iterator[Case]:
    """Each case with so many threads of all roles together; `build` makes the system of few."""
    for roles in combinations_with_replacement(names, threads):
        times = {name: roles.count(name) for name in names}

        def built(case: Case, times: Mapping[str, int] = times) -> System:
            system = build(case)
            return with_more_threads(system, copies_by_role(system, names), times)

        yield replace(case, model=replace(case.model, build=built, expected=()))
