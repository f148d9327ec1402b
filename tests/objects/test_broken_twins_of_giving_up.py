"""A checker that can't fail proves nothing: what a thread that gives up owes to others, broken.

As in `test_broken_twins`, each property holds for the real object and fails for the twin.
"""

# ruff: noqa: ARG001 - a system takes what every system takes

import pytest

from locking import (
    WAIT,
    Atomic,
    Barrier,
    Cancellation,
    Completion,
    Condition,
    Fairness,
    Futex,
    Monitor,
    Mutex,
    Object,
    Queue,
    RangeLock,
    RwSem,
    UpgradableRwLock,
    WwClass,
    deadlock_free,
    interruptible,
    no_misuse,
    operation,
    ordered,
    require,
    timed,
    wait_until,
)
from locking.objects.order import ACQUIRE, RELEASE
from tests.objects.broken import CAUGHT, PROMISE, Pair, pair, verdicts
from tests.systems import threads

BLOCKING, FIFO = Fairness.WRITER_BLOCKS_READERS, Fairness.FIFO

# --- queues that nobody leaves --------------------------------------------------------------------


class StaysInQueue(RwSem):
    """A writer that has given up still keeps readers out: their wake-up is forgotten."""

    def without_waiter(self, state, me):
        return state


class StaysInRangeQueue(RangeLock):
    def without_waiter(self, state, me):
        return state


class StaysInUpgradableQueue(UpgradableRwLock):
    def without_waiter(self, state, me):
        return state


class StaysOlder(WwClass):
    """With wait-die: who has given up still counts as waiting, and makes younger ones back off."""

    def without_waiter(self, state, me):
        return state


def killed_before_a_reader(lock, data):
    """A reader is inside, a writer waits and may be killed, and another reader comes."""

    async def read():
        async with lock.read():
            await data.x.READ_ONCE()

    async def write():
        if await interruptible(lock.write().acquire):
            await lock.write().release()

    return threads(read, write, read)


def ranges(lock, data):
    async def read():
        async with lock.reading(0, 1):
            await data.x.READ_ONCE()

    async def write():
        if await timed(lock.range_write_lock, 0, 1):
            await lock.range_write_unlock(0, 1)

    return threads(read, write, read)


def oldest_gives_up(lock, data):
    """The oldest waits, is killed, and has gone; then nobody younger may back off for it."""

    async def oldest():
        await lock.ww_acquire_init()
        await lock.ww_mutex_lock_interruptible("one")
        await data.x.WRITE_ONCE(1)

    async def owner():
        await lock.ww_acquire_init()
        await lock.ww_mutex_lock("one")

    async def younger():
        if await data.x.READ_ONCE():
            require(not await lock.waits("a"), "promise")

    return threads(oldest, owner, younger)


def asked_who_waits(twin):
    """The pair of a class with wait-die and one lock, which may be asked whether a thread waits."""

    class Real(WwClass):
        @operation
        def waits(self, state, me, who):
            return state, who in state.waiting[0]

    class Twin(twin, Real):
        pass

    made = [each("lock", ("one",), wait_die=True) for each in (Real, Twin)]
    return pytest.param(Pair(*made, oldest_gives_up, PROMISE), id=twin.__name__)


# --- wake-ups that are lost -----------------------------------------------------------------------


class HandsOver(Object):
    """A lock of one's own: who lets go makes the first that waits the owner, as asyncio's did.

    State: the owner and those that wait.
    """

    def __init__(self, name):
        super().__init__(name, (None, ()))

    @operation
    def lock(self, state, me):
        owner, queue = state
        if owner == me:
            return state, None
        if owner is None:
            return (me, queue), None
        return WAIT if me in queue else Queue((owner, (*queue, me)))

    @operation
    def unlock(self, state, me):
        return (state[1][0], state[1][1:]) if state[1] else (None, ()), None

    def without_waiter(self, state, me):
        """Who was made the owner meanwhile hands the lock on."""
        owner, queue = state
        if owner == me:
            return (queue[0], queue[1:]) if queue else (None, ())
        return owner, tuple(each for each in queue if each != me)


class LosesTheWakeUp(HandsOver):
    """bpo-27585: who is cancelled when it has just been made the owner drops the lock."""

    def without_waiter(self, state, me):
        owner, queue = state
        return owner, tuple(each for each in queue if each != me)


cancellation = Cancellation("cancellation")


def cancelled_among_three(lock, data):
    async def hold():
        await lock.lock()
        await lock.unlock()

    async def stop():
        await cancellation.cancel()

    async def wait():
        if await cancellation.wait(lock.lock):
            await lock.unlock()

    return threads(hold, wait, hold, stop)


class StaysWhole(Barrier):
    """Who gives up does not break the round: the others wait for it in vain."""

    def without_waiter(self, state, me):
        return state._replace(arrived=state.arrived - {me})


def two_at_a_barrier(barrier, data):
    async def wait_a_while():
        await barrier.timedwait()

    async def wait():
        await barrier.wait()

    return threads(wait_a_while, wait)


