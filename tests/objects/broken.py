"""What the tests of broken twins share: a lock and its twin, and how they are told apart."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from locking import (
    Object,
    Record,
    Thread,
    Verdict,
    never_together,
    required,
    section,
)
from locking.properties.explored import Property
from tests.systems import verdict

EXCLUSION = never_together("exclusion", "write", "write")
NO_READER = never_together("no-reader", "write", "read")
PROMISE = required("promise", "what a thread relies on is so")


class Pair(NamedTuple):
    """A lock and its twin, a system in which they differ, and what must be true of it.

    `others` are the objects of the system besides these and the record that it is given.
    """

    real: Object
    twin: Object
    system: Callable[[Object, Record], list[Thread]]
    property: Property
    others: tuple[Object, ...] = ()


def behind(twin):
    """The first class behind a twin that `locking` itself defines."""
    return next(each for each in twin.__mro__ if each.__module__.startswith("locking."))


def pair(twin, system, property_, *args, others=()):
    """A twin and what it is a twin of, as a test's parameter."""
    made = Pair(behind(twin)("lock", *args), twin("lock", *args), system, property_, others)
    return pytest.param(made, id=twin.__name__)


async def inside(data, name):
    """A section long enough for others to be seen in it."""
    async with section(name):
        await data.x.READ_ONCE()


def verdicts(pair):
    """What is found of the lock and of its twin."""
    found = []
    for lock in (pair.real, pair.twin):
        data = Record("data", x=0, y=0)
        found.append(verdict([lock, data, *pair.others], pair.system(lock, data), pair.property))
    return tuple(found)


CAUGHT = Verdict.HOLDS, Verdict.FAILS
