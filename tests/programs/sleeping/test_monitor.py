"""The monitor: only who is inside waits and notifies."""

import pytest

from locking import (
    WAIT,
    Cell,
    Holding,
    Misuse,
    Monitor,
    Verdict,
    deadlock_free,
    happens_before_race_free,
    locks_released,
    sometimes,
)
from locking.objects.sleepers import Group, Sleepers
from locking.programs.sleeping.monitor import MonitorState
from tests.systems import ask, threads, verdict

monitor, flag, seen = Monitor("monitor"), Cell("flag", False), Cell("seen", "nothing")
INSIDE = MonitorState("me")
ASLEEP = MonitorState("you", Sleepers((Group(frozenset({"me", "it"})),)))


async def is_set() -> bool:
    return bool(await flag.read())


async def set_and_notify() -> None:
    async with monitor.hold():
        await flag.write(True)
        await monitor.notify()


async def wait() -> None:
    async with monitor.hold():
        await monitor.wait_for(is_set)


def test_one_thread_is_inside() -> None:
    assert ask(monitor, MonitorState(), "enter") == (INSIDE, None)
    assert ask(monitor, INSIDE, "enter", "you") is WAIT
    reason = "me waits for monitor, which it holds itself"
    assert ask(monitor, INSIDE, "enter") == Misuse(reason)
    assert ask(monitor, INSIDE, "leave") == (MonitorState(), None)
    assert monitor.holders(INSIDE) == (Holding("me", "held by"),)


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("leave", "leaves"),
        ("fall_asleep", "waits in"),
        ("notify", "notifies"),
        ("notify_all", "notifies"),
    ],
)
def test_who_is_outside_does_nothing_to_it(name: str, does: str) -> None:
    assert ask(monitor, INSIDE, name, "you") == Misuse(f"you {does} monitor, which me holds")
    reason = f"you {does} monitor, which nobody holds"
    assert ask(monitor, MonitorState(), name, "you") == Misuse(reason)


def test_to_wait_is_to_be_outside_and_asleep_in_one_step() -> None:
    asleep, _ = ask(monitor, INSIDE, "fall_asleep")
    assert asleep == MonitorState(sleepers=Sleepers((Group(frozenset({"me"})),)))


def test_who_is_woken_comes_in_once_nobody_is_inside() -> None:
    woken, _ = ask(monitor, ASLEEP, "notify", "you")
    assert ask(monitor, woken, "wake_up") is WAIT
    free, _ = ask(monitor, woken, "leave", "you")
    after, _ = ask(monitor, free, "wake_up")
    assert after.owner == "me"
    assert ask(monitor, ASLEEP._replace(owner=None), "wake_up") is WAIT
    every, _ = ask(monitor, ASLEEP, "notify_all", "you")
    assert every == MonitorState("you", Sleepers(woken=frozenset({"me", "it"})))


def test_it_is_shown_in_words() -> None:
    shown = [monitor.show(each) for each in (MonitorState(), INSIDE, ASLEEP)]
    assert shown == ["free", "held by me", "held by you, asleep it, me"]


def test_a_wait_in_a_loop_ends_and_what_is_inside_is_ordered() -> None:
    for property_ in (deadlock_free(), happens_before_race_free(), locks_released()):
        found = verdict([monitor, flag], threads(set_and_notify, wait), property_)
        assert found is Verdict.HOLDS


def test_one_notification_does_not_do_for_two() -> None:
    running = threads(set_and_notify, wait, wait)
    assert verdict([monitor, flag], running, deadlock_free()) is Verdict.FAILS


@pytest.mark.parametrize("spurious", [False, True])
def test_a_thread_may_wake_up_for_nothing_only_where_that_is_asked_for(spurious: bool) -> None:
    restless = Monitor("restless", spurious)

    async def sleep() -> None:
        async with restless.hold():
            await restless.wait()
            await seen.write(True)

    woke = sometimes("woke", lambda s: s[seen] is True)
    found = Verdict.HOLDS if spurious else Verdict.NEVER_EVALUATED
    assert verdict([restless, seen], threads(sleep), woke) is found
    assert verdict([restless, seen], threads(sleep), deadlock_free()) is Verdict.FAILS
