"""The rwsem of v4.19: a count of who is active, and a list of waiters under a spinlock.

Kernel: kernel/locking/rwsem-xadd.c and rwsem.h, v4.19: __rwsem_down_read_failed_common,
__rwsem_down_write_failed_common, __rwsem_mark_wake, rwsem_try_write_lock,
rwsem_try_write_lock_unqueued, rwsem_wake, rwsem_downgrade_wake. The low bits of `count` say how
many are active, or try to be; it is negative if a writer is active or somebody waits.

Here the low part has 8 bits, which is enough for the tasks that there are. Left out: for how long a
writer spins before it queues up: it looks once here, at any time, and steals the lock if that is
free, as a spinner may; that a task is on one wake_q at a time; signals; the trylocks.

What is done to the list is one step with another under `wait_lock`: nobody else can look at it in
between (Lipton, "Reduction", CACM 18(12), 1975).

Variants: "counts-first" has the fix of commit a9e9bcb45b15, "locking/rwsem: Prevent decrement of
reader count before increment" (v5.2): all readers that are woken are counted before the first of
them may run. "v4.19" lacks it. The others are planted errors.
"""

from functools import partial
from typing import Any

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Again,
    Algorithm,
    Atomic,
    Case,
    Cell,
    Expect,
    Implementation,
    Model,
    RwSem,
    RwState,
    Scenario,
    Specification,
    Spinlock,
    System,
    Task,
    Thread,
    at_end,
    atomic,
    current,
    procedure,
    retry,
    retry_with,
    table,
)
from locking.models.kernel_locks.users import Turn, of_every_lock, take_turns

READ_BIAS, ACTIVE_MASK, WAITING_BIAS = 1, 0xFF, -0x100
WRITE_BIAS = WAITING_BIAS + 1

Waiter = tuple[str, str]
"""A task, and what it waits for: "read" or "write"."""


def front_readers(waiters: tuple[Waiter, ...]) -> tuple[str, ...]:
    """The readers before the first writer."""
    writers = [at for at, (_, kind) in enumerate(waiters) if kind == "write"]
    return tuple(name for name, _ in waiters[: (writers or [len(waiters)])[0]])