class TimesOutWithTheWakeUp(Condition):
    """Who has timed out uses the signal up, if there is one: nobody else is woken."""

    @operation
    def time_out(self, state, me):
        return state.leaves(me) or state.gives_up(me), None


class MonitorLosesTheWakeUp(Monitor):
    @operation
    def time_out(self, state, me):
        left = state.sleepers.leaves(me) or state.sleepers.gives_up(me)
        return state._replace(sleepers=left), None


class FutexLosesTheWakeUp(Futex):
    @operation
    def time_out(self, state, me):
        if me in state.moved:
            return WAIT
        left = state.sleepers.leaves(me) or state.sleepers.gives_up(me)
        return state._replace(sleepers=left), None


mutex, word = Mutex("mutex"), Atomic("word")


def one_signal(condition, data):
    """One sleeps, another for a time, and who is woken without need passes the wake-up on."""

    async def wait():
        async with mutex.hold():
            await condition.wait(mutex)

    async def wait_a_while():
        async with mutex.hold():
            if await condition.timedwait(mutex):
                await condition.signal()

    async def wake():
        await wait_until(lambda sleepers: "a" in sleepers.asleep, condition)
        await condition.signal()

    return threads(wait, wait_a_while, wake)


def one_notification(monitor, data):
    async def wait():
        async with monitor.hold():
            await monitor.wait()

    async def wait_a_while():
        async with monitor.hold():
            if await monitor.timedwait():
                await monitor.notify()

    async def wake():
        await wait_until(lambda state: "a" in state.sleepers.asleep, monitor)
        async with monitor.hold():
            await monitor.notify()

    return threads(wait, wait_a_while, wake)


def one_wake(futex, data):
    async def wait():
        await futex.futex_wait(0)

    async def wait_a_while():
        if await futex.futex_wait_timeout(0) == 0:
            await futex.futex_wake(1)

    async def wake():
        await wait_until(lambda state: "a" in state.sleepers.asleep, futex)
        await futex.futex_wake(1)

    return threads(wait, wait_a_while, wake)


# --- what a wait says, and what it does -----------------------------------------------------------


class LockedBySignal(Mutex):
    """A signal counts as having the lock, as where nobody looks at what is returned."""

    async def mutex_lock_interruptible(self):
        await interruptible(self.mutex_lock)
        return True


class PassesInTime(Completion):
    async def wait_for_completion_timeout(self):
        await timed(self.wait_for_completion)
        return True


class IsToldTwice(Cancellation):
    @ordered(ACQUIRE)
    @operation
    def be_cancelled(self, asked_to, me):
        return (True, None) if asked_to else WAIT


class CancelsNobody(Cancellation):
    @ordered(RELEASE)
    @operation
    def cancel(self, asked_to, me):
        return asked_to, None


def writes_if_it_has_the_lock(lock, data):
    async def write():
        if await lock.mutex_lock_interruptible():
            await lock.lockdep_assert_held()
            await lock.mutex_unlock()

    return threads(write, write)


def reads_what_is_complete(completion, data):
    async def make():
        await data.x.WRITE_ONCE(1)
        await completion.complete()

    async def wait():
        if await completion.wait_for_completion_timeout():
            require(await data.x.READ_ONCE(), "promise")

    return threads(make, wait)


never = Completion("never")


def cancelled_once(cancellation, data):
    """A thread is cancelled once, where it waits for what never comes; it is told no more."""

    async def stop():
        await cancellation.cancel()

    async def wait():
        await cancellation.wait(never.wait_for_completion)
        require(not await cancellation.checkpoint(), "promise")

    return threads(stop, wait)


PAIRS = [
    pair(StaysInQueue, killed_before_a_reader, deadlock_free(), BLOCKING),
    pair(StaysInQueue, killed_before_a_reader, deadlock_free(), FIFO),
    pair(StaysInRangeQueue, ranges, deadlock_free(), 1, FIFO),
    pair(StaysInUpgradableQueue, killed_before_a_reader, deadlock_free(), BLOCKING),
    pair(StaysInUpgradableQueue, killed_before_a_reader, deadlock_free(), FIFO),
    asked_who_waits(StaysOlder),
    pytest.param(
        Pair(
            HandsOver("lock"),
            LosesTheWakeUp("lock"),
            cancelled_among_three,
            deadlock_free(),
            (cancellation,),
        ),
        id="LosesTheWakeUp",
    ),
    pair(StaysWhole, two_at_a_barrier, deadlock_free(), 2),
    pair(TimesOutWithTheWakeUp, one_signal, deadlock_free(), others=(mutex,)),
    pair(MonitorLosesTheWakeUp, one_notification, deadlock_free()),
    pair(FutexLosesTheWakeUp, one_wake, deadlock_free(), word, others=(word,)),
    pair(LockedBySignal, writes_if_it_has_the_lock, no_misuse()),
    pair(PassesInTime, reads_what_is_complete, PROMISE),
    pair(IsToldTwice, cancelled_once, PROMISE, others=(never,)),
    pair(CancelsNobody, cancelled_once, deadlock_free(), others=(never,)),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_who_gives_up_and_breaks_its_duty_is_caught(pair):
    assert verdicts(pair) == CAUGHT
