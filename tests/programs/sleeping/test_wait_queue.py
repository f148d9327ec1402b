"""Wait queues: who looks between saying that it sleeps and sleeping misses no wake-up."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from locking import (
    WAIT,
    Cell,
    Misuse,
    Object,
    Thread,
    Verdict,
    WaitQueue,
    at_end,
    deadlock_free,
    happens_before_race_free,
    sometimes,
    wait_event,
    wait_event_exclusive,
    wait_event_interruptible,
    wait_event_timeout,
)
from locking.programs.sleeping.wait_queue import Queued
from locking.properties.explored import Property
from tests.systems import ask, threads, verdict

queue, flag, got = WaitQueue("queue"), Cell("flag", False), Cell("got", "nothing")
OBJECTS: list[Object] = [queue, flag, got]
MIXED = Queued(frozenset({"a", "b"}), ("c", "d"))

Wait = Callable[[WaitQueue, Callable[[], Awaitable[bool]]], Awaitable[Any]]


def says(running: list[Thread], property_: Property) -> Verdict:
    """The verdict over the objects of this file."""
    return verdict(OBJECTS, running, property_)


async def is_set() -> bool:
    return bool(await flag.READ_ONCE())


async def set_and_wake() -> None:
    await flag.WRITE_ONCE(True)
    await queue.wake_up()


def waiting(wait: Wait) -> Callable[[], Awaitable[None]]:
    """A thread that waits for the flag, and keeps what it got."""

    async def waits() -> None:
        await got.WRITE_ONCE(await wait(queue, is_set))

    return waits


def test_who_is_on_the_queue_sleeps_until_it_is_woken() -> None:
    on, _ = ask(queue, Queued(), "prepare_to_wait")
    assert on == Queued(frozenset({"me"}))
    assert ask(queue, on, "schedule") is WAIT
    assert ask(queue, Queued(), "schedule") == (Queued(), None)


def test_to_be_on_the_queue_twice_is_to_be_on_it_once() -> None:
    for name in ("prepare_to_wait", "prepare_to_wait_exclusive"):
        for me in ("a", "c"):
            assert ask(queue, MIXED, name, me) == (MIXED, None)


def test_exclusive_waiters_stand_in_the_order_in_which_they_came() -> None:
    state, _ = ask(queue, MIXED, "prepare_to_wait_exclusive", "z")
    assert state.exclusive == ("c", "d", "z")


def test_a_wake_up_wakes_the_first_exclusive_waiter_and_all_others() -> None:
    assert ask(queue, MIXED, "wake_up") == (Queued(exclusive=("d",)), None)
    assert ask(queue, MIXED, "wake_up_nr", "me", 2) == (Queued(), None)
    assert ask(queue, MIXED, "wake_up_all") == (Queued(), None)


def test_to_wake_none_by_number_is_to_wake_all_and_fewer_is_a_misuse() -> None:
    assert ask(queue, MIXED, "wake_up_nr", "me", 0) == (Queued(), None)
    assert ask(queue, MIXED, "wake_up_nr", "me", -1) == Misuse("me wakes -1 of queue")


def test_who_was_not_woken_leaves_the_queue() -> None:
    assert ask(queue, MIXED, "finish_wait", "c") == (MIXED.without("c"), True)
    assert ask(queue, MIXED, "finish_wait", "z") == (MIXED, False)


def test_it_is_looked_at_without_its_lock() -> None:
    assert ask(queue, MIXED, "waitqueue_active") == (MIXED, True)
    assert ask(queue, Queued(), "waitqueue_active") == (Queued(), False)
    assert queue.show(MIXED) == "a, b, c (exclusive), d (exclusive)"
    assert queue.show(Queued()) == "nobody"


@pytest.mark.parametrize(
    "wait", [wait_event, wait_event_exclusive, wait_event_interruptible, wait_event_timeout]
)
def test_a_wait_for_an_event_misses_no_wake_up(wait: Wait) -> None:
    running = threads(set_and_wake, waiting(wait))
    assert says(running, deadlock_free()) is Verdict.HOLDS
    ends = at_end("empty", lambda s: s[queue] == Queued())
    assert says(running, ends) is Verdict.HOLDS


@pytest.mark.parametrize("wait", [wait_event, wait_event_exclusive, wait_event_interruptible])
def test_a_wake_up_before_the_event_is_missed(wait: Wait) -> None:
    async def wake_and_set() -> None:
        await queue.wake_up()
        await flag.WRITE_ONCE(True)

    assert says(threads(wake_and_set, waiting(wait)), deadlock_free()) is Verdict.FAILS


@pytest.mark.parametrize(
    ("wait", "ended"),
    [(wait_event, False), (wait_event_interruptible, True), (wait_event_timeout, True)],
)
def test_only_a_signal_or_time_ends_a_wait_early(wait: Wait, ended: bool) -> None:
    early = sometimes("early", lambda s: s[got] is False)
    in_time = sometimes("in-time", lambda s: s[got] is True)
    running = threads(set_and_wake, waiting(wait))
    assert says(running, early) is (Verdict.HOLDS if ended else Verdict.FAILS)
    assert says(running, in_time) is Verdict.HOLDS


def test_one_wake_up_is_enough_for_all_but_exclusive_waiters() -> None:
    for wait, found in ((wait_event, Verdict.HOLDS), (wait_event_exclusive, Verdict.FAILS)):
        running = threads(set_and_wake, waiting(wait), waiting(wait))
        assert says(running, deadlock_free()) is found


def test_what_is_done_before_a_wake_up_comes_before_what_follows_the_sleep() -> None:
    async def write_and_wake() -> None:
        await got.write(1)
        await set_and_wake()

    async def sleep_and_read() -> None:
        await queue.prepare_to_wait()
        if not await is_set():
            await queue.schedule()
            await got.read()

    running = threads(write_and_wake, sleep_and_read)
    assert says(running, happens_before_race_free()) is Verdict.HOLDS
