"""Tasks: a wake-up counts from when the thread says that it sleeps."""

import pytest

from locking import (
    TASK_INTERRUPTIBLE,
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    WAIT,
    Cell,
    Misuse,
    Mutex,
    Task,
    Verdict,
    deadlock_free,
    happens_before_race_free,
    sometimes,
    wake_q_add,
    wake_up_q,
)
from locking.programs.sleeping.task import TaskState
from tests.systems import ask, threads, verdict

task, flag, lock = Task("sleeper"), Cell("flag", False), Mutex("lock")
SLEEPS = TaskState(TASK_UNINTERRUPTIBLE)


async def sleeper() -> None:
    await task.set_current_state(TASK_UNINTERRUPTIBLE)
    if not await flag.READ_ONCE():
        await task.schedule()
    await task.set_current_state(TASK_RUNNING)


async def late_sleeper() -> None:
    if not await flag.READ_ONCE():
        await task.set_current_state(TASK_INTERRUPTIBLE)
        await task.schedule()


async def waker() -> None:
    await flag.WRITE_ONCE(True)
    await task.wake_up_process()


async def queueing_waker() -> None:
    async with lock.hold():
        await flag.WRITE_ONCE(True)
        wake_q = await wake_q_add((), task)
    await wake_up_q(wake_q)


def test_a_task_that_runs_does_not_sleep() -> None:
    assert ask(task, TaskState(), "schedule", "sleeper") == (TaskState(), None)
    asleep, _ = ask(task, TaskState(), "set_current_state", "sleeper", TASK_UNINTERRUPTIBLE)
    assert asleep == SLEEPS
    assert ask(task, SLEEPS, "schedule", "sleeper") is WAIT


def test_who_times_out_runs_and_may_have_been_waked_all_the_same() -> None:
    assert ask(task, SLEEPS, "time_out", "sleeper") == (TaskState(), False)
    assert ask(task, TaskState(), "time_out", "sleeper") == (TaskState(), True)
    assert isinstance(ask(task, SLEEPS, "time_out", "other"), Misuse)


@pytest.mark.parametrize("waked", [False, True])
def test_a_sleep_for_a_time_ends_with_time_left_only_for_who_was_waked(waked: bool) -> None:
    said = Cell("said", "nothing")

    async def sleep() -> None:
        await task.set_current_state(TASK_INTERRUPTIBLE)
        await said.WRITE_ONCE(await task.schedule_timeout())

    async def wake() -> None:
        await task.wake_up_process()

    running = threads(*[wake] * waked, sleeper=sleep)
    assert verdict([task, said], running, deadlock_free()) is Verdict.HOLDS
    for left, possible in ((True, waked), (False, True)):
        found = verdict(
            [task, said], running, sometimes("said", lambda s, one=left: s[said] is one)
        )
        assert found is (Verdict.HOLDS if possible else Verdict.FAILS)
    waked_late = sometimes("late", lambda s: s[said] is False and s.finished)
    assert verdict([task, said], running, waked_late) is Verdict.HOLDS


def test_who_was_waked_in_time_sees_what_came_before() -> None:
    data = Cell("data", 0)

    async def sleep() -> None:
        await task.set_current_state(TASK_INTERRUPTIBLE)
        if await task.schedule_timeout():
            await data.read()

    async def write_and_wake() -> None:
        await data.write(1)
        await task.wake_up_process()

    running = threads(write_and_wake, sleeper=sleep)
    assert verdict([task, data], running, happens_before_race_free()) is Verdict.HOLDS


def test_a_wake_up_says_whether_the_task_slept() -> None:
    assert ask(task, SLEEPS, "wake_up_process") == (TaskState(), True)
    assert ask(task, TaskState(), "wake_up_process") == (TaskState(), False)


def test_only_the_thread_itself_sleeps() -> None:
    reason = "me does to sleeper.task what only that may"
    assert ask(task, SLEEPS, "schedule") == Misuse(reason)
    assert ask(task, SLEEPS, "set_current_state", "me", TASK_RUNNING) == Misuse(reason)


def test_a_state_that_no_task_has_is_a_misuse() -> None:
    reason = (
        "me sets the state 'asleep'; it is one of "
        "TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE"
    )
    assert ask(task, SLEEPS, "set_current_state", "me", "asleep") == Misuse(reason)


def test_a_task_is_on_one_wake_q_at_a_time() -> None:
    on = SLEEPS._replace(on_wake_q=True)
    assert ask(task, SLEEPS, "put_on_wake_q") == (on, True)
    assert ask(task, on, "put_on_wake_q") == (on, False)
    assert ask(task, on, "take_off_wake_q") == (SLEEPS, None)
    assert task.show(on) == "TASK_UNINTERRUPTIBLE, on a wake_q"


def test_who_looks_after_saying_that_it_sleeps_misses_no_wake_up() -> None:
    for wakes in (waker, queueing_waker):
        running = threads(wakes, wakes, sleeper=sleeper)
        assert verdict([task, flag, lock], running, deadlock_free()) is Verdict.HOLDS


def test_who_looks_before_misses_one() -> None:
    running = threads(waker, sleeper=late_sleeper)
    assert verdict([task, flag, lock], running, deadlock_free()) is Verdict.FAILS


def test_what_is_done_before_waking_comes_before_what_follows_the_sleep() -> None:
    async def write_and_wake() -> None:
        await flag.write(True)
        await task.wake_up_process()

    async def sleep_and_read() -> None:
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await task.schedule()
        await flag.read()

    running = threads(write_and_wake, sleeper=sleep_and_read)
    assert verdict([task, flag], running, happens_before_race_free()) is Verdict.HOLDS


def test_a_thread_has_one_task() -> None:
    assert Task("sleeper") is task and Task("other") is not task

    class Watched(Task):
        """A task of a test's own."""

    assert Watched("sleeper") is Watched("sleeper") is not task