class Rwsem:
    """The words of one rwsem, and what it does for `threads`."""

    def __init__(self, variant: str, name: str, threads: tuple[str, ...]) -> None:
        self.variant = variant
        self.count, self.wait_list = Atomic(f"{name}.count"), Cell(f"{name}.wait_list", ())
        self.wait_lock = Spinlock(f"{name}.wait_lock")
        self.tasks = {each: Task(each) for each in threads}
        self.granted = table(Cell, f"{name}.granted", threads, False)

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [self.count, self.wait_list, self.wait_lock, self.tasks, self.granted]

    async def lock_and_queue(self, kind: str) -> tuple[Waiter, ...]:
        """Take `wait_lock`, and be the last of the list; who waited before.

        The waiter is a new one for each wait: nothing is granted to it yet.
        """
        async with atomic():
            await self.wait_lock.spin_lock()
            waiters: tuple[Waiter, ...] = await self.wait_list.read()
            await self.wait_list.write((*waiters, (current(), kind)))
            if kind == "read":
                await self.granted[current()].WRITE_ONCE(False)
        return waiters

    # --- wake up ----------------------------------------------------------------------------------

    @procedure
    async def mark_wake(self, kind: str) -> tuple[str, ...]:
        """__rwsem_mark_wake(): grant the lock to readers in front; who is to be waked later."""
        waiters: tuple[Waiter, ...] = await self.wait_list.read()
        if not waiters:
            return ()
        if waiters[0][1] == "write":
            return (waiters[0][0],) if kind == "any" else ()
        if kind != "read-owned" and not await retry(self.grant_first):
            return ()
        readers = front_readers(waiters)
        adjustment = len(readers) * READ_BIAS - (READ_BIAS if kind != "read-owned" else 0)
        if len(readers) == len(waiters) and self.variant != "waiting-stays":
            adjustment -= WAITING_BIAS
        async with atomic():
            await self.wait_list.write(waiters[len(readers) :])
            if self.variant != "v4.19":
                await self.count.atomic_add(adjustment)
        for reader in readers:
            await self.granted[reader].smp_store_release(True)
        if self.variant == "v4.19":
            await self.count.atomic_add(adjustment)
        return readers[:1] if self.variant == "wakes-one" else readers

    async def grant_first(self) -> bool | None:
        """Count one reader; False if a writer has stolen the lock, None if that has left since."""
        if await self.count.atomic_fetch_add(READ_BIAS) >= WAITING_BIAS:
            return True
        undone = await self.count.atomic_sub_return(READ_BIAS)
        return False if undone < WAITING_BIAS else None

    @procedure
    async def wake(self, kind: str) -> None:
        """rwsem_wake(), rwsem_downgrade_wake()."""
        await self.wait_lock.spin_lock()
        woken = await self.mark_wake(kind)
        await self.wait_lock.spin_unlock()
        await self.wake_all(woken)

    async def wake_all(self, names: tuple[str, ...]) -> None:
        """wake_up_q()."""
        for name in names:
            await self.tasks[name].wake_up_process()

    # --- read -------------------------------------------------------------------------------------

    async def down_read(self) -> None:
        """__down_read(): be active unless a writer is, or somebody waits."""
        if await self.count.atomic_inc_return_acquire() <= 0:
            await self.queue_reader()

    @procedure
    async def queue_reader(self) -> None:
        """__rwsem_down_read_failed_common(): wait until the lock is granted."""
        me = current()
        waiters = await self.lock_and_queue("read")
        adjustment = -READ_BIAS + (0 if waiters else WAITING_BIAS)
        now = await self.count.atomic_add_return(adjustment)
        wakes = now == WAITING_BIAS or (now > WAITING_BIAS and not waiters)
        woken = await self.mark_wake("any") if wakes and self.variant != "reader-sleeps" else ()
        await self.wait_lock.spin_unlock()
        await self.wake_all(woken)
        await retry(self.sleep_until_granted)
        await self.tasks[me].set_current_state(TASK_RUNNING)

    async def sleep_until_granted(self) -> bool | None:
        """One round of the wait of a reader."""
        me = current()
        await self.tasks[me].set_current_state(TASK_UNINTERRUPTIBLE)
        if await self.granted[me].smp_load_acquire():
            return True
        await self.tasks[me].schedule()
        return None

    async def up_read(self) -> None:
        """__up_read(): be active no longer; the last one wakes whoever waits."""
        now = await self.count.atomic_dec_return_release()
        if now < -1 and not now & ACTIVE_MASK and self.variant != "last-reader-sleeps":
            await self.wake("any")

    # --- write ------------------------------------------------------------------------------------

    async def down_write(self) -> None:
        """__down_write(): be active unless somebody else is, or waits."""
        if await self.count.atomic_add_return_acquire(WRITE_BIAS) == WRITE_BIAS:
            return
        await self.count.atomic_sub_return(WRITE_BIAS)
        if not await self.steal():
            await self.queue_writer()

    @procedure
    async def steal(self) -> bool:
        """rwsem_try_write_lock_unqueued(): whether the lock was free, and is the task's now."""
        found = await self.count.atomic_read()
        while found in (0, WAITING_BIAS):
            now = await self.count.atomic_cmpxchg_acquire(found, found + WRITE_BIAS)
            if now == found:
                return True
            found = now
        return False

    @procedure
    async def queue_writer(self) -> None:
        """__rwsem_down_write_failed_common(): wait until nobody is active, and compete for it."""
        me = current()
        waiters = await self.lock_and_queue("write")
        if not waiters:
            now = await self.count.atomic_add_return(WAITING_BIAS)
        else:
            now = await self.count.atomic_read()
            if now > WAITING_BIAS:
                await self.wake_all(await self.mark_wake("readers"))
        await self.tasks[me].set_current_state(TASK_UNINTERRUPTIBLE)
        await retry_with(now, self.try_or_sleep)
        await self.tasks[me].set_current_state(TASK_RUNNING)
        async with atomic():
            waiters = await self.wait_list.read()
            await self.wait_list.write(tuple(each for each in waiters if each != (me, "write")))
            await self.wait_lock.spin_unlock()

    async def try_or_sleep(self, found: int) -> bool | Again[int]:
        """One round of the wait of a writer, with `wait_lock` held around it."""
        if found == WAITING_BIAS and await self.try_write_lock():
            return True
        await self.wait_lock.spin_unlock()
        now = await retry(self.sleep_until_nobody_is_active)
        await self.wait_lock.spin_lock()
        return Again(now)

    async def try_write_lock(self) -> bool:
        """rwsem_try_write_lock(): whether the lock is the task's now; others may still wait."""
        others = len(await self.wait_list.read()) > 1 and self.variant != "others-forgotten"
        new = WRITE_BIAS + (WAITING_BIAS if others else 0)
        return bool(await self.count.atomic_try_cmpxchg_acquire(WAITING_BIAS, new))

    async def sleep_until_nobody_is_active(self) -> int | None:
        """One round of the sleep of a writer; the count, once nobody is active."""
        task = self.tasks[current()]
        await task.schedule()
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        now = await self.count.atomic_read()
        return None if now & ACTIVE_MASK else int(now)

    async def up_write(self) -> None:
        """__up_write()."""
        if await self.count.atomic_sub_return_release(WRITE_BIAS) < 0:
            await self.wake("any")

    async def downgrade_write(self) -> None:
        """__downgrade_write(): go on as a reader, and let the readers in front in."""
        if await self.count.atomic_add_return_release(-WAITING_BIAS) < 0:
            await self.wake("read-owned")


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """An rwsem in place of a lock for readers and writers."""
    own = Rwsem(variant, lock, threads)
    return Implementation(
        own.words,
        {
            "down_read": own.down_read,
            "down_write": own.down_write,
            "down_write_trylock": own.steal,
        },
        {
            "up_read": own.up_read,
            "up_write": own.up_write,
            "downgrade_write": own.downgrade_write,
        },
    )


