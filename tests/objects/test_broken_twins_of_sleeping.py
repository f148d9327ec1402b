"""A checker that can't fail proves nothing: what threads sleep on, broken.

As in `test_broken_twins`, each property holds for the real object and fails for the twin.
"""

import pytest

from locking import (
    WAIT,
    AutoResetEvent,
    Barrier,
    Condition,
    Latch,
    ManualResetEvent,
    Monitor,
    Mutex,
    PosixSemaphore,
    Semaphore,
    deadlock_free,
    operation,
    require,
)
from locking.programs.sleeping.barrier import BarrierState
from locking.programs.sleeping.monitor import MonitorState
from tests.objects.broken import CAUGHT, EXCLUSION, PROMISE, inside, pair, verdicts
from tests.systems import threads

# --- condition variables --------------------------------------------------------------------------


class SignalsNobody(Condition):
    @operation
    def signal(self, state, me):
        return state, None


class SignalsAll(Condition):
    signal = operation(Condition.broadcast.rule)


class BroadcastsToOne(Condition):
    broadcast = operation(Condition.signal.rule)


class WakesUnasked(Condition):
    @operation
    def wake_up(self, state, me):
        return state.gives_up(me), None


class WakesTheLast(Condition):
    @operation
    def signal(self, state, me):
        line = state.line
        return state._replace(line=line[:-1], woken=state.woken.union(line[-1:])), None


class LetsGoFirst(Condition):
    async def let_go_and_sleep(self, lock):
        await lock.hold().release()
        await self.fall_asleep()


mutex = Mutex("mutex")


def taken_and_given(signal):
    """Two threads that wait for one thing each, in a loop, and one that makes both."""

    def system(condition, data):
        async def there():
            return await data.x.read() > 0

        async def take():
            async with mutex.hold():
                await condition.wait_for(mutex, there)
                await data.x.write(await data.x.read() - 1)

        async def give():
            for _ in range(2 if signal == "signal" else 1):
                async with mutex.hold():
                    await data.x.write(await data.x.read() + (1 if signal == "signal" else 2))
                    await getattr(condition, signal)()

        return threads(take, take, give)

    return system


def one_signal(condition, data):
    """Two threads that sleep at once, and one signal: one of them is woken."""

    async def sleep():
        async with mutex.hold():
            await data.x.write(await data.x.read() + 1)
            await condition.wait(mutex)
            await data.y.write(await data.y.read() + 1)
            require(await data.y.read() < 2, "promise")

    async def wake():
        async with mutex.hold():
            if await data.x.read() == 2:
                await condition.signal()

    return threads(sleep, sleep, wake)


def in_turn(condition, data):
    """Two threads that sleep; the one that came first is woken, and wakes the other."""

    async def sleep():
        async with mutex.hold():
            mine = await data.x.read()
            await data.x.write(mine + 1)
            await condition.wait(mutex)
            require(await data.y.read() == mine, "promise")
            await data.y.write(mine + 1)
            await condition.signal()

    async def wake():
        async with mutex.hold():
            if await data.x.read() == 2:
                await condition.signal()

    return threads(sleep, sleep, wake)


def looks_once(condition, data):
    """A thread that need not look again, for nobody else takes what it waits for."""

    async def wait():
        async with mutex.hold():
            if not await data.x.read():
                await condition.wait(mutex)
            require(await data.x.read(), "promise")

    async def give():
        async with mutex.hold():
            await data.x.write(1)
            await condition.signal()

    return threads(wait, give)


# --- monitors -------------------------------------------------------------------------------------


class NotifiesNobody(Monitor):
    @operation
    def notify(self, state, me):
        return state, None


class ComesInAmongOthers(Monitor):
    @operation
    def wake_up(self, state, me):
        left = state.sleepers.leaves(me)
        return WAIT if left is None else (MonitorState(me, left), None)


class EntersAmongOthers(Monitor):
    @operation
    def enter(self, state, me):
        return state._replace(owner=me), None


def waits_inside(monitor, data):
    async def is_set():
        return bool(await data.x.READ_ONCE())

    async def wait():
        async with monitor.hold():
            await monitor.wait_for(is_set)
            await inside(data, "write")

    async def give():
        async with monitor.hold():
            await data.x.WRITE_ONCE(1)
            await monitor.notify()
            await inside(data, "write")

    return threads(wait, give)


# --- semaphores -----------------------------------------------------------------------------------


class LetsEverybodyIn(Semaphore):
    @operation
    def down(self, count, me):
        return max(count - 1, 0), None


