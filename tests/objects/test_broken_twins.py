"""A checker that can't fail proves nothing: every rule of a lock, broken, must be caught.

Each twin drops one check. A small system shows the difference: its property holds for the real lock
and fails for the twin. This file has the mutex, the spinlock and the rwsems.
"""

import pytest

from locking import (
    WAIT,
    Fairness,
    Misuse,
    Mutex,
    PercpuRwSem,
    Queue,
    RwSem,
    Spinlock,
    atomic,
    deadlock_free,
    operation,
    require,
)
from tests.objects.broken import (
    CAUGHT,
    EXCLUSION,
    NO_READER,
    PROMISE,
    Pair,
    behind,
    inside,
    pair,
    verdicts,
)
from tests.systems import threads

BLOCKING = Fairness.WRITER_BLOCKS_READERS


# --- mutex and spinlock ---------------------------------------------------------------------------


class AnybodyUnlocks(Mutex):
    @operation
    def mutex_unlock(self, owner, me):
        return None, None


class NobodyWaits(Mutex):
    @operation
    def mutex_lock(self, owner, me):
        return Misuse("twice") if owner == me else (me, None)


class OwnerWaits(Mutex):
    @operation
    def mutex_lock(self, owner, me):
        return WAIT if owner else (me, None)


class AttemptsSucceed(Mutex):
    @operation
    def mutex_trylock(self, owner, me):
        return me, True


class StaysHeld(Mutex):
    @operation
    def mutex_unlock(self, owner, me):
        return Misuse("not mine") if owner != me else (owner, None)


class NobodySpins(Spinlock):
    @operation
    def spin_lock(self, owner, me):
        return me, None


def two_writers(lock, data):
    async def write():
        await lock.mutex_lock()
        await inside(data, "write")
        await lock.mutex_unlock()

    return threads(write, write)


def two_writers_and_a_stranger(lock, data):
    async def stranger():
        await lock.mutex_unlock()

    return two_writers(lock, data) + threads(stranger=stranger)


def two_attempts(lock, data):
    async def write():
        if await lock.mutex_trylock():
            await inside(data, "write")
            await lock.mutex_unlock()

    return threads(write, write)


def recursive(lock, data):
    async def twice():
        await lock.mutex_lock()
        await lock.mutex_lock()
        await data.x.read()

    return threads(twice)


def two_spinners(lock, data):
    async def write():
        async with lock.hold():
            await inside(data, "write")

    return threads(write, write)


# --- what every lock asserts ---------------------------------------------------------------------


class AssertsOfAnybody(Mutex):
    """Somebody holds it: that is what `mutex_is_locked` says, often taken for the assertion."""

    @operation
    def lockdep_assert_held(self, owner, me):
        return (owner, True) if owner else Misuse("free")


class ReadersAreAlone(RwSem):
    @operation
    def lockdep_assert_held_write(self, state, me):
        return (state, True) if self.modes_of(state, me) else Misuse("not held")


class WritersRead(RwSem):
    @operation
    def lockdep_assert_held_read(self, state, me):
        return (state, True) if self.modes_of(state, me) else Misuse("not held")


class NeverHeld(Mutex):
    @operation
    def lockdep_assert_not_held(self, owner, me):
        return owner, True


def one_asserts(lock, data):
    """One writes without the lock; the assertion stops it before it meets the other."""

    async def write():
        async with lock.hold():
            await inside(data, "write")

    async def forgets():
        await lock.lockdep_assert_held()
        await inside(data, "write")

    return threads(write, forgets)


def with_one_inside(data, who):
    """Threads `who`, which a misuse should stop, and one that is where they must not come."""

    async def write():
        await inside(data, "write")

    return threads(who, write)


def reader_asserts_to_be_alone(lock, data):
    async def read():
        async with lock.read():
            await lock.lockdep_assert_held_write()
            await inside(data, "write")

    return with_one_inside(data, read)


def writer_asserts_to_read(lock, data):
    async def work():
        async with lock.write():
            await lock.lockdep_assert_held_read()
            await inside(data, "write")

    return with_one_inside(data, work)


def holder_asserts_not_to_hold(lock, data):
    async def work():
        async with lock.hold():
            await lock.lockdep_assert_not_held()
            await inside(data, "write")

    return with_one_inside(data, work)


# --- rwsem and percpu_rwsem -----------------------------------------------------------------------


class ReaderPassesWriter(RwSem):
    @operation
    def down_read(self, state, me):
        return self.reading(state, me), None


class WriterEntersAmongReaders(RwSem):
    @operation
    def down_write(self, state, me):
        return WAIT if state.writer else (state._replace(writer=me), None)


