"""Data races: next steps on one cell, one a write, not both marked; inside atomic blocks too."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from locking import (
    Cell,
    Mutex,
    RwSem,
    Spinlock,
    System,
    Thread,
    Verdict,
    atomic,
    data_race_free,
)
from tests.explore.compare import checked

X, S, M, R = Cell("x", 0), Spinlock("s"), Mutex("m"), RwSem("r")

Program = Callable[[], Coroutine[Any, Any, Any]]


async def read() -> None:
    await X.read()


async def write() -> None:
    await X.write(1)


async def read_once() -> None:
    await X.READ_ONCE()


async def write_once() -> None:
    await X.WRITE_ONCE(1)


async def locked() -> None:
    async with S.hold():
        await X.write(1)


async def reading() -> None:
    async with R.read():
        await X.read()


async def writing() -> None:
    async with R.write():
        await X.write(1)


def block(program: Program) -> Program:
    """The program as one atomic block."""

    async def whole() -> None:
        async with atomic():
            await program()

    return whole


async def unlocked_after() -> None:
    """The access comes after the lock was given back."""
    async with S.hold():
        await R.down_read()
        await R.up_read()
    await X.write(1)


async def downgraded() -> None:
    """A write lock that is a read lock by the time of the access."""
    await R.down_write()
    await R.downgrade_write()
    await X.read()
    await R.up_read()


async def other_lock() -> None:
    async with M.hold():
        await X.write(1)


async def tried() -> None:
    """A trylock that may fail, and then no access."""
    if await S.spin_trylock():
        await X.write(1)
        await S.spin_unlock()


CASES: list[tuple[str, Program, Program, bool]] = [
    ("two reads", read, read, False),
    ("read and write", read, write, True),
    ("two writes", write, write, True),
    ("marked both", read_once, write_once, False),
    ("marked writes", write_once, write_once, False),
    ("marked and plain", write_once, read, True),
    ("plain and marked", read_once, write, True),
    ("locked both", locked, locked, False),
    ("locked and not", locked, read, True),
    ("two locks", locked, other_lock, True),
    ("reader and writer", reading, writing, False),
    ("block and the same block", block(locked), block(locked), False),
    ("block and a plain reader", block(locked), read, True),
    ("block and a marked reader", block(locked), read_once, True),
    ("block and a lock held outside", block(locked), locked, False),
    ("blocks of two locks", block(locked), block(other_lock), True),
    ("blocks without a lock", block(write), block(write), True),
    ("marked blocks", block(write_once), block(read_once), False),
    ("block that unlocks first", block(unlocked_after), block(locked), True),
    ("blocks of reader and writer", block(reading), block(writing), False),
    ("blocks of two readers", block(reading), block(reading), False),
    ("downgraded block and writer", block(downgraded), block(writing), False),
    ("block that tries", block(tried), block(locked), False),
    ("block that tries, and a reader", block(tried), read, True),
]


@pytest.mark.parametrize(
    ("one", "other", "race"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("minimise", [True, False])
def test_two_threads_race_or_not(
    one: Program, other: Program, race: bool, order: int, minimise: bool
) -> None:
    """Whichever comes first, merged or not."""
    threads = [Thread(f"t{at}", each) for at, each in enumerate([one, other][::order])]
    system = System([X, S, M, R], threads, [data_race_free()])
    (result,) = checked(system, minimise=minimise).results
    assert result.verdict is (Verdict.FAILS if race else Verdict.HOLDS)


def test_a_race_is_told() -> None:
    """Who is about to do what."""
    system = System([X], [Thread("t", write), Thread("u", read_once)], [data_race_free()])
    (result,) = checked(system).results
    assert result.path == "toy:only::data-race::-"
    assert result.finding
    assert result.finding.says == ("data race on x: t is about to write it, u to read (marked) it")


def test_a_race_that_comes_after_steps_is_found_at_its_first_state() -> None:
    """The shortest way there."""

    async def later() -> None:
        async with M.hold():
            pass
        await X.write(1)

    system = System([X, M], [Thread("t", later), Thread("u", read)], [data_race_free()])
    (result,) = checked(system).results
    assert result.path == "toy:only::data-race::a2"
