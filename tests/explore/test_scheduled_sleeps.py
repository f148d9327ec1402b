"""A task whose wait may be ended sleeps until then: it leaves its processor to lower priorities."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from locking import (
    Barrier,
    Cancellation,
    Cell,
    Completion,
    Condition,
    Futex,
    Model,
    Monitor,
    Mutex,
    Parker,
    Processor,
    Rcu,
    RwSem,
    RwState,
    System,
    Thread,
    Verdict,
    WaitQueue,
    interruptible,
    sometimes,
    timed,
    wait_event_timeout,
)
from locking.check import check
from locking.model import Case

cpu, got, told = Processor("cpu"), Cell("got"), Cell("told", 0)
mutex, rwsem, done, condition = Mutex("mutex"), RwSem("rwsem"), Completion("done"), Condition("c")
monitor, futex, barrier = Monitor("monitor"), Futex("futex", told), Barrier("barrier", 2)
parker, queue = Parker("parker"), WaitQueue("queue")
OBJECTS = [got, told, mutex, rwsem, done, condition, monitor, futex, barrier, parker, queue]

Program = Callable[[], Coroutine[Any, Any, Any]]


async def let_in() -> None:
    await told.WRITE_ONCE(1)
    await done.complete()


async def signal() -> None:
    async with mutex.hold():
        await condition.signal()


async def notify() -> None:
    async with monitor.hold():
        await monitor.notify()


async def wake() -> None:
    await told.WRITE_ONCE(1)
    await futex.futex_wake(1)


async def tell() -> None:
    await told.WRITE_ONCE(1)
    await queue.wake_up()


async def unpark() -> None:
    await parker.unpark()


async def meet() -> None:
    await barrier.timedwait()


async def on_condition() -> bool:
    async with mutex.hold():
        return await condition.timedwait(mutex)


async def in_monitor() -> bool:
    async with monitor.hold():
        return await monitor.timedwait()


async def on_futex() -> bool:
    return await futex.futex_wait_timeout(0) == 0


async def at_barrier() -> bool:
    return await barrier.timedwait() is not None


async def on_queue() -> bool:
    return bool(await wait_event_timeout(queue, lambda: told.READ_ONCE()))


async def on_parker() -> bool:
    return await parker.park_timeout() is True


async def on_completion() -> bool:
    return await done.wait_for_completion_timeout()


def witnessed(high: Program, low: Program, good: Callable[[Any], Any], priority: int = 1) -> bool:
    async def program() -> None:
        await got.WRITE_ONCE((await high(), await told.READ_ONCE()))

    threads = [
        Thread("high", program, processor=cpu, priority=priority),
        Thread("low", low, processor=cpu),
    ]

    def build(_: Case) -> System:
        return System(OBJECTS, threads, [sometimes("good", lambda s: s[got] and good(s[got]))])

    model = Model("m", "", build)
    results = check(model.case(model.scenarios[0], None), ["good"]).results
    return results[0].verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("high", "low"),
    [
        (on_completion, let_in),
        (on_condition, signal),
        (in_monitor, notify),
        (on_futex, wake),
        (at_barrier, meet),
        (on_parker, unpark),
        (on_queue, tell),
    ],
)
@pytest.mark.parametrize("priority", [0, 1])
def test_a_timed_wait_lets_a_lower_priority_end_it(
    high: Program, low: Program, priority: int
) -> None:
    assert witnessed(high, low, lambda seen: seen[0] is True or seen[0] == 1, priority)
    assert witnessed(high, low, lambda seen: not seen[0], priority)


def test_a_signal_comes_after_a_lower_priority_has_run_for_a_while() -> None:
    async def high() -> bool:
        return await interruptible(done.wait_for_completion)

    assert witnessed(high, let_in, lambda seen: seen == (False, 1))
    assert witnessed(high, let_in, lambda seen: seen == (True, 1))


def test_a_signal_comes_to_a_task_in_the_queue_of_a_lock() -> None:
    async def low() -> None:
        await done.wait_for_completion()
        await told.WRITE_ONCE(1)
        await rwsem.up_read()
        await told.WRITE_ONCE(2)  # the other is awake by now, and goes before it

    async def begin() -> bool:
        await done.complete()
        return await interruptible(rwsem.down_write)

    async def program() -> None:
        await got.WRITE_ONCE((await begin(), await told.READ_ONCE()))

    def build(_: Case) -> System:
        return System(
            OBJECTS,
            [
                Thread("high", program, processor=cpu, priority=1),
                Thread("low", low, processor=cpu),
            ],
            [
                sometimes("late", lambda s: s[got] == (False, 1)),
                sometimes("too-late", lambda s: s[got] and s[got][1] == 2),
            ],
            starts={rwsem: RwState(readers=("low",))},
        )

    model = Model("m", "", build)
    results = check(model.case(model.scenarios[0], None)).results
    late, too_late = results[:2]
    assert late.verdict is Verdict.HOLDS
    assert too_late.verdict is Verdict.FAILS


def test_a_task_that_has_what_it_waits_for_goes_before_lower_priorities() -> None:
    async def high() -> bool:
        return await timed(mutex.mutex_lock)

    assert not witnessed(high, let_in, lambda seen: seen[1] == 1)


def test_what_frees_for_kfree_rcu_sleeps_on_its_processor() -> None:
    assert Rcu("rcu").waiting_in["begin_free"] == Rcu("rcu").waiting_in["begin_callback"]


def test_a_task_that_may_be_cancelled_asks_before_a_lower_priority_runs() -> None:
    task = Cancellation("task")

    async def high() -> bool:
        return await task.wait(done.wait_for_completion)

    async def low() -> None:
        await task.cancel()
        await told.WRITE_ONCE(1)
        await done.complete()

    OBJECTS.append(task)
    try:
        assert witnessed(high, low, lambda seen: seen == (False, 0))
        assert not witnessed(high, low, lambda seen: seen != (False, 0))
    finally:
        OBJECTS.remove(task)
