"""Threads that go round: small ones by hand, and random systems of them.

Each tries until a cell has a value, or for ever.
"""

from collections.abc import Awaitable, Callable
from random import Random

from locking import (
    Cell,
    Mutex,
    System,
    Thread,
    can_end,
    choose,
    deadlock_free,
    eventually,
    forever,
    no_livelock,
    retry,
    section,
    served,
)
from locking.properties.explored import Property

Body = Callable[[], Awaitable[bool | None]]

VALUES = 3

X = Cell("x", 0)


async def set_1() -> None:
    """A step that lets `until_1` end."""
    await X.WRITE_ONCE(1)


async def set_2() -> None:
    """A step that undoes that of `set_1`."""
    await X.WRITE_ONCE(2)


async def is_1() -> bool | None:
    return True if await X.READ_ONCE() == 1 else None


async def until_1() -> None:
    """Try until the cell is 1."""
    await retry(is_1)


def attempt(cell: Cell, lock: Mutex, rng: Random) -> Body:
    """A round: perhaps under the lock, it changes the cell, and then perhaps has what it wants."""
    changes = [(rng.randrange(VALUES), rng.randrange(VALUES)) for _ in range(rng.randint(0, 2))]
    wanted, options = rng.randrange(VALUES), rng.choice((1, 1, 2))
    locked, forgets = rng.random() < 0.3, rng.random() < 0.15

    async def once() -> bool | None:
        if locked:
            await lock.mutex_lock()
        for old, new in changes:
            await cell.cmpxchg(old, new)
        found = await cell.READ_ONCE() == wanted
        if locked and not (forgets and found):
            await lock.mutex_unlock()
        lucky = await choose(*range(options)) == 0 if options > 1 else True
        return True if found and lucky else None

    return once


def loops(body: Body, *, endless: bool) -> Callable[[], Awaitable[None]]:
    """A thread that goes round, and ends with a step inside the section if it is not endless."""

    async def program() -> None:
        if endless:
            await forever(body)
        async with section("tries"):
            await retry(body)

    return program


def looping(seed: int) -> System:
    """The system of a seed: two or three threads, the last perhaps a daemon."""
    rng = Random(seed)
    cell, lock = Cell("cell", 0), Mutex("lock")
    count = rng.choice((2, 2, 3))
    daemon = rng.random() < 0.3
    threads = []
    for number, name in enumerate("abc"[:count]):
        serves = daemon and number == count - 1
        body = attempt(cell, lock, rng)
        threads.append(Thread(name, loops(body, endless=serves), daemon=serves))
    fairness = rng.choice(("none", "weak", "strong"))
    asked: list[Property] = [
        no_livelock(fairness=fairness),
        eventually("one", lambda s: s[cell] == 1, fairness=fairness),
        served("tries", "leaves", fairness),
        served(lock, "gets", fairness),
        can_end(),
    ]
    if rng.random() < 0.5:
        asked[-1:] = [deadlock_free()]
    return System([cell, lock], threads, asked)
