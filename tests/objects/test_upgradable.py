"""The upgradable reader/writer lock: one reader who can come to write with no moment between."""

from typing import Any

import pytest

from locking import (
    WAIT,
    Cell,
    Completion,
    Fairness,
    Holding,
    Misuse,
    Queue,
    System,
    UpgradableRwLock,
    UpgradableState,
    Verdict,
    at_end,
    deadlock_free,
    happens_before_race_free,
    sometimes_together,
)
from tests.objects.broken import inside
from tests.objects.every_way import answer
from tests.systems import ask, threads

State = UpgradableState
FREE, READ, UP, WRITE = State(), State(readers=("me",)), State(upgradable="me"), State("me")
passing, blocking, fifo = (
    UpgradableRwLock("lock", each)
    for each in (Fairness.READER_PREFERRING, Fairness.WRITER_BLOCKS_READERS, Fairness.FIFO)
)
every_fairness = pytest.mark.parametrize("lock", [passing, blocking, fifo])


def waits(outcome: Any) -> bool:
    """Whether an outcome is to wait, with a mark or without."""
    return outcome is WAIT or isinstance(outcome, Queue)


@every_fairness
@pytest.mark.parametrize(
    ("state", "call", "outcome"),
    [
        (FREE, "lock_shared", (READ, None)),
        (FREE, "lock_upgradable", (UP, None)),
        (FREE, "lock_exclusive", (WRITE, None)),
        (State(upgradable="you"), "lock_shared", (State(None, "you", ("me",)), None)),
        (State(readers=("you",)), "lock_upgradable", (State(None, "me", ("you",)), None)),
        (State(upgradable="you"), "try_lock_shared", (State(None, "you", ("me",)), True)),
        (State(readers=("you",)), "try_lock_exclusive", (State(readers=("you",)), False)),
        (State(upgradable="you"), "try_lock_upgradable", (State(upgradable="you"), False)),
        (UP, "upgrade", (WRITE, None)),
        (UP, "try_upgrade", (WRITE, True)),
        (State(None, "me", ("you",)), "try_upgrade", (State(None, "me", ("you",)), False)),
        (READ, "unlock_shared", (FREE, None)),
        (UP, "unlock_upgradable", (FREE, None)),
        (WRITE, "unlock_exclusive", (FREE, None)),
        (WRITE, "downgrade", (READ, None)),
        (WRITE, "downgrade_to_upgradable", (UP, None)),
        (UP, "downgrade_upgradable", (READ, None)),
    ],
)
def test_what_comes_of_an_operation(
    lock: UpgradableRwLock, state: State, call: str, outcome: Any
) -> None:
    assert ask(lock, state, call) == outcome


@every_fairness
@pytest.mark.parametrize(
    ("state", "call"),
    [
        (State("you"), "lock_shared"),
        (State("you"), "lock_upgradable"),
        (State(upgradable="you"), "lock_upgradable"),
        (State(upgradable="you"), "lock_exclusive"),
        (State(readers=("you",)), "lock_exclusive"),
        (State(None, "me", ("you",)), "upgrade"),
    ],
)
def test_modes_that_do_not_go_together_wait(
    lock: UpgradableRwLock, state: State, call: str
) -> None:
    assert waits(ask(lock, state, call))


@pytest.mark.parametrize(
    ("state", "call", "reason"),
    [
        (WRITE, "lock_shared", "me waits for lock (read), which it holds itself (write)"),
        (UP, "lock_upgradable", "me waits for lock (upgradable), which it holds itself"),
        (UP, "lock_exclusive", "me waits for lock (write), which it holds itself (upgradable)"),
        (State(None, "me", ("me",)), "upgrade", "me waits for lock (write), which it holds"),
        (READ, "upgrade", "me gives up lock (upgradable), which it does not hold so"),
        (READ, "try_upgrade", "me gives up lock (upgradable), which it does not hold so"),
        (UP, "unlock_shared", "me gives up lock (read), which it does not hold so"),
        (READ, "unlock_upgradable", "me gives up lock (upgradable), which it does not hold so"),
        (UP, "unlock_exclusive", "me gives up lock (write), which it does not hold so"),
        (UP, "downgrade", "me gives up lock (write), which it does not hold so"),
    ],
)
def test_a_misuse_says_who_did_what(state: State, call: str, reason: str) -> None:
    outcome = ask(passing, state, call)
    assert isinstance(outcome, Misuse)
    assert outcome.reason.startswith(reason)


def test_who_upgrades_keeps_new_readers_out_but_where_readers_are_preferred() -> None:
    state = State(None, "up", ("reader",))
    assert ask(passing, state, "upgrade", "up") is WAIT
    for lock in (blocking, fifo):
        marked: Any = ask(lock, state, "upgrade", "up")
        assert marked == Queue(state._replace(queue=(Holding("up", "write"),)))
        assert waits(ask(lock, marked.state, "lock_shared"))
        assert ask(lock, marked.state._replace(readers=()), "upgrade", "up") == (State("up"), None)


