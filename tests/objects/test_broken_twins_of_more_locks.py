"""A checker that can't fail proves nothing: locks of which more than one thing is held, broken.

As in `test_broken_twins`, each property holds for the real lock and fails for the twin.
"""

from typing import Any

import pytest

from locking import (
    WAIT,
    Outcome,
    Owned,
    RangeLock,
    RangeState,
    Record,
    RecursiveMutex,
    Thread,
    UpgradableRwLock,
    UpgradableState,
    WwClass,
    WwState,
    deadlock_free,
    operation,
    require,
)
from locking.objects.range_lock import Span
from tests.objects.broken import CAUGHT, EXCLUSION, NO_READER, PROMISE, Pair, inside, pair, verdicts
from tests.systems import threads

# --- recursive mutex ------------------------------------------------------------------------------


class OneUnlockFrees(RecursiveMutex):
    @operation
    def unlock(self, owned: Owned | None, me: str) -> Outcome:
        return None, None


class OwnerWaits(RecursiveMutex):
    @operation
    def lock(self, owned: Owned | None, me: str) -> Outcome:
        return (Owned(me), None) if owned is None else WAIT


class AnybodyTakes(RecursiveMutex):
    @operation
    def lock(self, owned: Owned | None, me: str) -> Outcome:
        return Owned(me, owned.depth + 1 if owned else 1), None


def nested(lock: Any, data: Record) -> list[Thread]:
    async def write() -> None:
        async with lock.hold():
            async with lock.hold():
                pass
            await inside(data, "write")

    return threads(write, write)


# --- upgradable reader/writer lock ----------------------------------------------------------------


class UpgradesAmongReaders(UpgradableRwLock):
    @operation
    def upgrade(self, state: UpgradableState, me: str) -> Outcome:
        return self.upgraded(state, me, None)


class UpgradesWithAGap(UpgradableRwLock):
    """As two that read do: let go, and ask again."""

    @operation
    def upgrade(self, state: UpgradableState, me: str) -> Outcome:
        if state.upgradable == me:
            state = state._replace(upgradable=None)
        return self.take(state, me, "write") or self.wait(state, me, "write")


class ManyAreUpgradable(UpgradableRwLock):
    @operation
    def lock_upgradable(self, state: UpgradableState, me: str) -> Outcome:
        return WAIT if state.writer else (state._replace(upgradable=me), None)


def upgraders(lock: Any, data: Any) -> list[Thread]:
    async def add() -> None:
        await lock.lock_upgradable()
        seen = await data.x.read()
        await lock.upgrade()
        require(await data.x.read() == seen, "promise")
        await data.x.write(seen + 1)
        await lock.unlock_exclusive()

    async def read() -> None:
        async with lock.read():
            await inside(data, "read")

    async def write() -> None:
        async with lock.write():
            await data.x.write(2)

    return threads(add, write, read)


def upgrader_and_reader(lock: Any, data: Record) -> list[Thread]:
    async def write() -> None:
        await lock.lock_upgradable()
        await lock.upgrade()
        await inside(data, "write")
        await lock.unlock_exclusive()

    async def read() -> None:
        async with lock.read():
            await inside(data, "read")

    return threads(write, read)


def two_upgradable(lock: Any, data: Record) -> list[Thread]:
    async def write() -> None:
        await lock.lock_upgradable()
        await inside(data, "write")
        await lock.unlock_upgradable()

    return threads(write, write)


# --- range lock -----------------------------------------------------------------------------------


class OnlyEqualRangesWait(RangeLock):
    def must_wait(self, state: RangeState, span: Span) -> bool:
        return any(each[2:] == span[2:] for each in state.held)


class EveryRangeWaits(RangeLock):
    def must_wait(self, state: RangeState, span: Span) -> bool:
        return bool(state.held)


class ReadersEnter(RangeLock):
    @operation
    def range_read_lock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        return self.holding(state, Span(me, "read", start, end)), None


def overlapping(lock: Any, data: Record) -> list[Thread]:
    async def low() -> None:
        async with lock.writing(0, 2):
            await inside(data, "write")

    async def high() -> None:
        async with lock.writing(1, 3):
            await inside(data, "write")

    return threads(low, high)


def disjoint(lock: Any, data: Record) -> list[Thread]:
    """Who holds one range takes another, which nobody has."""

    async def write() -> None:
        async with lock.writing(0, 2), lock.writing(2, 4):
            await inside(data, "write")

    return threads(write)


def range_reader_and_writer(lock: Any, data: Record) -> list[Thread]:
    async def write() -> None:
        async with lock.writing(0, 2):
            await inside(data, "write")

    async def read() -> None:
        async with lock.reading(1, 3):
            await inside(data, "read")

    return threads(write, read)


# --- ww_mutex -------------------------------------------------------------------------------------


class NobodyBacksOff(WwClass):
    def must_back_off(self, state: WwState, me: str, at: int) -> bool:
        return False


class ForgetsWhoOwns(WwClass):
    def owning(self, state: WwState, me: str, at: int) -> WwState:
        return state


class AnybodyMayBeRefused(WwClass):
    """Also who holds nothing, which can't let go of anything."""

    def wait(self, state: WwState, me: str, at: int) -> Outcome:
        return self.changed(state, me, contending=at), -1


def crossed(lock: Any, data: Record) -> list[Thread]:
    def taking(first: str, second: str) -> Any:
        async def take() -> None:
            await lock.ww_acquire_init()
            require(await lock.ww_mutex_lock(first) == 0, "promise")
            if await lock.ww_mutex_lock(second) == 0:
                await inside(data, "write")
                await lock.ww_mutex_unlock(second)
            await lock.ww_mutex_unlock(first)
            await lock.ww_acquire_fini()

        return take

    return threads(taking("a", "b"), taking("b", "a"))


PAIRS = [
    pair(OneUnlockFrees, nested, EXCLUSION),
    pair(OwnerWaits, nested, deadlock_free()),
    pair(AnybodyTakes, nested, EXCLUSION),
    pair(UpgradesAmongReaders, upgrader_and_reader, NO_READER),
    pair(UpgradesWithAGap, upgraders, PROMISE),
    pair(ManyAreUpgradable, two_upgradable, EXCLUSION),
    pair(OnlyEqualRangesWait, overlapping, EXCLUSION, 4),
    pair(EveryRangeWaits, disjoint, deadlock_free(), 4),
    pair(ReadersEnter, range_reader_and_writer, NO_READER, 4),
    pair(NobodyBacksOff, crossed, deadlock_free(), ("a", "b")),
    pair(NobodyBacksOff, crossed, deadlock_free(), ("a", "b"), True),
    pair(ForgetsWhoOwns, crossed, EXCLUSION, ("a", "b")),
    pair(AnybodyMayBeRefused, crossed, PROMISE, ("a", "b")),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_broken_lock_is_caught(pair: Pair) -> None:
    assert verdicts(pair) == CAUGHT
