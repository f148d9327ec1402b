"""A reader/writer lock with one upgradable reader, who can come to write with no moment between.

After: RwLock of parking_lot, whose operations these are (lock_api 0.4, RawRwLockUpgrade and
RawRwLockUpgradeDowngrade; parking_lot 0.12, src/raw_rwlock.rs). Readers share the lock with one
upgradable reader; upgrading waits for the other readers, and no writer comes first. By `Fairness`:

* READER_PREFERRING: everybody passes whoever waits;
* WRITER_BLOCKS_READERS, as in parking_lot: who waits only for readers to end, a writer or the
  upgradable reader who upgrades, keeps new readers out, upgradable ones too;
* FIFO: nobody passes who waits already, but readers pass readers; who upgrades passes everybody.

Left out: bumps, recursive reads that pass a writer, time-outs, and who of those that may go on is
next. A writer that could go on keeps readers out too, for it could be the first.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from locking.objects.lockdep import Lock
from locking.objects.operation import (
    WAIT,
    Holding,
    Misuse,
    Outcome,
    Queue,
    operation,
)
from locking.objects.reader_writer import Fairness, in_words, without_thread
from locking.objects.region import Region, here
from locking.objects.rules import Ruled
from locking.objects.values import renamed
from locking.objects.waiting import sleeps


class UpgradableState(NamedTuple):
    """The writer, the upgradable reader, the plain readers (sorted), and who has queued up."""

    writer: str | None = None
    upgradable: str | None = None
    readers: tuple[str, ...] = ()
    queue: tuple[Holding, ...] = ()


class UpgradableRwLock(Lock):
    """State: an `UpgradableState`. Modes: `read`, `upgradable`, `write`; not recursive."""

    fairness = Ruled(
        reader_preferring=Fairness.READER_PREFERRING,
        writer_blocks_readers=Fairness.WRITER_BLOCKS_READERS,
        fifo=Fairness.FIFO,
    )
    waiting_in = sleeps("lock_shared", "lock_upgradable", "lock_exclusive", "upgrade")

    def __init__(self, name: str, fairness: Fairness = Fairness.WRITER_BLOCKS_READERS) -> None:
        super().__init__(name, UpgradableState())
        self.fairness = fairness

    @operation
    def lock_shared(self, state: UpgradableState, me: str) -> Outcome:
        """Hold the lock as a plain reader, or wait."""
        if state.writer == me:
            return self.waits_for_itself(state, me, "read")
        return self.take(state, me, "read") or self.wait(state, me, "read")

    @operation
    def try_lock_shared(self, state: UpgradableState, me: str) -> Outcome:
        """True with the lock held as a plain reader, or False at once."""
        return self.attempt(state, me, "read")

    @operation
    def unlock_shared(self, state: UpgradableState, me: str) -> Outcome:
        """Stop reading."""
        if me not in state.readers:
            return self.not_held(me, "read")
        at = state.readers.index(me)
        return state._replace(readers=state.readers[:at] + state.readers[at + 1 :]), None

    @operation
    def lock_upgradable(self, state: UpgradableState, me: str) -> Outcome:
        """Hold the lock as the upgradable reader, or wait."""
        if me in (state.writer, state.upgradable):
            return self.waits_for_itself(state, me, "upgradable")
        return self.take(state, me, "upgradable") or self.wait(state, me, "upgradable")

    @operation
    def try_lock_upgradable(self, state: UpgradableState, me: str) -> Outcome:
        """True with the lock held as the upgradable reader, or False at once."""
        return self.attempt(state, me, "upgradable")

    @operation
    def unlock_upgradable(self, state: UpgradableState, me: str) -> Outcome:
        """Stop being the upgradable reader."""
        if state.upgradable != me:
            return self.not_held(me, "upgradable")
        return state._replace(upgradable=None), None

    @operation
    def lock_exclusive(self, state: UpgradableState, me: str) -> Outcome:
        """Hold the lock alone, or wait."""
        if me in (state.writer, state.upgradable, *state.readers):
            return self.waits_for_itself(state, me, "write")
        return self.take(state, me, "write") or self.wait(state, me, "write")

    @operation
    def try_lock_exclusive(self, state: UpgradableState, me: str) -> Outcome:
        """True with the lock held alone, or False at once."""
        return self.attempt(state, me, "write")

    @operation
    def unlock_exclusive(self, state: UpgradableState, me: str) -> Outcome:
        """Stop writing."""
        if state.writer != me:
            return self.not_held(me, "write")
        return state._replace(writer=None), None

    @operation
    def upgrade(self, state: UpgradableState, me: str) -> Outcome:
        """Go from upgradable to alone once the readers have ended, or wait for them."""
        if state.upgradable != me:
            return self.not_held(me, "upgradable")
        if me in state.readers:
            return self.waits_for_itself(state, me, "write")
        return self.wait(state, me, "write") if state.readers else self.upgraded(state, me, None)

    @operation
    def try_upgrade(self, state: UpgradableState, me: str) -> Outcome:
        """True with the lock held alone, or False at once; only for the upgradable reader."""
        if state.upgradable != me:
            return self.not_held(me, "upgradable")
        return (state, False) if state.readers else self.upgraded(state, me, result=True)

    @operation
    def downgrade(self, state: UpgradableState, me: str) -> Outcome:
        """Go from writing to plain reading, with no moment in between."""
        if state.writer != me:
            return self.not_held(me, "write")
        return self.holding(state._replace(writer=None), me, "read"), None

    @operation
    def downgrade_to_upgradable(self, state: UpgradableState, me: str) -> Outcome:
        """Go from writing to the upgradable reader, with no moment in between."""
        if state.writer != me:
            return self.not_held(me, "write")
        return state._replace(writer=None, upgradable=me), None

    @operation
    def downgrade_upgradable(self, state: UpgradableState, me: str) -> Outcome:
        """Go from the upgradable reader to a plain one, with no moment in between."""
        if state.upgradable != me:
            return self.not_held(me, "upgradable")
        return self.holding(state._replace(upgradable=None), me, "read"), None

    def take(self, state: UpgradableState, me: str, mode: str) -> Outcome | None:
        """The step to hold the lock in `mode`, or None where it can't be taken now."""
        if self.excluded(state, mode) or self.must_queue(state, me, mode):
            return None
        return self.holding(state, me, mode), None

    def attempt(self, state: UpgradableState, me: str, mode: str) -> Outcome:
        """True with the lock held in `mode`, or False at once."""
        if self.excluded(state, mode) or self.must_queue(state, me, mode):
            return state, False
        return self.holding(state, me, mode), True

    def excluded(self, state: UpgradableState, mode: str) -> bool:
        """Whether somebody holds the lock in a mode that does not go with `mode`."""
        if mode == "write":
            return state[:3] != (None, None, ())
        return state.writer is not None or (mode == "upgradable" and state.upgradable is not None)

    def must_queue(self, state: UpgradableState, me: str, mode: str) -> bool:
        """Whether somebody who waits already may not be passed."""
        if self.fairness is Fairness.WRITER_BLOCKS_READERS:
            return mode != "write" and any(
                each.mode == "write" and state.upgradable in (None, each.thread)
                for each in state.queue
            )
        ahead = state.queue
        if Holding(me, mode) in ahead:
            ahead = ahead[: ahead.index(Holding(me, mode))]
        return any(mode != "read" or each.mode != "read" for each in ahead)

    def wait(self, state: UpgradableState, me: str, mode: str) -> Outcome:
        """Wait, and leave a mark where the fairness needs one."""
        fifo = self.fairness is Fairness.FIFO
        marks = fifo or (self.fairness is Fairness.WRITER_BLOCKS_READERS and mode == "write")
        if not marks or Holding(me, mode) in state.queue:
            return WAIT
        queue = (*state.queue, Holding(me, mode))
        # Only FIFO cares who came first: a set, spelled as a sorted tuple, has fewer states.
        return Queue(state._replace(queue=queue if fifo else tuple(sorted(queue))))

    def holding(self, state: UpgradableState, me: str, mode: str) -> UpgradableState:
        """The state once `me` holds the lock in `mode`, and waits no more."""
        state = state._replace(queue=without_thread(state.queue, me))
        if mode == "read":
            return state._replace(readers=tuple(sorted((*state.readers, me))))
        return state._replace(writer=me) if mode == "write" else state._replace(upgradable=me)

    def upgraded(self, state: UpgradableState, me: str, result: bool | None) -> Outcome:
        """The step from the upgradable reader to the writer."""
        return self.holding(state._replace(upgradable=None), me, "write"), result

    def waits_for_itself(self, state: UpgradableState, me: str, mode: str) -> Misuse:
        """The misuse of waiting for what one holds oneself."""
        held = ", ".join(sorted(self.modes_of(state, me)))
        return Misuse(f"{me} waits for {self.name} ({mode}), which it holds itself ({held})")

    def not_held(self, me: str, mode: str) -> Misuse:
        """The misuse of giving up what one does not hold."""
        return Misuse(f"{me} gives up {self.name} ({mode}), which it does not hold so")

    def read(self, *body: Any) -> Region:
        """The lock held as a plain reader over `body`."""
        held = Region(self, "read", self.lock_shared, self.unlock_shared, body, site=here())
        return held.tried_by(self.try_lock_shared)

    def write(self, *body: Any) -> Region:
        """The lock held alone over `body`; it may be downgraded."""
        held = Region(self, "write", self.lock_exclusive, self.unlock_exclusive, body, site=here())
        held = held.tried_by(self.try_lock_exclusive)
        return held.lowering(self.downgrade, self.unlock_shared)

    def without_waiter(self, state: UpgradableState, me: str) -> UpgradableState:
        """The state once `me` has given up; who gives up to upgrade goes on as upgradable."""
        return state._replace(queue=without_thread(state.queue, me))

    def rename(self, state: UpgradableState, names: Mapping[str, str]) -> UpgradableState:
        """The state with other names; readers, and a queue that is a set, are sorted by them."""
        new: UpgradableState = renamed(state, names)
        queue = new.queue if self.fairness is Fairness.FIFO else tuple(sorted(new.queue))
        return new._replace(readers=tuple(sorted(new.readers)), queue=queue)

    def holders(self, state: UpgradableState) -> tuple[Holding, ...]:
        """The writer; or the upgradable reader, and the plain readers."""
        one = ((state.writer, "write"), (state.upgradable, "upgradable"))
        return (
            *(Holding(name, mode) for name, mode in one if name is not None),
            *(Holding(name, "read") for name in state.readers),
        )

    def show(self, state: UpgradableState) -> str:
        """Who holds the lock; a trace says who waits for it beside that."""
        return in_words(self.holders(state)) or "free"
