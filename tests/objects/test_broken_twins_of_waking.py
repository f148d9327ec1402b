"""A checker that can't fail proves nothing: wait queues, tasks, futexes and tokens, broken.

As in `test_broken_twins`, each property holds for the real object and fails for the twin.
"""

# ruff: noqa: ARG001 - a system takes what every system takes

import pytest

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Atomic,
    Futex,
    Parker,
    RcuWait,
    Task,
    WaitQueue,
    atomic,
    deadlock_free,
    no_misuse,
    operation,
    rcuwait_wait_event,
    require,
    wait_event,
    wait_event_exclusive,
    wake_q_add,
    wake_up_q,
)
from locking.programs.sleeping.task import TaskState
from tests.objects.broken import CAUGHT, PROMISE, pair, verdicts
from tests.systems import threads

# --- wait queues and the rcuwait ------------------------------------------------------------------


class WakesOne(WaitQueue):
    """Of those that are not exclusive only one is woken."""

    @operation
    def wake_up(self, state, me):
        return state._replace(shared=frozenset(sorted(state.shared)[1:])), None


class WakesOneOfAll(WaitQueue):
    wake_up_all = operation(WaitQueue.wake_up.rule)


class WakesEveryExclusive(WaitQueue):
    wake_up = operation(WaitQueue.wake_up_all.rule)


class NeverSleeps(WaitQueue):
    @operation
    def schedule(self, state, me):
        return state, None


class LeavesNobody(WaitQueue):
    @operation
    def finish_wait(self, state, me):
        return state, False


class WakesNobody(RcuWait):
    @operation
    def rcuwait_wake_up(self, state, me):
        return state, state.asleep


class StaysPrepared(RcuWait):
    @operation
    def finish_rcuwait(self, state, me):
        return state, None


def awaited(wait, sleepers, wake="wake_up"):
    """So many threads wait for a flag, which is set before the wake-up."""

    def system(queue, data):
        async def is_set():
            return bool(await data.x.READ_ONCE())

        async def sleep():
            await wait(queue, is_set)

        async def set_and_wake():
            await data.x.WRITE_ONCE(1)
            await getattr(queue, wake)()

        return threads(set_and_wake, *[sleep] * sleepers)

    return system


def bare_schedule(queue, data):
    """A thread that does not look again, since only who sets the flag wakes it."""

    async def sleep():
        await queue.prepare_to_wait()
        if not await data.x.READ_ONCE():
            await queue.schedule()
        require(await data.x.READ_ONCE(), "promise")

    async def set_and_wake():
        await data.x.WRITE_ONCE(1)
        await queue.wake_up()

    return threads(sleep, set_and_wake)


def left_behind(queue, data):
    """A wake-up of an exclusive waiter goes to one that still waits, not to one that has left."""

    async def is_set():
        return bool(await data.x.READ_ONCE())

    async def sleep():
        await wait_event_exclusive(queue, is_set)
        require(not await queue.waitqueue_active(), "promise")

    async def set_it():
        await data.x.WRITE_ONCE(1)
        await queue.wake_up_all()

    return threads(sleep, set_it)


async def add_one(cell):
    """The new value of a cell, in one step."""
    async with atomic():
        value = await cell.READ_ONCE() + 1
        await cell.WRITE_ONCE(value)
    return value


def one_by_one(queue, data):
    """Two exclusive waiters that sleep, and one wake-up: one of them goes on."""

    async def sleep():
        await queue.prepare_to_wait_exclusive()
        await add_one(data.x)
        await queue.schedule()
        require(await add_one(data.y) < 2, "promise")

    async def wake():
        if await data.x.READ_ONCE() == 2:
            await queue.wake_up()

    return threads(sleep, sleep, wake)


def waits_twice(rcuwait, data):
    async def is_set():
        return True

    async def wait():
        for _ in range(2):
            await rcuwait_wait_event(rcuwait, is_set)
        await data.x.READ_ONCE()

    return threads(wait)


# --- tasks ----------------------------------------------------------------------------------------


class IsNotWoken(Task):
    @operation
    def wake_up_process(self, task, me):
        return task, False


class StaysOnWakeQ(Task):
    @operation
    def take_off_wake_q(self, task, me):
        return task, None


class SleepsOn(Task):
    """To say that it runs, as a thread does that has found what it waits for, is not heard."""

    @operation
    def set_current_state(self, task, me, state):
        return (task if state == TASK_RUNNING else TaskState(state)), None


