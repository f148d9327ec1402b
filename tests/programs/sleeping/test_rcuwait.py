"""The rcuwait: one task waits, and is woken without a lock."""

from locking import WAIT, Cell, Misuse, RcuWait, Verdict, deadlock_free, rcuwait_wait_event
from locking.programs.sleeping.rcuwait import RcuWaitState
from tests.systems import ask, threads, verdict

rcuwait, flag = RcuWait("rcuwait"), Cell("flag", False)
READY, ASLEEP = RcuWaitState("me"), RcuWaitState("me", asleep=True)


async def is_set() -> bool:
    return bool(await flag.READ_ONCE())


async def wait() -> None:
    await rcuwait_wait_event(rcuwait, is_set)


async def set_and_wake() -> None:
    await flag.WRITE_ONCE(True)
    await rcuwait.rcuwait_wake_up()


async def wake_and_set() -> None:
    await rcuwait.rcuwait_wake_up()
    await flag.WRITE_ONCE(True)


def test_a_task_waits_says_that_it_sleeps_and_leaves() -> None:
    assert ask(rcuwait, RcuWaitState(), "prepare_to_rcuwait") == (READY, None)
    assert ask(rcuwait, READY, "set_current_state") == (ASLEEP, None)
    assert ask(rcuwait, ASLEEP, "schedule") is WAIT
    assert ask(rcuwait, READY, "schedule") == (READY, None)
    assert ask(rcuwait, READY, "finish_rcuwait") == (RcuWaitState(), None)


def test_only_a_task_that_sleeps_is_woken() -> None:
    assert ask(rcuwait, ASLEEP, "rcuwait_wake_up", "you") == (READY, True)
    for state in (READY, RcuWaitState()):
        assert ask(rcuwait, state, "rcuwait_wake_up", "you") == (state, False)


def test_a_second_task_and_a_wait_that_was_not_begun_are_misuses() -> None:
    reason = "you waits on rcuwait, where me waits"
    assert ask(rcuwait, READY, "prepare_to_rcuwait", "you") == Misuse(reason)
    for name in ("set_current_state", "schedule", "finish_rcuwait"):
        assert ask(rcuwait, READY, name, "you") == Misuse("you does not wait on rcuwait")


def test_it_is_shown_in_words() -> None:
    shown = [rcuwait.show(state) for state in (RcuWaitState(), READY, ASLEEP)]
    assert shown == ["nobody", "me", "me asleep"]


def test_a_wake_up_after_the_event_is_not_missed_and_one_before_is() -> None:
    running = threads(wait, set_and_wake)
    assert verdict([rcuwait, flag], running, deadlock_free()) is Verdict.HOLDS
    running = threads(wait, wake_and_set)
    assert verdict([rcuwait, flag], running, deadlock_free()) is Verdict.FAILS
