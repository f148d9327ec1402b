"""A checker that can't fail proves nothing: sequences, completions, counts and cells, broken.

As in `test_broken_twins`, each property holds for the real object and fails for the twin.
"""

# ruff: noqa: ARG001 - a system takes what every system takes

import pytest

import locking
from locking import (
    Atomic,
    Cell,
    Completion,
    Object,
    Refcount,
    Seqcount,
    Seqlock,
    access,
    data_race_free,
    deadlock_free,
    operation,
    require,
    retry,
)
from locking.objects.seqlock import SeqState
from locking.programs.sleeping.completion import ALL
from tests.objects import (
    test_broken_twins,
    test_broken_twins_of_giving_up,
    test_broken_twins_of_more_locks,
    test_broken_twins_of_sleeping,
    test_broken_twins_of_tickets,
    test_broken_twins_of_waking,
)
from tests.objects.broken import CAUGHT, EXCLUSION, PROMISE, inside, pair, verdicts
from tests.objects.test_broken_twins_of_lifetimes import EVERY_PAIR as OF_LIFETIMES
from tests.objects.test_broken_twins_of_processors import EVERY_PAIR as OF_PROCESSORS
from tests.objects.test_broken_twins_of_specifications import TWINS as OF_SPECIFICATIONS
from tests.systems import threads

# --- seqlock and seqcount -------------------------------------------------------------------------


class NeverRetries(Seqlock):
    @operation
    def read_seqretry(self, state, me, begun):
        return state, False


class SequenceGoesBack(Seqlock):
    @operation
    def write_sequnlock(self, state, me):
        return SeqState(state.sequence - 1), None


class ReaderBeginsOdd(Seqlock):
    @operation
    def read_seqbegin(self, state, me):
        return state, state.sequence


class WritersShare(Seqlock):
    @operation
    def write_seqlock(self, state, me):
        return SeqState(state.sequence + 1, state.writer or me), None


class WritersMeetUnlocked(Seqcount):
    @operation
    def write_seqcount_begin(self, state, me):
        return SeqState(state.sequence + 1, me), None


def seqlock_reader(lock, data):
    async def write():
        async with lock.write():
            await data.x.WRITE_ONCE(1)
            await data.y.WRITE_ONCE(1)

    async def look():
        begun = await lock.read_seqbegin()
        seen = await data.x.READ_ONCE(), await data.y.READ_ONCE()
        return None if await lock.read_seqretry(begun) else seen

    async def read():
        x, y = await retry(look)
        require(x == y, "promise", x=x, y=y)

    return threads(write, read)


def seqlock_writers(lock, data):
    async def write():
        async with lock.write():
            await inside(data, "write")

    return threads(write, write)


def seqcount_writers(lock, data):
    async def write():
        await lock.write_seqcount_begin()
        await inside(data, "write")
        await lock.write_seqcount_end()

    return threads(write, write)


# --- completion -----------------------------------------------------------------------------------


class EverybodyPasses(Completion):
    @operation
    def wait_for_completion(self, done, me):
        return done, None


class Forgets(Completion):
    @operation
    def complete(self, done, me):
        return done, None


class OneIsAll(Completion):
    @operation
    def complete(self, done, me):
        return ALL, None


class ReinitForgets(Completion):
    @operation
    def reinit_completion(self, done, me):
        return 0, None


def producer(lock, data):
    async def produce():
        await data.x.write(1)
        await lock.complete()

    async def consume():
        await lock.wait_for_completion()
        require(await data.x.read() == 1, "promise")

    return threads(produce, consume)


def two_waiters(lock, data):
    async def complete():
        await lock.complete()

    async def wait():
        await lock.wait_for_completion()
        await inside(data, "write")

    return threads(complete, wait, wait)


def reinit(lock, data):
    async def complete():
        await lock.complete()
        await lock.reinit_completion()

    async def wait():
        await lock.wait_for_completion()
        await data.x.read()

    return threads(complete, wait)


# --- counts and cells -----------------------------------------------------------------------------


class FallsBelowZero(Refcount):
    @access(writes=True, marked=True)
    def refcount_dec_and_test(self, count, me):
        return count - 1, count == 1


class RisesFromZero(Refcount):
    @access(writes=True, marked=True)
    def refcount_inc(self, count, me):
        return count + 1, None


class TakesAlways(Refcount):
    @access(writes=True, marked=True)
    def refcount_inc_not_zero(self, count, me):
        return count + 1, True


class EverybodyIsLast(Refcount):
    @access(writes=True, marked=True)
    def refcount_dec_and_test(self, count, me):
        return max(count - 1, 0), True


class NoRange(Atomic):
    def becomes(self, new, result=None):
        return new, result


class SaysItSwapped(Atomic):
    @access(writes=True, marked=True)
    def atomic_cmpxchg(self, value, me, old, new):
        return (new if value == old else value), old


class SaysNothingWasThere(Cell):
    @access(writes=True, marked=True)
    def xchg(self, value, me, new):
        return new, None


class SwapsAnything(Cell):
    @access(writes=True, marked=True)
    def try_cmpxchg(self, value, me, old, new):
        return new, True


class SwapsWhatIsEqual(Cell):
    """In Python, 1 equals True."""

    @access(writes=True, marked=True)
    def cmpxchg(self, value, me, old, new):
        return (new if value == old else value), value


class BitWasClear(Cell):
    @access(writes=True, marked=True)
    def test_and_set_bit(self, word, me, bit):
        return word | 1 << bit, False