class TimesOutAsleep(Task):
    @operation
    def time_out(self, task, me):
        return task, False


def times_out(task, data):
    """A task that has slept for a time, and does not sleep once it runs again."""

    async def lock():
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await data.x.WRITE_ONCE(await task.schedule_timeout())
        await task.schedule()

    return threads(lock=lock)


def one_wake_up(task, data):
    async def lock():
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        if not await data.x.READ_ONCE():
            await task.schedule()
        await task.set_current_state(TASK_RUNNING)
        await task.schedule()

    async def wake():
        await data.x.WRITE_ONCE(1)
        await task.wake_up_process()

    return threads(wake, lock=lock)


def two_wake_qs(task, data):
    """Two that wake the same task, one after the other, each by a queue of its own."""

    async def lock():
        for wanted in (1, 2):
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
            if await data.x.READ_ONCE() < wanted:
                await task.schedule()

    async def wake():
        for number in (1, 2):
            await data.x.WRITE_ONCE(number)
            await wake_up_q(await wake_q_add((), task))

    return threads(wake, lock=lock)


def runs_again(task, data):
    async def lock():
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await task.set_current_state(TASK_RUNNING)
        await task.schedule()
        await data.x.READ_ONCE()

    return threads(lock=lock)


# --- futexes and tokens ---------------------------------------------------------------------------


class LooksFirst(Futex):
    """The word is looked at in one step, and the thread falls asleep in another."""

    async def futex_wait(self, expected):
        if await self.value() == expected:
            await self.fall_asleep()
            await self.wake_up()


class WakesOneOfMany(Futex):
    @operation
    def futex_wake(self, state, me, count):
        return Futex.futex_wake.rule(self, state, me, 1)


class ForgetsWhoMoved(Futex):
    @operation
    def move_here(self, state, me, threads):
        return state, None


class ForgetsToken(Parker):
    @operation
    def unpark(self, token, me):
        return token, None


class KeepsToken(Parker):
    @operation
    def take_token(self, token, me):
        return Parker.take_token.rule(self, token, me) if not token else (True, None)


word = Atomic("word")


def word_changes(futex, data):
    async def sleep():
        await futex.futex_wait(0)

    async def wake():
        await word.atomic_set(1)
        await futex.futex_wake(2)

    return threads(sleep, sleep, wake)


def moves_to_itself(futex, data):
    futex.requeue_to = futex

    async def sleep():
        await futex.futex_wait(0)

    async def wake():
        await word.atomic_set(1)
        await futex.futex_cmp_requeue(0, 1, 1)
        await futex.futex_wake(1)

    return threads(sleep, wake)


def parks_once(parker, data):
    async def park():
        await parker.park()
        await data.x.READ_ONCE()

    async def unpark():
        await parker.unpark()

    return threads(park, unpark)


def parks_twice(parker, data):
    async def park():
        await parker.park()
        await parker.park()
        require(await data.x.READ_ONCE(), "promise")

    async def unpark():
        await parker.unpark()
        await data.x.WRITE_ONCE(1)
        await parker.unpark()

    return threads(park, unpark)


PAIRS = [
    pair(WakesOne, awaited(wait_event, 2), deadlock_free()),
    pair(WakesOneOfAll, awaited(wait_event_exclusive, 2, "wake_up_all"), deadlock_free()),
    pair(WakesEveryExclusive, one_by_one, PROMISE),
    pair(NeverSleeps, bare_schedule, PROMISE),
    pair(LeavesNobody, left_behind, PROMISE),
    pair(WakesNobody, awaited(rcuwait_wait_event, 1, "rcuwait_wake_up"), deadlock_free()),
    pair(StaysPrepared, waits_twice, no_misuse()),
    pair(IsNotWoken, one_wake_up, deadlock_free()),
    pair(StaysOnWakeQ, two_wake_qs, deadlock_free()),
    pair(SleepsOn, runs_again, deadlock_free()),
    pair(TimesOutAsleep, times_out, deadlock_free()),
    pair(LooksFirst, word_changes, deadlock_free(), word, others=(word,)),
    pair(WakesOneOfMany, word_changes, deadlock_free(), word, others=(word,)),
    pair(ForgetsWhoMoved, moves_to_itself, deadlock_free(), word, others=(word,)),
    pair(ForgetsToken, parks_once, deadlock_free()),
    pair(KeepsToken, parks_twice, PROMISE),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_broken_is_caught(pair):
    assert verdicts(pair) == CAUGHT
