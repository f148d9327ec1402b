"""Waits that may be ended, by the names that the kernel, POSIX and Java have for them."""

from collections.abc import Callable, Coroutine
from errno import EAGAIN, EALREADY, EDEADLK, EINTR, ETIMEDOUT
from typing import Any

import pytest

from locking import (
    Atomic,
    Cancellation,
    Cell,
    Completion,
    Condition,
    Futex,
    Monitor,
    Mutex,
    Object,
    Region,
    RwSem,
    Verdict,
    WwClass,
    require,
    required,
    sometimes,
)
from tests.systems import report, threads, verdict

said = Cell("said", None)
lock, sem, done = Mutex("lock"), RwSem("sem"), Completion("done")
word, ww = Atomic("word"), WwClass("ww", ("one", "other"))
futex, condition, monitor = Futex("futex", word), Condition("condition"), Monitor("monitor")
cancellation = Cancellation("cancellation")
OBJECTS: list[Object] = [
    *(said, lock, sem, done, word, ww, futex, condition, monitor, cancellation),
]

Program = Callable[[], Coroutine[Any, Any, Any]]


async def hold_mutex() -> None:
    async with lock.hold():
        await said.READ_ONCE()


async def hold_sem() -> None:
    async with sem.write():
        await said.READ_ONCE()


async def complete() -> None:
    await done.complete()


async def hold_ww() -> None:
    await ww.ww_acquire_init()
    await ww.ww_mutex_lock("one")
    await ww.ww_mutex_unlock("one")


async def take_ww() -> int:
    await ww.ww_acquire_init()
    return await ww.ww_mutex_lock_interruptible("one")


async def take_ww_twice() -> int:
    await ww.ww_acquire_init()
    await ww.ww_mutex_lock("one")
    return await ww.ww_mutex_lock_interruptible("one")


async def hold_other_first() -> None:
    await ww.ww_acquire_init()
    await ww.ww_mutex_lock("one")
    await ww.ww_mutex_lock("other")
    await ww.ww_mutex_unlock("other")
    await ww.ww_mutex_unlock("one")


async def take_ww_slowly() -> int:
    await ww.ww_acquire_init()
    await ww.ww_mutex_lock("other")
    if await ww.ww_mutex_lock_interruptible("one") != -EDEADLK:
        return 1
    await ww.ww_mutex_unlock("other")
    return await ww.ww_mutex_lock_slow_interruptible("one")


async def wake() -> None:
    await futex.futex_wake(1)
    await word.atomic_set(1)


async def signal() -> None:
    await condition.signal()
    await cancellation.cancel()


async def notify() -> None:
    async with monitor.hold():
        await monitor.notify()
    await cancellation.cancel()


async def wait_cancellably() -> bool:
    async with lock.hold():
        return await condition.cancellable_wait(lock, cancellation)


async def wait_inside_for_a_time() -> bool:
    async with monitor.hold():
        return await monitor.timedwait()


async def wait_inside_cancellably() -> bool:
    async with monitor.hold():
        return await monitor.cancellable_wait(cancellation)


WAITS: dict[str, tuple[Program, Program, set[object]]] = {
    "mutex_lock_interruptible": (hold_mutex, lock.mutex_lock_interruptible, {True, False}),
    "mutex_lock_killable": (hold_mutex, lock.mutex_lock_killable, {True, False}),
    "down_read_interruptible": (hold_sem, sem.down_read_interruptible, {True, False}),
    "down_read_killable": (hold_sem, sem.down_read_killable, {True, False}),
    "down_write_killable": (hold_sem, sem.down_write_killable, {True, False}),
    "completion, interruptible": (complete, done.wait_for_completion_interruptible, {True, False}),
    "completion, killable": (complete, done.wait_for_completion_killable, {True, False}),
    "completion, timeout": (complete, done.wait_for_completion_timeout, {True, False}),
    "ww_mutex_lock_interruptible": (hold_ww, take_ww, {0, -EINTR}),
    "ww, owned before": (hold_ww, take_ww_twice, {-EALREADY}),
    "ww, refused before": (hold_other_first, take_ww_slowly, {0, 1, -EINTR}),
    "futex_wait_timeout": (wake, lambda: futex.futex_wait_timeout(0), {0, -EAGAIN, -ETIMEDOUT}),
    "futex_wait_interruptible": (
        wake,
        lambda: futex.futex_wait_interruptible(0),
        {0, -EAGAIN, -EINTR},
    ),
    "condition, cancelled": (signal, wait_cancellably, {True, False}),
    "monitor, timed": (notify, wait_inside_for_a_time, {True, False}),
    "monitor, cancelled": (notify, wait_inside_cancellably, {True, False}),
}
"""What another does, the wait, and all that it may say."""

ALL = (True, False, 0, 1, -EINTR, -EAGAIN, -ETIMEDOUT, -EALREADY, -EDEADLK)


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_says_all_that_it_may_say_and_nothing_else(name: str) -> None:
    other, wait, expected = WAITS[name]

    async def say() -> None:
        await said.WRITE_ONCE(await wait())

    wanted = [
        sometimes(repr(result), lambda s, result=result: is_said(s[said], result)) for result in ALL
    ]
    found = report(OBJECTS, threads(other, say), wanted).results
    possible = {each.claim.name for each in found if each.verdict is Verdict.HOLDS}
    assert possible == {*map(repr, expected)}


def is_said(one: object, result: object) -> bool:
    """Whether two values are one; True is not 1."""
    return type(one) is type(result) and one == result


flag = Cell("flag", False)


async def set_and_signal() -> None:
    async with lock.hold():
        await flag.write(True)
        await condition.signal()
    await cancellation.cancel()


async def set_and_notify() -> None:
    async with monitor.hold():
        await flag.write(True)
        await monitor.notify()
    await cancellation.cancel()


async def cancel_first() -> None:
    await cancellation.cancel()


async def look_after(wait: Program, region: Region) -> None:
    async with region:
        if not await flag.read() and not await wait():
            require(not await flag.read(), "nothing-came")


@pytest.mark.parametrize(
    ("setter", "wait", "region"),
    [
        (set_and_signal, lambda: condition.timedwait(lock), lock.hold),
        (set_and_signal, lambda: condition.cancellable_wait(lock, cancellation), lock.hold),
        (set_and_notify, monitor.timedwait, monitor.hold),
        (set_and_notify, lambda: monitor.cancellable_wait(cancellation), monitor.hold),
    ],
    ids=["condition", "condition, cancelled", "monitor", "monitor, cancelled"],
)
def test_what_is_waited_for_may_come_between_the_end_of_a_wait_and_the_lock(
    setter: Program, wait: Program, region: Callable[[], Region]
) -> None:
    """So who does not look again after a wait that was ended misses it."""

    async def waiter() -> None:
        await look_after(wait, region())

    found = verdict(
        [*OBJECTS, flag], threads(setter, waiter, cancel_first), required("nothing-came")
    )
    assert found is Verdict.FAILS
