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
    table,
)
from locking.models.kernel_locks.users import (
    Done,
    InTwoPaths,
    Method,
    Returns,
    Turn,
    in_one_step,
    of_every_lock,
    refine_in_two_paths,
)

READ_BIAS, ACTIVE_MASK, WAITING_BIAS = 1, 0xFF, -0x100
WRITE_BIAS = WAITING_BIAS + 1

Waiter = tuple[str, str]
"""A task, and what it waits for: "read" or "write"."""


def front_readers(waiters: tuple[Waiter, ...]) -> tuple[str, ...]:
    """The readers before the first writer."""
    writers = [at for at, (_, kind) in enumerate(waiters) if kind == "write"]
    return tuple(name for name, _ in waiters[: (writers or [len(waiters)])[0]])


class Rwsem:
    """The words of one rwsem, and what it does for `threads`, in fine or in coarse steps."""

    def __init__(
        self, variant: str, name: str, threads: tuple[str, ...], coarse: bool = False
    ) -> None:
        self.variant, self.coarse = variant, coarse
        self.count, self.wait_list = Atomic(f"{name}.count"), Cell(f"{name}.wait_list", ())
        self.wait_lock = Spinlock(f"{name}.wait_lock")
        self.tasks = {each: Task(each) for each in threads}
        self.granted = table(Cell, f"{name}.granted", threads, False)

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [self.count, self.wait_list, self.wait_lock, self.tasks, self.granted]

    @property
    def operations(self) -> dict[str, InTwoPaths]:
        """What it does, by name; a trylock is a spinner that gives up rather than queue."""
        return {
            "down_read": InTwoPaths(self.count_reader, self.queue_reader),
            "up_read": InTwoPaths(self.leave_reading, self.wake_later),
            "down_write": InTwoPaths(self.count_writer, self.steal_or_queue),
            "down_write_trylock": InTwoPaths(self.try_once),
            "up_write": InTwoPaths(self.leave_writing, self.wake_later),
            "downgrade_write": InTwoPaths(self.go_on_reading, self.wake_later),
        }

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
    async def mark_wake(self, kind: str, locked: bool = False) -> tuple[str, ...]:
        """__rwsem_mark_wake(): grant the lock to readers in front; who is to be waked later.

        `kind` is "any"; "read-owned" of a waker that reads; or "readers" of a writer that queues
        up, which keeps `wait_lock`. The others let it go. `locked`: whether it is held already.
        """
        async with in_one_step(self.coarse):
            if not locked:
                await self.wait_lock.spin_lock()
            waiters: tuple[Waiter, ...] = await self.wait_list.read()
            if not front_readers(waiters):
                await self.end_of(kind)
                return tuple(name for name, _ in waiters[:1] if kind == "any")
            found = 0 if kind == "read-owned" else await self.count.atomic_fetch_add(READ_BIAS)
        if found < WAITING_BIAS and not await retry(self.count_again, kind):
            return ()
        return await self.grant(kind)

    async def end_of(self, kind: str) -> None:
        """Let `wait_lock` go, where __rwsem_mark_wake() is the last that is done under it."""
        if kind != "readers":
            await self.wait_lock.spin_unlock()

    async def count_again(self, kind: str) -> bool | None:
        """Count no reader, for a writer has stolen the lock; False if it still has it, else count.

        None if the lock was stolen again.
        """
        async with in_one_step(self.coarse):
            if await self.count.atomic_sub_return(READ_BIAS) < WAITING_BIAS:
                await self.end_of(kind)
                return False
        return await self.count.atomic_fetch_add(READ_BIAS) >= WAITING_BIAS or None

    async def grant(self, kind: str) -> tuple[str, ...]:
        """Take the readers in front off the list, count them, and tell them."""
        async with in_one_step(self.coarse):
            waiters: tuple[Waiter, ...] = await self.wait_list.read()
            readers = front_readers(waiters)
            adjustment = len(readers) * READ_BIAS - (READ_BIAS if kind != "read-owned" else 0)
            if len(readers) == len(waiters) and self.variant != "waiting-stays":
                adjustment -= WAITING_BIAS
            async with atomic():
                await self.wait_list.write(waiters[len(readers) :])
                if self.variant != "v4.19":
                    await self.count.atomic_add(adjustment)
            if self.variant != "v4.19":
                await self.tell(readers)
                await self.end_of(kind)
        if self.variant == "v4.19":
            await self.tell(readers)
            async with in_one_step(self.coarse):
                await self.count.atomic_add(adjustment)
                await self.end_of(kind)
        return readers[:1] if self.variant == "wakes-one" else readers

    async def tell(self, readers: tuple[str, ...]) -> None:
        """Each has the lock as soon as it looks."""
        for reader in readers:
            await self.granted[reader].smp_store_release(True)

    @procedure
    async def wake_later(self, kind: str, _: Returns) -> None:
        """rwsem_wake(), rwsem_downgrade_wake(), for one that has let go."""
        await self.wake_all(await self.mark_wake(kind))

    async def wake_all(self, names: tuple[str, ...]) -> None:
        """wake_up_q()."""
        async with in_one_step(self.coarse):
            for name in names:
                await self.tasks[name].wake_up_process()

    # --- read -------------------------------------------------------------------------------------

    async def count_reader(self) -> Done | None:
        """__down_read(): be active unless a writer is, or somebody waits."""
        return Done() if await self.count.atomic_inc_return_acquire() > 0 else None

    @procedure
    async def queue_reader(self, _: None, returns: Returns) -> None:
        """__rwsem_down_read_failed_common(): wait until the lock is granted."""
        async with in_one_step(self.coarse):
            waiters = await self.lock_and_queue("read")
            adjustment = -READ_BIAS + (0 if waiters else WAITING_BIAS)
            now = await self.count.atomic_add_return(adjustment)
            wakes = now == WAITING_BIAS or (now > WAITING_BIAS and not waiters)
            wakes = wakes and self.variant != "reader-sleeps"
            if not wakes:
                await self.wait_lock.spin_unlock()
        if wakes:
            await self.wake_all(await self.mark_wake("any", locked=True))
        await retry(self.look_or_sleep, returns)

    async def look_or_sleep(self, returns: Returns) -> bool | None:
        """One round of the wait of a reader: whether the lock is granted, or None to sleep on."""
        task = self.tasks[current()]
        async with in_one_step(self.coarse):
            await task.schedule()
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
            if await self.granted[current()].smp_load_acquire():
                await task.set_current_state(TASK_RUNNING)
                await returns(None)
                return True
        return None

    async def leave_reading(self) -> Done:
        """__up_read(): be active no longer; the last one wakes whoever waits."""
        now = await self.count.atomic_dec_return_release()
        wakes = now < -1 and not now & ACTIVE_MASK and self.variant != "last-reader-sleeps"
        return Done(to_do="any" if wakes else None)

    # --- write ------------------------------------------------------------------------------------

    async def count_writer(self) -> Done | None:
        """__down_write(): be active unless somebody else is, or waits."""
        alone = await self.count.atomic_add_return_acquire(WRITE_BIAS) == WRITE_BIAS
        return Done() if alone else None

    async def steal_or_queue(self, _: None, returns: Returns) -> None:
        """The start of __rwsem_down_write_failed_common(): be not active, and try to steal."""
        await self.count.atomic_sub_return(WRITE_BIAS)
        async with in_one_step(self.coarse):
            if await self.steal():
                await returns(None)
                return
        await self.queue_writer(returns)

    async def try_once(self) -> Done:
        """What a spinner does."""
        return Done(await self.steal())

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
    async def queue_writer(self, returns: Returns) -> None:
        """The rest of it: wait until nobody is active, and compete for the lock."""
        async with in_one_step(self.coarse):
            waiters = await self.lock_and_queue("write")
            if waiters:
                now = await self.count.atomic_read()
            else:
                now = await self.count.atomic_add_return(WAITING_BIAS)
            wakes = waiters and now > WAITING_BIAS
            if not wakes:
                await self.go_to_sleep(now)
        if wakes:
            await self.wake_all(await self.mark_wake("readers", locked=True))
            async with in_one_step(self.coarse):
                await self.go_to_sleep(now)
        if now == WAITING_BIAS:
            async with in_one_step(self.coarse):
                if await self.try_write_lock(now, returns):
                    return
        await retry(self.sleep_and_try, returns)

    async def go_to_sleep(self, found: int) -> None:
        """Say so, and let `wait_lock` go unless the lock may be free."""
        await self.tasks[current()].set_current_state(TASK_UNINTERRUPTIBLE)
        if found != WAITING_BIAS:
            await self.wait_lock.spin_unlock()

    async def sleep_and_try(self, returns: Returns) -> bool | None:
        """One round of the wait of a writer: whether it has the lock, or None to sleep on."""
        found = await retry(self.sleep_until_nobody_is_active)
        async with in_one_step(self.coarse):
            await self.wait_lock.spin_lock()
            return await self.try_write_lock(found, returns) or None

    async def sleep_until_nobody_is_active(self) -> int | None:
        """One round of the sleep of a writer; the count, once nobody is active."""
        task = self.tasks[current()]
        async with in_one_step(self.coarse):
            await task.schedule()
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        now = await self.count.atomic_read()
        return None if now & ACTIVE_MASK else int(now)

    async def try_write_lock(self, found: int, returns: Returns) -> bool:
        """rwsem_try_write_lock(), and the end of `wait_lock`: whether the lock is the task's now.

        Others may still wait.
        """
        waiters: tuple[Waiter, ...] = await self.wait_list.read()
        others = len(waiters) > 1 and self.variant != "others-forgotten"
        new = WRITE_BIAS + (WAITING_BIAS if others else 0)
        got = found == WAITING_BIAS and await self.count.atomic_try_cmpxchg_acquire(found, new)
        if got:
            await self.tasks[current()].set_current_state(TASK_RUNNING)
            me = current(), "write"
            await self.wait_list.write(tuple(each for each in waiters if each != me))
        await self.wait_lock.spin_unlock()
        if got:
            await returns(None)
        return bool(got)

    async def leave_writing(self) -> Done:
        """__up_write()."""
        now = await self.count.atomic_sub_return_release(WRITE_BIAS)
        return Done(to_do="any" if now < 0 else None)

    async def go_on_reading(self) -> Done:
        """__downgrade_write(): go on as a reader, and let the readers in front in."""
        now = await self.count.atomic_add_return_release(-WAITING_BIAS)
        return Done(to_do="read-owned" if now < 0 else None)


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """An rwsem in place of a lock for readers and writers, in fine steps."""
    own = Rwsem(variant, lock, threads)
    methods: dict[str, Method] = {name: each.both for name, each in own.operations.items()}
    takes = ("down_read", "down_write", "down_write_trylock")
    return Implementation(
        own.words,
        {name: methods[name] for name in takes},
        {name: each for name, each in methods.items() if name not in takes},
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
    "readers-and-writers": {"r0": READS, "r1": READS, "w0": WRITES, "w1": WRITES},
}


async def turn_of(specification: Specification, own: Rwsem, turn: Turn) -> None:
    """Take the lock and let it go, unless an attempt fails."""
    operations = own.operations
    for name in turn:
        if await refine_in_two_paths(specification, name, operations[name], own.coarse) is False:
            break


def build(case: Case) -> System:
    """The tasks of the scenario, in fine steps where its name ends so.

    In "held", w0 has the lock from the start, and w1 is a spinner that gives up rather than queue.
    """
    name = case.scenario.name
    turns = SCENARIOS[name.removesuffix("-fine")]
    held = name.startswith("held")
    sem = RwSem("rwsem")
    sem.start = RwState("w0" if held else None)
    specification = Specification(sem, may_fail=["down_write_trylock"])
    own = Rwsem(case.variant, "rwsem", ("r0", "r1", "w0", "w1"), not name.endswith("-fine"))
    return System(
        [*own.words, specification],
        [Thread(each, turn_of, (specification, own, turn)) for each, turn in turns.items()],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: s[own.count] == 0 and s[own.wait_list] == ()),
        ],
        starts={own.count: WRITE_BIAS if held else 0},
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