class ClearsAllBits(Cell):
    @access(writes=True, marked=True)
    def clear_bit(self, word, me, bit):
        return 0, None


class FetchesAfterwards(Atomic):
    @access(writes=True, marked=True)
    def atomic_fetch_or(self, value, me, mask):
        return value | mask, value | mask


class PlainOnce(Cell):
    READ_ONCE = access(writes=False)(Cell.read.rule)


def one_put_too_many(lock, data):
    async def put():
        await lock.refcount_dec_and_test()
        require(await lock.refcount_read() >= 0, "promise")

    return threads(put, put)


def get_after_put(lock, data):
    async def put():
        if await lock.refcount_dec_and_test():
            await data.x.WRITE_ONCE("freed")

    async def get():
        await lock.refcount_inc()
        require(await data.x.READ_ONCE() != "freed", "promise")

    return threads(put, get)


def careful_get(lock, data):
    async def put():
        if await lock.refcount_dec_and_test():
            await data.x.WRITE_ONCE("freed")

    async def get():
        if await lock.refcount_inc_not_zero():
            require(await data.x.READ_ONCE() != "freed", "promise")

    return threads(put, get)


def two_puts_of_two(lock, data):
    async def put():
        if await lock.refcount_dec_and_test():
            require(await data.x.READ_ONCE() != "freed", "promise")
            await data.x.WRITE_ONCE("freed")

    async def get_and_put():
        await lock.refcount_inc()
        await put()
        await put()

    return threads(get_and_put)


def three_increments(lock, data):
    async def increase():
        count = await lock.atomic_inc_return()
        require(count <= lock.maximum, "promise")

    return threads(increase, increase, increase)


def lock_by_compare(lock, data):
    async def write():
        if await lock.atomic_cmpxchg(0, 1) == 0:
            await inside(data, "write")
            await lock.atomic_set(0)

    return threads(write, write)


def exchanged_token(lock, data):
    async def take():
        require(await lock.xchg(None) == "token", "promise")

    return threads(take)


def exchanges_once(lock, data):
    async def take():
        if await lock.try_cmpxchg("free", "taken"):
            await inside(data, "write")

    return threads(take, take)


def exchanges_the_number_only(lock, data):
    async def take():
        await lock.cmpxchg(True, "taken")
        require(await lock.READ_ONCE() == 1, "promise")

    return threads(take)


def lock_by_bit(lock, data):
    async def write():
        if not await lock.test_and_set_bit(0):
            await inside(data, "write")
            await lock.clear_bit(0)

    return threads(write, write)


def neighbours(lock, data):
    async def other():
        await lock.set_bit(1)
        require(await lock.test_bit(1), "promise")

    async def mine():
        await lock.clear_bit(0)

    return threads(other, mine)


def claims(lock, data):
    async def claim():
        require(not await lock.atomic_fetch_or(1), "promise")

    return threads(claim)


def marked_accesses(lock, data):
    async def write():
        await lock.WRITE_ONCE(1)

    async def read():
        await lock.READ_ONCE()

    return threads(write, read)


PAIRS = [
    pair(NeverRetries, seqlock_reader, PROMISE),
    pair(SequenceGoesBack, seqlock_reader, PROMISE),
    pair(ReaderBeginsOdd, seqlock_reader, PROMISE),
    pair(WritersShare, seqlock_writers, EXCLUSION),
    pair(WritersMeetUnlocked, seqcount_writers, EXCLUSION),
    pair(EverybodyPasses, producer, PROMISE),
    pair(Forgets, producer, deadlock_free()),
    pair(OneIsAll, two_waiters, EXCLUSION),
    pair(ReinitForgets, reinit, deadlock_free()),
    pair(FallsBelowZero, one_put_too_many, PROMISE),
    pair(RisesFromZero, get_after_put, PROMISE),
    pair(TakesAlways, careful_get, PROMISE),
    pair(EverybodyIsLast, two_puts_of_two, PROMISE),
    pair(NoRange, three_increments, PROMISE, 0, 0, 2),
    pair(SaysItSwapped, lock_by_compare, EXCLUSION),
    pair(SaysNothingWasThere, exchanged_token, PROMISE, "token"),
    pair(SwapsAnything, exchanges_once, EXCLUSION, "free"),
    pair(SwapsWhatIsEqual, exchanges_the_number_only, PROMISE, 1),
    pair(BitWasClear, lock_by_bit, EXCLUSION, 0),
    pair(ClearsAllBits, neighbours, PROMISE, 1),
    pair(FetchesAfterwards, claims, PROMISE),
    pair(PlainOnce, marked_accesses, data_race_free(), 0),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_broken_object_is_caught(pair):
    assert verdicts(pair) == CAUGHT


def test_every_kind_of_object_has_a_broken_twin():
    files = (
        test_broken_twins,
        test_broken_twins_of_giving_up,
        test_broken_twins_of_more_locks,
        test_broken_twins_of_sleeping,
        test_broken_twins_of_tickets,
        test_broken_twins_of_waking,
    )
    others = [each for file in files for each in file.PAIRS]
    pairs = [each.values[0] for each in (*PAIRS, *others, *OF_LIFETIMES, *OF_PROCESSORS)]
    broken = [*(type(each.twin) for each in pairs), *OF_SPECIFICATIONS]
    twins = {base for each in broken for base in each.__mro__}
    kinds = {each for name in locking.__all__ if isinstance(each := getattr(locking, name), type)}
    assert {each for each in kinds if issubclass(each, Object)} <= twins
