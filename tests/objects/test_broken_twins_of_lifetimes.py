"""A checker that can't fail proves nothing: what lives and is freed, broken.

As in `test_broken_twins`, each property holds for the real object and fails for the twin.
"""

import pytest

from locking import (
    FREED,
    AllocatedCell,
    Lifetime,
    PercpuRef,
    Rcu,
    RcuState,
    Srcu,
    Thread,
    access,
    deadlock_free,
    no_misuse,
    operation,
    require,
    run_callbacks,
    wait_until,
)
from locking.objects.rcu import Updater, without
from tests.objects.broken import CAUGHT, PROMISE, pair, verdicts


class NobodyIsWaitedFor(Rcu):
    @operation
    def synchronize_rcu(self, state, me):
        return state, None


class LaterReadersAreWaitedFor(Rcu):
    @operation
    def rcu_read_lock(self, state, me):
        later = tuple(Updater(who, (*ahead, me)) for who, ahead in state.updaters)
        return self.enter(state, me)[0]._replace(updaters=later), None


class InnerReadsEndIt(Rcu):
    @operation
    def rcu_read_unlock(self, state, me):
        left = self.leave(state, me)[0]
        gone = tuple(Updater(who, without(ahead, me)) for who, ahead in state.updaters)
        return left._replace(updaters=gone), None


class CallbacksComeAtOnce(Rcu):
    @operation
    def call_rcu(self, state, me, what):
        return self.defer(state._replace(readers=()), me, what)[0]._replace(
            readers=state.readers
        ), None


class CallbacksAreLost(Rcu):
    @operation
    def end_callback(self, state, me):
        return RcuState(state.readers, state.updaters, (), state.barriers), None


class BarrierPasses(Rcu):
    @operation
    def rcu_barrier(self, state, me):
        return state, None


class NobodySleeps(Srcu):
    @operation
    def synchronize_srcu(self, state, me):
        return state, None


def one_reader(lock, data):
    """A reader, nested, and who frees what it reads."""

    async def read():
        async with lock.read():
            async with lock.read():
                gone = await data.y.READ_ONCE()
            require(gone or not await data.x.READ_ONCE(), "promise")

    async def update():
        await data.y.WRITE_ONCE(1)
        await getattr(lock, "synchronize_rcu", getattr(lock, "synchronize_srcu", None))()
        await data.x.WRITE_ONCE(1)

    return [Thread("reader", read), Thread("updater", update)]


def a_late_reader(lock, data):
    """A reader that begins once the grace period was asked for, and ends once it is over."""

    async def read():
        async with lock.read():
            await wait_until(lambda y: y, data.y)

    async def update():
        await wait_until(lambda state: state.readers == ("reader",), lock)
        await lock.synchronize_rcu()
        await data.x.WRITE_ONCE(1)

    async def late():
        await wait_until(lambda state: state.updaters != (), lock)
        async with lock.read():
            await data.y.WRITE_ONCE(1)
            await wait_until(lambda x: x, data.x)

    return [Thread("reader", read), Thread("updater", update), Thread("late", late)]


def callbacks(lock, data):
    """A callback that frees what a reader reads, and who waits for the callback."""

    async def read():
        async with lock.read():
            gone = await data.y.READ_ONCE()
            require(gone or not await data.x.READ_ONCE(), "promise")

    async def free(what):
        await data.x.WRITE_ONCE(what)

    async def update():
        await data.y.WRITE_ONCE(1)
        await lock.call_rcu(1)
        await lock.call_rcu(2)
        await lock.rcu_barrier()
        require(await data.x.READ_ONCE() == 2, "promise")

    return [
        Thread("reader", read),
        Thread("updater", update),
        Thread("softirq", run_callbacks, (lock, free), daemon=True),
    ]


class SeesZeroEarly(PercpuRef):
    """A put in the time between the kill and the switch may be the last."""

    @access(writes=True, marked=True)
    def percpu_ref_put(self, state, me):
        return state._replace(references=state.references - 1), state.references == 2


class TakenAfterTheKill(PercpuRef):
    @access(writes=True, marked=True)
    def percpu_ref_tryget_live(self, state, me):
        return state._replace(references=state.references + 1), True


class ReadsWhatIsFreed(AllocatedCell):
    def step(self, name, state, me, args):
        return self.call(name).rule(self, state, me, *args)


class FreesTwice(AllocatedCell):
    def step(self, name, state, me, args):
        freed = state is FREED and name == "kfree"
        return (state, None) if freed else super().step(name, state, me, args)


def two_users(lock, data):
    """Users who look at what the last of them takes away."""

    async def use():
        if await lock.percpu_ref_tryget_live():
            require(not await data.x.READ_ONCE(), "promise")
            if await lock.percpu_ref_put():
                await data.x.WRITE_ONCE(1)

    async def end():
        await lock.percpu_ref_kill()
        if await lock.percpu_ref_confirm_kill():
            await data.x.WRITE_ONCE(1)

    return [Thread("one", use), Thread("other", use), Thread("ender", end)]


def uses(lock, data):
    """Who reads, and who frees."""

    async def use():
        await data.x.READ_ONCE()
        await lock.READ_ONCE()

    async def free():
        await lock.kfree()

    return [Thread("user", use), Thread("other", free)]


def frees(lock, data):
    """Two who free."""

    async def free():
        await data.x.READ_ONCE()
        await lock.kfree()

    return [Thread("one", free), Thread("other", free)]


class JoinedTooEarly(Lifetime):
    @operation
    def join_thread(self, stage, me):
        return stage, None


class BeginsUnstarted(Lifetime):
    @operation
    def begin_thread(self, stage, me):
        return stage, None


def joined(lock, data):
    """A thread that is started once something is ready, and joined to see what it did."""

    async def child():
        await lock.begin_thread()
        require(await data.x.READ_ONCE(), "promise")
        await data.y.WRITE_ONCE(1)
        await lock.end_thread()

    async def main():
        await data.x.WRITE_ONCE(1)
        await lock.start_thread()
        await lock.join_thread()
        require(await data.y.READ_ONCE(), "promise")

    return [Thread("child", child), Thread("main", main)]


PAIRS = [
    pair(NobodyIsWaitedFor, one_reader, PROMISE),
    pair(LaterReadersAreWaitedFor, a_late_reader, deadlock_free()),
    pair(InnerReadsEndIt, one_reader, PROMISE),
    pair(NobodySleeps, one_reader, PROMISE),
    pair(CallbacksComeAtOnce, callbacks, PROMISE),
    pair(CallbacksAreLost, callbacks, PROMISE),
    pair(SeesZeroEarly, two_users, PROMISE),
    pair(TakenAfterTheKill, two_users, PROMISE),
    pair(JoinedTooEarly, joined, PROMISE),
    pair(BeginsUnstarted, joined, PROMISE),
    pair(BarrierPasses, callbacks, PROMISE),
]


CAUGHT_BY_THE_REAL_ONE = [
    pair(ReadsWhatIsFreed, uses, no_misuse()),
    pair(FreesTwice, frees, no_misuse()),
]
"""Here it is the real object that fails: it notices, and the twin does not."""

EVERY_PAIR = [*PAIRS, *CAUGHT_BY_THE_REAL_ONE]


@pytest.mark.parametrize("pair", CAUGHT_BY_THE_REAL_ONE)
def test_freed_memory_notices_what_its_twin_does_not(pair):
    assert verdicts(pair) == CAUGHT[::-1]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_broken_grace_period_is_caught(pair):
    assert verdicts(pair) == CAUGHT