class AttemptLetsIn(Semaphore):
    @operation
    def down_trylock(self, count, me):
        return max(count - 1, 0), True


class ForgetsWhoLeft(PosixSemaphore):
    @operation
    def sem_post(self, count, me):
        return count or 1, None


def two_visitors(semaphore, data):
    async def visit():
        await semaphore.down()
        await inside(data, "write")
        await semaphore.up()

    return threads(visit, visit)


def two_attempts(semaphore, data):
    async def visit():
        if await semaphore.down_trylock():
            await inside(data, "write")
            await semaphore.up()

    return threads(visit, visit)


def posts_for_two(semaphore, data):
    async def post():
        await semaphore.sem_post()
        await semaphore.sem_post()

    async def wait():
        await semaphore.sem_wait()
        await data.x.READ_ONCE()

    return threads(post, wait, wait)


# --- events, latches and barriers -----------------------------------------------------------------


class StaysSet(AutoResetEvent):
    @operation
    def wait(self, is_set, me):
        return ManualResetEvent.wait.rule(ManualResetEvent(self.name), is_set, me)


class IsNeverSet(ManualResetEvent):
    @operation
    def set(self, is_set, me):
        return is_set, None


class OpensEarly(Latch):
    @operation
    def wait(self, count, me):
        return Latch.wait.rule(self, max(count - 1, 0), me)


class LetsEachGoOn(Barrier):
    @operation
    def depart(self, state, me):
        return state, None


class RoundsMix(Barrier):
    """Who comes again shuts out those that have not gone on yet: a barrier that only counts."""

    @operation
    def depart(self, state, me):
        return Barrier.depart.rule(self, state, me) if not state.arrived else WAIT

    @operation
    def arrive(self, state, me):
        after, last = Barrier.arrive.rule(self, state._replace(leaving=frozenset()), me)
        return BarrierState(after.arrived, after.leaving | state.leaving), last


def one_passes(event, data):
    async def wait():
        await event.wait()
        await inside(data, "write")

    async def set_it():
        await event.set()

    return threads(wait, wait, set_it)


def set_and_wait(event, data):
    async def wait():
        await event.wait()
        await data.x.READ_ONCE()

    async def set_it():
        await event.set()

    return threads(wait, set_it)


def two_counts(latch, data):
    async def count():
        await data.x.WRITE_ONCE(await data.x.READ_ONCE() + 1)
        await latch.count_down()
        await data.x.WRITE_ONCE(await data.x.READ_ONCE() + 1)
        await latch.count_down()

    async def wait():
        await latch.wait()
        require(await data.x.READ_ONCE() == 2, "promise")

    return threads(count, wait)


def two_rounds(barrier, data):
    """Each reads in a round what the other wrote in the one before."""

    def play(mine, other):
        async def rounds():
            for number in (1, 2):
                await mine.WRITE_ONCE(number)
                await barrier.wait()
                require(await other.READ_ONCE() == number, "promise")
                await barrier.wait()

        return rounds

    return threads(play(data.x, data.y), play(data.y, data.x))


PAIRS = [
    pair(SignalsNobody, taken_and_given("signal"), deadlock_free(), others=(mutex,)),
    pair(BroadcastsToOne, taken_and_given("broadcast"), deadlock_free(), others=(mutex,)),
    pair(SignalsAll, one_signal, PROMISE, others=(mutex,)),
    pair(WakesUnasked, looks_once, PROMISE, others=(mutex,)),
    pair(WakesTheLast, in_turn, PROMISE, False, True, others=(mutex,)),
    pair(LetsGoFirst, looks_once, deadlock_free(), others=(mutex,)),
    pair(NotifiesNobody, waits_inside, deadlock_free()),
    pair(ComesInAmongOthers, waits_inside, EXCLUSION),
    pair(EntersAmongOthers, waits_inside, EXCLUSION),
    pair(LetsEverybodyIn, two_visitors, EXCLUSION, 1),
    pair(AttemptLetsIn, two_attempts, EXCLUSION, 1),
    pair(ForgetsWhoLeft, posts_for_two, deadlock_free()),
    pair(StaysSet, one_passes, EXCLUSION),
    pair(IsNeverSet, set_and_wait, deadlock_free()),
    pair(OpensEarly, two_counts, PROMISE, 2),
    pair(LetsEachGoOn, two_rounds, PROMISE, 2),
    pair(RoundsMix, two_rounds, deadlock_free(), 2),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_broken_is_caught(pair):
    assert verdicts(pair) == CAUGHT