def test_a_writer_that_waits_for_the_upgradable_reader_keeps_readers_out_only_in_fifo() -> None:
    state = State(upgradable="up", queue=(Holding("writer", "write"),))
    assert ask(blocking, state, "try_lock_shared") == (state._replace(readers=("me",)), True)
    assert ask(fifo, state, "try_lock_shared") == (state, False)


def test_in_fifo_a_reader_does_not_pass_one_that_waits_to_be_upgradable() -> None:
    """Reported of parking_lot: the reader waits for one that nothing but it holds up."""
    state = State(upgradable="up", queue=(Holding("other", "upgradable"),))
    assert ask(blocking, state, "try_lock_shared") == (state._replace(readers=("me",)), True)
    assert waits(ask(fifo, state, "lock_shared"))


def test_who_holds_the_lock_is_shown() -> None:
    state = State(None, "up", ("a", "b"), (Holding("c", "write"),))
    assert fifo.show(state) == "upgradable up, read a, read b"
    assert fifo.show(FREE) == "free"


def test_renamed_readers_and_marks_are_sorted_again() -> None:
    state = State(None, "a", ("b", "c"), (Holding("b", "write"), Holding("c", "write")))
    names = {"a": "b", "b": "c", "c": "a"}
    first, second = (Holding(each, "write") for each in "ac")
    assert blocking.rename(state, names) == State(None, "b", ("a", "c"), (first, second))
    assert fifo.rename(state, names).queue == (second, first)


def check_then_add(how: str) -> System:
    """Two threads that look, and add if there is nothing: by upgrading, or by asking again."""
    lock, total = UpgradableRwLock("lock"), Cell("total", 0)

    async def upgrading() -> None:
        await lock.lock_upgradable()
        if await total.read() == 0:
            await lock.upgrade()
            await total.write(await total.read() + 1)
            await lock.unlock_exclusive()
        else:
            await lock.unlock_upgradable()

    async def asking_again() -> None:
        async with lock.read():
            seen = await total.read()
        if seen == 0:
            async with lock.write():
                await total.write(await total.read() + 1)

    async def read() -> None:
        async with lock.read():
            await inside_read(total)

    work = upgrading if how == "upgrade" else asking_again
    properties = [
        at_end("once", lambda s: s[total] == 1),
        deadlock_free(),
        happens_before_race_free(),
    ]
    return System([lock, total], threads(work, work, read), properties)


async def inside_read(total: Cell) -> None:
    """Read once."""
    await total.read()


@pytest.mark.slow
def test_what_was_seen_before_an_upgrade_is_so_after_it() -> None:
    assert answer(lambda: check_then_add("upgrade")) == [(Verdict.HOLDS, None)] * 3


def test_what_was_seen_before_the_lock_was_let_go_need_not_be_so_any_more() -> None:
    once, *others = answer(lambda: check_then_add("ask again"))
    assert once == (Verdict.FAILS, "a3.c3.b7.a4")
    assert others == [(Verdict.HOLDS, None)] * 2


def parking_lot(fairness: Fairness) -> System:
    """One holds the lock upgradable until a plain reader has read; another waits to hold it so."""
    lock, has_read = UpgradableRwLock("lock", fairness), Completion("has_read")

    async def hold() -> None:
        await lock.lock_upgradable()
        await has_read.wait_for_completion()
        await lock.unlock_upgradable()

    async def follow() -> None:
        await lock.lock_upgradable()
        await lock.unlock_upgradable()

    async def read() -> None:
        async with lock.read():
            pass
        await has_read.complete()

    return System([lock, has_read], threads(hold, follow, read), [deadlock_free()])


def test_a_reader_behind_one_that_waits_to_be_upgradable_may_wait_for_good() -> None:
    assert answer(lambda: parking_lot(Fairness.WRITER_BLOCKS_READERS)) == [(Verdict.HOLDS, None)]
    ((verdict, _),) = answer(lambda: parking_lot(Fairness.FIFO))
    assert verdict is Verdict.FAILS


def test_a_reader_and_the_upgradable_one_read_together() -> None:
    def build() -> System:
        lock, data = UpgradableRwLock("lock"), Cell("x", 0)

        class Data:
            x = data

        async def read() -> None:
            async with lock.read():
                await inside(Data, "read")

        async def look() -> None:
            await lock.lock_upgradable()
            await inside(Data, "read")
            await lock.unlock_upgradable()

        return System(
            [lock, data], threads(read, look), [sometimes_together("both", "read", "read")]
        )

    ((verdict, _),) = answer(build)
    assert verdict is Verdict.HOLDS
