"""Data races: next steps on one cell, one a write, not both marked; inside atomic blocks too."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from locking import (
    WAIT,
    Cell,
    Completion,
    Holding,
    Mutex,
    Object,
    Outcome,
    RwSem,
    Seqcount,
    Spinlock,
    System,
    Thread,
    Verdict,
    atomic,
    choose,
    data_race_free,
    forever,
    operation,
)
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.explore.compare import case_of, checked

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


class Places(Object):
    """A semaphore. State: who has a place; `room` have. It tells how many were inside before."""

    def __init__(self, name: str, room: int) -> None:
        super().__init__(name, ())
        self.room = room

    @operation
    def down(self, inside: tuple[str, ...], me: str) -> Outcome:
        """Take a place, or wait."""
        taken = (*inside, me), len(inside)
        return taken if len(inside) < self.room else WAIT

    @operation
    def up(self, inside: tuple[str, ...], me: str) -> Outcome:
        """Give it back."""
        return tuple(each for each in inside if each != me), None

    def holders(self, inside: tuple[str, ...]) -> tuple[Holding, ...]:
        """Who has a place."""
        return tuple(Holding(each, "place") for each in inside)


class OneWay(Object):
    """A second thread waits only for one that came in by `first`: it excludes one way round."""

    @operation
    def first(self, held: str | None, me: str) -> Outcome:
        """Nobody is waited for."""
        return "first", None

    @operation
    def second(self, held: str | None, me: str) -> Outcome:
        """Wait for the first."""
        return WAIT if held == "first" else ("second", None)


ONE, TWO = Places("one", 1), Places("two", 2)
SEQ, ONE_WAY = Seqcount("seq"), OneWay("one-way")


def placed(places: Places) -> Program:
    """Write with a place, which is kept until after the block."""

    async def work() -> None:
        async with atomic():
            await places.down()
            await X.write(1)
        await places.up()

    return work


async def counted() -> None:
    await SEQ.write_seqcount_begin()
    await X.write(1)
    await SEQ.write_seqcount_end()


async def comes_first() -> None:
    await ONE_WAY.first()
    await X.write(1)


async def comes_second() -> None:
    await ONE_WAY.second()
    await X.write(1)


async def heedless() -> None:
    """A trylock that may fail, and an access all the same."""
    got = await S.spin_trylock()
    await X.write(1)
    if got:
        await S.spin_unlock()


async def reads_then_writes() -> None:
    """Lowered by hand: a reader that was a writer."""
    await R.down_read()
    await X.write(1)
    await R.up_read()


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
    ("blocks that both try", block(tried), block(tried), False),
    ("block that heeds no failure", block(heedless), block(locked), True),
    ("blocks with one place", placed(ONE), placed(ONE), False),
    ("blocks with two places", placed(TWO), placed(TWO), True),
    ("blocks of one sequence counter", block(counted), block(counted), True),
    ("blocks excluded one way round", block(comes_first), block(comes_second), True),
    ("blocks that write as readers", block(reads_then_writes), block(reads_then_writes), True),
    (
        "block that writes as a reader, and a writer",
        block(reads_then_writes),
        block(writing),
        False,
    ),
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
    system = System([X, S, M, R, ONE, TWO, SEQ, ONE_WAY], threads, [data_race_free()])
    result, *_ = checked(system, minimise=minimise).results
    assert result.verdict is (Verdict.FAILS if race else Verdict.HOLDS)


def test_a_race_is_told() -> None:
    """Who is about to do what."""
    system = System([X], [Thread("t", write), Thread("u", read_once)], [data_race_free()])
    (result,) = checked(system).results
    assert result.path == "toy:only::data-race::-"
    assert result.finding
    assert result.finding.says == (
        "data race on x, next to each other: t is about to write it, u to read (marked) it"
    )
    assert (result.finding.operands, result.finding.objects) == ((("x", "0"),), {"x"})


def test_a_race_that_comes_after_steps_is_found_at_its_first_state() -> None:
    """The shortest way there."""

    async def later() -> None:
        async with M.hold():
            pass
        await X.write(1)

    system = System([X, M], [Thread("t", later), Thread("u", read)], [data_race_free()])
    (result,) = checked(system).results
    assert result.path == "toy:only::data-race::a2"


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_block_at_place_0_races_like_any_other(engine: str, reduction: str) -> None:
    """Place 0 equals False, and is a place all the same."""
    signal = Completion("signal")

    async def round_() -> None:
        async with atomic():
            await X.write(1)
            await signal.complete_all()
        await choose("this", "that")

    async def server() -> None:
        await forever(round_)

    async def client() -> None:
        await signal.wait_for_completion()
        await X.write(2)

    threads = [Thread("server", server, daemon=True), Thread("client", client)]
    system = System([X, signal], threads, [data_race_free()])
    (result,) = check(case_of(system), options=Options(engine, reduction=reduction)).results
    assert (result.verdict, result.path) == (Verdict.FAILS, "toy:only::data-race::a2.b1")
