"""The condition variable: who waits lets go of the lock, and a signal wakes any one."""

import pytest

from locking import (
    WAIT,
    Cell,
    Condition,
    Misuse,
    Mutex,
    Object,
    Spinlock,
    Thread,
    Verdict,
    at_end,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    no_misuse,
    sometimes,
)
from locking.objects.sleepers import Group, Sleepers
from locking.properties.explored import Property
from tests.systems import ask, threads, verdict

changed = Condition("changed")
lock, flag, seen = Mutex("lock"), Cell("flag", False), Cell("seen", "nothing")
ASLEEP = Sleepers((Group(frozenset({"me", "you"})),))
OBJECTS: list[Object] = [changed, lock, flag, seen]


def says(running: list[Thread], property_: Property) -> Verdict:
    """The verdict over the objects of this file."""
    return verdict(OBJECTS, running, property_)


async def set_flag() -> None:
    async with lock.hold():
        await flag.write(True)
    await changed.signal()


async def is_set() -> bool:
    return bool(await flag.read())


async def wait_in_a_loop() -> None:
    async with lock.hold():
        await changed.wait_for(lock, is_set)


async def look_without_the_lock() -> None:
    if not await flag.read():
        async with lock.hold():
            await changed.wait(lock)


def test_a_signal_is_lost_where_nobody_sleeps() -> None:
    assert ask(changed, Sleepers(), "signal") == (Sleepers(), None)
    assert ask(changed, Sleepers(), "broadcast") == (Sleepers(), None)


def test_a_signal_wakes_any_one_and_a_broadcast_all() -> None:
    assert ask(changed, ASLEEP, "wake_up") is WAIT
    one, _ = ask(changed, ASLEEP, "signal")
    for me, other in (("me", "you"), ("you", "me")):
        left, _ = ask(changed, one, "wake_up", me)
        assert ask(changed, left, "wake_up", other) is WAIT
    every, _ = ask(changed, ASLEEP, "broadcast")
    assert every == Sleepers(woken=frozenset({"me", "you"}))


def test_who_is_woken_for_certain_does_not_time_out() -> None:
    assert ask(changed, ASLEEP, "time_out") == (ASLEEP.gives_up("me"), None)
    assert ask(changed, ASLEEP.wake(2), "time_out") is WAIT


def test_to_fall_asleep_twice_is_a_misuse() -> None:
    reason = "me falls asleep on changed, where it sleeps already"
    assert ask(changed, ASLEEP, "fall_asleep") == Misuse(reason)


def test_a_wait_in_a_loop_with_the_lock_ends() -> None:
    running = threads(set_flag, wait_in_a_loop, wait_in_a_loop)
    assert says(threads(set_flag, wait_in_a_loop), deadlock_free()) is Verdict.HOLDS
    assert says(running, deadlock_free()) is Verdict.FAILS  # one signal for two


def test_what_the_lock_protects_does_not_race() -> None:
    for property_ in (data_race_free(), happens_before_race_free()):
        assert says(threads(set_flag, wait_in_a_loop), property_) is Verdict.HOLDS


def test_being_woken_orders_nothing() -> None:
    """A thread may wake up for nothing, so it may not rely on what was done before the signal."""

    async def write_then_signal() -> None:
        await flag.write(True)
        await changed.signal()

    async def wait_then_read() -> None:
        async with lock.hold():
            await changed.wait(lock)
        await flag.read()

    running = threads(write_then_signal, wait_then_read)
    assert says(running, happens_before_race_free()) is Verdict.FAILS


def test_a_look_without_the_lock_misses_the_signal() -> None:
    assert says(threads(set_flag, look_without_the_lock), deadlock_free()) is Verdict.FAILS


def test_to_wait_without_the_lock_is_a_misuse() -> None:
    async def wait() -> None:
        await changed.wait(lock)

    assert says(threads(wait), no_misuse()) is Verdict.FAILS


def test_a_spinlock_will_do_as_well() -> None:
    spinlock = Spinlock("spinlock")

    async def wait() -> None:
        async with spinlock.hold():
            await changed.wait(spinlock)

    async def signal() -> None:
        await changed.signal()

    assert verdict([changed, spinlock], threads(wait, signal), no_misuse()) is Verdict.HOLDS


def one_look(condition: Condition) -> list[Thread]:
    """A thread that looks once and does not look again, and one that sets the flag."""

    async def setting() -> None:
        async with lock.hold():
            await flag.write(True)
            await condition.signal()

    async def look_once() -> None:
        async with lock.hold():
            if not await flag.read():
                await condition.wait(lock)
            await seen.write(await flag.read())

    return threads(setting, look_once)


@pytest.mark.parametrize("spurious", [False, True])
def test_a_thread_may_wake_up_for_nothing_only_where_that_is_asked_for(spurious: bool) -> None:
    condition = Condition("condition", spurious=spurious)
    saw = at_end("saw", lambda s: s[seen] is True)
    found = verdict([condition, lock, flag, seen], one_look(condition), saw)
    assert found is (Verdict.FAILS if spurious else Verdict.HOLDS)


def test_waking_up_for_nothing_hides_no_missed_wake_up() -> None:
    condition = Condition("condition", spurious=True)

    async def forget_to_signal() -> None:
        async with lock.hold():
            await flag.write(True)

    async def wait() -> None:
        async with lock.hold():
            await condition.wait_for(lock, is_set)

    running = threads(forget_to_signal, wait)
    assert verdict([condition, lock, flag], running, deadlock_free()) is Verdict.FAILS


async def wait_for_a_while() -> None:
    async with lock.hold():
        await seen.write(await changed.timedwait(lock))


def test_a_timed_wait_always_goes_on() -> None:
    assert says(threads(wait_for_a_while), deadlock_free()) is Verdict.HOLDS
    woken = sometimes("woken", lambda s: s[seen] is True)
    out = sometimes("out", lambda s: s[seen] is False)
    assert says(threads(wait_for_a_while), woken) is Verdict.FAILS
    assert says(threads(set_flag, wait_for_a_while), woken) is Verdict.HOLDS
    assert says(threads(set_flag, wait_for_a_while), out) is Verdict.HOLDS


def test_a_wake_up_is_not_lost_to_a_wait_that_times_out() -> None:
    """One that sleeps for good is woken, or the other is, which then passes it on."""

    async def wait() -> None:
        async with lock.hold():
            if not await flag.read():
                await changed.wait(lock)

    async def wait_and_pass_it_on() -> None:
        woken = False
        async with lock.hold():
            if not await flag.read():
                woken = await changed.timedwait(lock)
        if woken:
            await changed.signal()

    running = threads(set_flag, wait, wait_and_pass_it_on)
    assert says(running, deadlock_free()) is Verdict.HOLDS