READS: Turn = ("down_read", "up_read")
WRITES: Turn = ("down_write", "up_write")
DOWNGRADES: Turn = ("down_write", "downgrade_write", "up_read")


HANDED_ON: Turn = ("up_write",)
STEALS: Turn = ("down_write_trylock", "up_write")

SCENARIOS = {
    "readers": {"r0": READS, "r1": READS, "w0": WRITES},
    "downgrade": {"r0": READS, "w0": WRITES, "w1": DOWNGRADES},
    "held": {"r0": READS, "r1": READS, "w0": HANDED_ON, "w1": STEALS},
}


def build(case: Case) -> System:
    """The tasks of the scenario.

    In "held", w0 has the lock from the start, and w1 is a spinner that gives up rather than queue.
    """
    turns = SCENARIOS[case.scenario.name]
    held = case.scenario.name == "held"
    sem = RwSem("rwsem")
    sem.start = RwState("w0" if held else None)
    specification = Specification(sem, may_fail=["down_write_trylock"])
    own = make(case.variant, "rwsem", ("r0", "r1", "w0", "w1"))
    count, wait_list, *_ = own.words
    algorithm = {**own.takes, **own.lets_go}
    return System(
        [*own.words, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for name, turn in turns.items()
        ],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: s[count] == 0 and s[wait_list] == ()),
        ],
        starts={count: WRITE_BIAS if held else 0},
    )


MENDED = "counts-first"
ALGORITHM = Algorithm(
    "rwsem", "the rwsem of v4.19, mended as in v5.2", partial(make, "counts-first")
)

LOST = "deadlock-free"
EARLY = "a reader that runs at once is taken off a count that lacks it"
MODEL = Model(
    "kernel_locks.rwsem",
    "The rwsem of v4.19",
    build,
    scenarios=(
        Scenario("readers", "two readers and a writer"),
        Scenario("downgrade", "a reader, a writer, and one that goes on as a reader"),
        Scenario("held", "one writes from the start; two readers and a spinner come"),
    ),
    variants=(
        "counts-first",
        "v4.19",
        "waiting-stays",
        "wakes-one",
        "reader-sleeps",
        "last-reader-sleeps",
        "others-forgotten",
    ),
    expected=(
        Expect("refinement", EARLY, scenarios=("downgrade", "held"), variants=("v4.19",)),
        Expect(LOST, "the count says that somebody waits", variants=("waiting-stays",)),
        Expect("as-new", "the count says that somebody waits", variants=("waiting-stays",)),
        Expect(
            LOST,
            "the lock is granted to a reader that sleeps on",
            scenarios=("readers", "held"),
            variants=("wakes-one",),
        ),
        Expect(LOST, "nobody was active when it queued up", variants=("reader-sleeps",)),
        Expect(
            LOST,
            "the writer waits for it",
            scenarios=("readers", "downgrade"),
            variants=("last-reader-sleeps",),
        ),
        *(
            Expect(
                wrong,
                "the count says that nobody waits",
                scenarios=("readers", "downgrade"),
                variants=("others-forgotten",),
            )
            for wrong in ("refinement", LOST, "as-new")
        ),
    ),
)
