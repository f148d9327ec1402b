"""Locks, completions, tasks and RCU under `--memory lkmm`: what they order, and no more."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Model,
    Mutex,
    Rcu,
    RwSem,
    Seqlock,
    Spinlock,
    System,
    Task,
    Thread,
    Verdict,
    at_end,
    data_race_free,
    deadlock_free,
    no_misuse,
    require,
    required,
)
from locking.check import check
from locking.errors import ModelError
from locking.objects.operation import Object
from locking.objects.seqlock import SeqState
from locking.programs.sleeping.task import TASK_INTERRUPTIBLE
from locking.properties.released import locks_released
from locking.scope import LKMM, MEMORY

x, y, flag = Cell("x", 0), Cell("y", 0), Cell("flag", 0)
spin, mutex, sem = Spinlock("spin"), Mutex("mutex"), RwSem("sem")
done, rcu, sleeper = Completion("done"), Rcu("rcu"), Task("t1")

Code = Callable[[], Awaitable[Any]]


def verdict(codes: list[Code], property_: Any, *, with_rcu: bool = True) -> Verdict:
    """The verdict of one property of threads that run these codes."""
    threads = [Thread(f"t{at}", code) for at, code in enumerate(codes)]
    objects = [x, y, flag, spin, mutex, sem, done, sleeper, *([rcu] if with_rcu else [])]
    model = Model("small", "small", lambda _: System(objects, threads, [property_]))
    found = check(model.case("only", None, {MEMORY: LKMM})).results
    return next(each.verdict for each in found if each.claim.name == property_.name)


REGIONS: dict[str, Callable[[], Any]] = {
    "spinlock": spin.hold,
    "mutex": mutex.hold,
    "rwsem": sem.write,
}


@pytest.mark.parametrize("name", REGIONS)
def test_a_lock_keeps_increments_apart_and_plain_accesses_from_racing(name: str) -> None:
    async def increments() -> None:
        async with REGIONS[name]():
            await x.write(await x.read() + 1)

    codes: list[Code] = [increments, increments]
    assert verdict(codes, at_end("both", lambda s: s[x] == 2)) is Verdict.HOLDS
    assert verdict(codes, data_race_free()) is Verdict.HOLDS


def test_readers_of_an_rwsem_race_if_one_writes() -> None:
    async def increments() -> None:
        async with sem.read():
            await x.write(await x.read() + 1)

    assert verdict([increments, increments], data_race_free()) is Verdict.FAILS


def test_a_completion_hands_on_what_was_done_before() -> None:
    async def completes() -> None:
        await x.write(1)
        await done.complete()

    async def waits() -> None:
        await done.wait_for_completion()
        require(await x.read() == 1, "seen")

    assert verdict([completes, waits], required("seen")) is Verdict.HOLDS
    assert verdict([completes, waits], data_race_free()) is Verdict.HOLDS
    assert verdict([waits], deadlock_free()) is Verdict.FAILS


def test_locks_in_two_orders_deadlock() -> None:
    async def one() -> None:
        async with spin.hold(), mutex.hold():
            await x.READ_ONCE()

    async def other() -> None:
        async with mutex.hold(), spin.hold():
            await x.READ_ONCE()

    assert verdict([one, other], deadlock_free()) is Verdict.FAILS
    assert verdict([one, one], deadlock_free()) is Verdict.HOLDS


def test_nothing_is_known_of_waits_where_threads_may_queue() -> None:
    async def writes() -> None:
        async with sem.write():
            await x.WRITE_ONCE(1)

    assert verdict([writes, writes], deadlock_free()) is Verdict.UNKNOWN


def test_a_grace_period_comes_after_readers_before_it() -> None:
    async def reads() -> None:
        async with rcu.read():
            await y.WRITE_ONCE(await x.READ_ONCE() + 1)
            await flag.WRITE_ONCE(1)

    async def updates(waits: bool) -> None:
        await x.WRITE_ONCE(1)
        if waits:
            await rcu.synchronize_rcu()
        seen = await flag.READ_ONCE()
        require(not seen or await y.READ_ONCE() != 0, "whole")

    async def with_grace_period() -> None:
        await updates(waits=True)

    async def without() -> None:
        await updates(waits=False)

    assert verdict([reads, without], required("whole")) is Verdict.FAILS
    assert verdict([reads, with_grace_period], deadlock_free()) is Verdict.UNKNOWN


def test_misuse_is_found_only_where_it_may_be() -> None:
    async def right() -> None:
        async with mutex.hold():
            await x.READ_ONCE()

    async def wrong() -> None:
        await mutex.mutex_unlock()

    async def waits_for_readers_inside() -> None:
        async with rcu.read():
            await rcu.synchronize_rcu()

    assert verdict([right, right], no_misuse()) is Verdict.HOLDS
    assert verdict([right, wrong], no_misuse()) is Verdict.FAILS
    assert verdict([waits_for_readers_inside], no_misuse()) is Verdict.FAILS


def test_who_is_inside_rcu_at_the_end_is_not_known() -> None:
    async def stays() -> None:
        await rcu.rcu_read_lock()

    assert verdict([stays], locks_released()) is Verdict.UNKNOWN
    with pytest.raises(ModelError, match="has no state of rcu"):
        verdict([stays], at_end("nobody", lambda s: not s.held_by(rcu)))


def test_a_lock_that_is_never_let_go_is_found() -> None:
    async def keeps() -> None:
        await mutex.mutex_lock()

    async def frees() -> None:
        async with mutex.hold():
            await x.READ_ONCE()

    assert verdict([keeps], locks_released()) is Verdict.FAILS
    assert verdict([frees, frees], locks_released(), with_rcu=False) is Verdict.HOLDS


def test_who_says_that_it_sleeps_before_it_looks_misses_no_wake_up() -> None:
    async def wakes() -> None:
        await flag.WRITE_ONCE(1)
        await sleeper.wake_up_process()

    async def sleeps() -> None:
        await sleeper.set_current_state(TASK_INTERRUPTIBLE)
        if not await flag.READ_ONCE():
            await sleeper.schedule()

    async def looks_first() -> None:
        if not await flag.READ_ONCE():
            await sleeper.set_current_state(TASK_INTERRUPTIBLE)
            await sleeper.schedule()

    assert verdict([wakes, sleeps], deadlock_free()) is Verdict.HOLDS
    assert verdict([wakes, looks_first], deadlock_free()) is Verdict.FAILS


def test_what_no_rule_is_known_of_is_refused() -> None:
    seqlock = Seqlock("seqlock", unbounded=True)

    async def writes() -> None:
        async with seqlock.write():
            await x.WRITE_ONCE(1)

    with pytest.raises(ModelError, match="does not know this operation of a Seqlock"):
        verdict([writes], deadlock_free())


async def lets_go(let_go: Callable[[], Any]) -> None:
    await let_go()


sequenced = Seqlock("sequenced")


@pytest.mark.parametrize(
    ("lock", "held", "let_go"),
    [
        (spin, "t0", spin.spin_unlock),
        (sequenced, SeqState(1, "t0"), sequenced.write_sequnlock),
    ],
    ids=["spinlock", "seqlock"],
)
def test_a_spinlock_that_starts_held_is_refused(
    lock: Object, held: Any, let_go: Callable[[], Any]
) -> None:
    system = System([lock], [Thread("t0", lets_go, (let_go,))], [], starts={lock: held})
    model = Model("held", "?", lambda _: system)
    with pytest.raises(ModelError, match="starts held by t0"):
        check(model.case("only", None, {MEMORY: LKMM}))
