"""Every engine and every reduction says the same of threads that sleep, and shows the same run.

Of each construct there is a design that holds, and one with the bug that the textbooks know.
"""

from collections.abc import Awaitable, Callable

import pytest

from locking import (
    TASK_UNINTERRUPTIBLE,
    Atomic,
    AutoResetEvent,
    Barrier,
    Cell,
    Condition,
    Futex,
    Latch,
    Mutex,
    Object,
    Parker,
    RcuWait,
    Semaphore,
    System,
    Task,
    Thread,
    Verdict,
    WaitQueue,
    deadlock_free,
    rcuwait_wait_event,
    wait_event,
    wait_event_exclusive,
)
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options, Result
from tests.engines import ENGINES
from tests.explore.compare import case_of
from tests.samples import some_by_default
from tests.systems import threads

flag, lock, word = Cell("flag", 0), Mutex("lock"), Atomic("word")
condition = Condition("condition")
one, other = Semaphore("one", 1), Semaphore("other", 1)
event, latch, barrier = AutoResetEvent("event"), Latch("latch", 2), Barrier("barrier", 2)
queue, rcuwait, parker = WaitQueue("queue"), RcuWait("rcuwait"), Parker("parker")
task, futex = Task("sleeper"), Futex("futex", word)
OBJECTS: list[Object] = [
    *(flag, lock, word, condition, one, other, event, latch, barrier),
    *(queue, rcuwait, parker, task, futex),
]

Program = Callable[[], Awaitable[None]]
Step = Callable[[], Awaitable[object]]


async def is_set() -> bool:
    return bool(await flag.READ_ONCE())


async def set_flag() -> None:
    await flag.WRITE_ONCE(1)


def each(*steps: Step) -> Program:
    """A thread that takes these steps, each once."""

    async def program() -> None:
        for step in steps:
            await step()

    return program


def locked(*steps: Step) -> Program:
    """As without a lock, with the lock held."""

    async def program() -> None:
        async with lock.hold():
            for step in steps:
                await step()

    return program


async def wait_for_flag() -> None:
    await condition.wait_for(lock, is_set)


async def wait_unseen() -> None:
    if not await is_set():
        async with lock.hold():
            await condition.wait(lock)


async def on_queue() -> None:
    await wait_event(queue, is_set)


async def on_queue_exclusively() -> None:
    await wait_event_exclusive(queue, is_set)


async def on_rcuwait() -> None:
    await rcuwait_wait_event(rcuwait, is_set)


async def say_and_look() -> None:
    await task.set_current_state(TASK_UNINTERRUPTIBLE)
    if not await is_set():
        await task.schedule()


async def look_and_say() -> None:
    if not await is_set():
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await task.schedule()


async def sleep_on_word() -> None:
    await futex.futex_wait(0)


async def change_word() -> None:
    await word.atomic_set(1)


async def wake_one() -> None:
    await futex.futex_wake(1)


async def park_until_set() -> None:
    if not await is_set():
        await parker.park()


DESIGNS: dict[str, tuple[list[Thread], int | None]] = {
    "condition": (
        threads(locked(set_flag, condition.broadcast), *[locked(wait_for_flag)] * 2),
        None,
    ),
    "condition, one of two": (
        threads(locked(set_flag, condition.signal), *[locked(wait_for_flag)] * 2),
        len(("lock", "look", "sleep")) * 2 + len(("lock", "set", "signal", "unlock", "wake up")),
    ),
    "condition, looked at without the lock": (
        threads(locked(set_flag, condition.signal), wait_unseen),
        len(("look", "lock", "set", "signal", "unlock", "lock", "sleep")),
    ),
    "semaphores": (threads(*[each(one.down, other.down, other.up, one.up)] * 2), None),
    "semaphores, crossed": (
        threads(
            each(one.down, other.down, other.up, one.up),
            each(other.down, one.down, one.up, other.up),
        ),
        len(("down", "down")),
    ),
    "event": (threads(each(event.set), each(event.wait)), None),
    "event, set twice": (
        threads(each(event.set, event.set), *[each(event.wait)] * 2),
        len(("set", "set", "wait")),
    ),
    "latch": (threads(each(latch.count_down), latch.arrive_and_wait), None),
    "latch, one too few": (threads(latch.arrive_and_wait), len(("count down",))),
    "barrier": (threads(*[each(barrier.wait, barrier.wait)] * 2), None),
    "barrier, one too many": (threads(*[barrier.wait] * 3), len(("arrive", "arrive", "arrive"))),
    "queue": (threads(each(set_flag, queue.wake_up), on_queue, on_queue), None),
    "queue, woken first": (
        threads(each(queue.wake_up, set_flag), on_queue),
        len(("wake", "look", "prepare", "look")),
    ),
    "queue, one of two": (
        threads(each(set_flag, queue.wake_up), *[on_queue_exclusively] * 2),
        len(("look", "prepare", "look")) * 2,
    ),
    "task": (threads(each(set_flag, task.wake_up_process), sleeper=say_and_look), None),
    "task, looks first": (
        threads(each(set_flag, task.wake_up_process), sleeper=look_and_say),
        len(("look", "set", "wake", "say")),
    ),
    "futex": (threads(each(change_word, wake_one), sleep_on_word), None),
    "futex, woken first": (
        threads(each(wake_one, change_word), sleep_on_word),
        len(("wake", "sleep")),
    ),
    "parker": (threads(each(set_flag, parker.unpark), park_until_set), None),
    "parker, one of two": (
        threads(each(set_flag, parker.unpark), *[park_until_set] * 2),
        len(("look", "look", "set", "unpark", "park")),
    ),
    "rcuwait": (threads(each(set_flag, rcuwait.rcuwait_wake_up), on_rcuwait), None),
    "rcuwait, woken first": (
        threads(each(rcuwait.rcuwait_wake_up, set_flag), on_rcuwait),
        len(("wake", "prepare", "say", "look")),
    ),
}
"""Threads, and how long the shortest run is in which one of them sleeps for good, if there is."""


def result(running: list[Thread], options: Options) -> Result:
    """What is found of these threads."""
    report = check(case_of(System(OBJECTS, running, [deadlock_free()])), (), options)
    return next(each for each in report.results if each.claim.name == "deadlock-free")


@pytest.mark.parametrize("name", some_by_default(DESIGNS, 2))
def test_a_design_holds_and_its_known_bug_is_found_in_every_way(name: str) -> None:
    running, steps = DESIGNS[name]
    found = {
        (answer.verdict, answer.path)
        for engine in ENGINES
        for reduction in REDUCTIONS
        for answer in [result(running, Options(engine, reduction=reduction))]
    }
    right = result(running, Options("reference", reduction="none"))
    assert found == {(right.verdict, right.path)}
    assert right.verdict is (Verdict.HOLDS if steps is None else Verdict.FAILS)
    assert len(right.choices or ()) == (steps or 0)