class WritersMeet(RwSem):
    @operation
    def down_write(self, state, me):
        return WAIT if state.readers else (state._replace(writer=state.writer or me), None)

    @operation
    def up_write(self, state, me):
        return state._replace(writer=None if state.writer == me else state.writer), None


class AnybodyEndsReads(RwSem):
    @operation
    def up_read(self, state, me):
        return state._replace(readers=state.readers[1:]), None


class DowngradesWithAGap(RwSem):
    downgrade_write = operation(RwSem.release_write)


class StaysQueued(RwSem):
    """A writer that has had the lock still counts as waiting."""

    @operation
    def down_write(self, state, me):
        outcome = self.acquire_write(state, me)
        if outcome is WAIT or isinstance(outcome, (Queue, Misuse)):
            return outcome
        return outcome[0]._replace(queue=state.queue), None


class LetsPass(RwSem):
    """No waiter holds anybody up, although each leaves a mark."""

    def must_queue(self, state, me, mode):
        return False


class PercpuLetsPass(PercpuRwSem):
    """A waiting writer holds nobody up, although each waiter leaves a mark."""

    def must_queue(self, state, me, mode):
        return False


def with_peek(lock_type):
    """A lock of `lock_type` with an operation more, which says which writers wait."""

    class Peeked(lock_type):
        @operation
        def writers_ahead(self, state, me):
            return state, tuple(w for w in state.queue if w.mode == "write" and w.thread != me)

    return Peeked


def readers_and_writer(lock, data):
    async def write():
        await lock.down_write()
        await inside(data, "write")
        await lock.up_write()

    async def read():
        await lock.down_read()
        await inside(data, "read")
        await lock.up_read()

    return threads(write, read, read)


def two_region_writers(lock, data):
    async def write():
        async with lock.write():
            await inside(data, "write")

    return threads(write, write)


def readers_writer_and_a_stranger(lock, data):
    async def stranger():
        await lock.up_read()

    return readers_and_writer(lock, data) + threads(stranger=stranger)


def downgraders(lock, data):
    def writing(mine):
        async def write():
            await lock.down_write()
            await data.x.write(mine)
            await lock.downgrade_write()
            require(await data.x.read() == mine, "promise")
            await lock.up_read()

        return write

    return threads(writing(1), writing(2))


def late_reader(lock, data):
    """A writer that waits for one reader; another reader must not get in before it."""
    prefix = "percpu_" if isinstance(lock, PercpuRwSem) else ""
    down_read = getattr(lock, f"{prefix}down_read")

    async def read():
        async with lock.read():
            await data.x.READ_ONCE()

    async def write():
        async with lock.write():
            await data.x.READ_ONCE()

    async def late():
        async with atomic():
            await down_read()
            require(not await lock.writers_ahead(), "promise")

    return threads(read, write, late)


def peeked(twin, *args):
    """A pair of locks with an operation that reads their queue."""
    made = [with_peek(each)("lock", *args) for each in (behind(twin), twin)]
    return pytest.param(Pair(*made, late_reader, PROMISE), id=twin.__name__)


PAIRS = [
    pair(AnybodyUnlocks, two_writers_and_a_stranger, EXCLUSION),
    pair(NobodyWaits, two_writers, EXCLUSION),
    pair(OwnerWaits, recursive, deadlock_free()),
    pair(AttemptsSucceed, two_attempts, EXCLUSION),
    pair(StaysHeld, two_writers, deadlock_free()),
    pair(NobodySpins, two_spinners, EXCLUSION),
    pair(AssertsOfAnybody, one_asserts, EXCLUSION),
    pair(ReadersAreAlone, reader_asserts_to_be_alone, EXCLUSION),
    pair(WritersRead, writer_asserts_to_read, EXCLUSION),
    pair(NeverHeld, holder_asserts_not_to_hold, EXCLUSION),
    pair(ReaderPassesWriter, readers_and_writer, NO_READER),
    pair(WriterEntersAmongReaders, readers_and_writer, NO_READER),
    pair(WritersMeet, two_region_writers, EXCLUSION),
    pair(AnybodyEndsReads, readers_writer_and_a_stranger, NO_READER),
    pair(DowngradesWithAGap, downgraders, PROMISE),
    pair(StaysQueued, readers_and_writer, deadlock_free(), BLOCKING),
    peeked(LetsPass, Fairness.FIFO),
    peeked(LetsPass, BLOCKING),
    peeked(PercpuLetsPass),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_broken_lock_is_caught(pair):
    assert verdicts(pair) == CAUGHT
