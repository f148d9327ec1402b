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

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Again,
    Atomic,
    Case,
    Cell,
    Expect,
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
from locking.models.kernel_locks.users import Method, Turn, of_every_lock, take_turns

READ_BIAS, ACTIVE_MASK, WAITING_BIAS = 1, 0xFF, -0x100
WRITE_BIAS = WAITING_BIAS + 1

Waiter = tuple[str, str]
"""A task, and what it waits for: "read" or "write"."""

count, wait_list, wait_lock = Atomic("count"), Cell("wait_list", ()), Spinlock("wait_lock")
tasks = {name: Task(name) for name in ("r0", "r1", "w0", "w1")}
granted = table(Cell, "granted", ("r0", "r1"), False)


async def lock_and_queue(kind: str) -> tuple[Waiter, ...]:
    """Take `wait_lock`, and be the last of the list; who waited before."""
    async with atomic():
        await wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await wait_list.read()
        await wait_list.write((*waiters, (current(), kind)))
    return waiters


# --- wake up --------------------------------------------------------------------------------------


@procedure
async def mark_wake(kind: str, variant: str) -> tuple[str, ...]:
    """__rwsem_mark_wake(): grant the lock to readers in front; who is to be waked afterwards."""
    waiters: tuple[Waiter, ...] = await wait_list.read()
    if not waiters:
        return ()
    if waiters[0][1] == "write":
        return (waiters[0][0],) if kind == "any" else ()
    if kind != "read-owned" and not await retry(grant_first):
        return ()
    readers = front_readers(waiters)
    adjustment = len(readers) * READ_BIAS - (READ_BIAS if kind != "read-owned" else 0)
    if len(readers) == len(waiters) and variant != "waiting-stays":
        adjustment -= WAITING_BIAS
    async with atomic():
        await wait_list.write(waiters[len(readers) :])
        if variant != "v4.19":
            await count.atomic_add(adjustment)
    for reader in readers:
        await granted[reader].smp_store_release(True)
    if variant == "v4.19":
        await count.atomic_add(adjustment)
    return readers[:1] if variant == "wakes-one" else readers


def front_readers(waiters: tuple[Waiter, ...]) -> tuple[str, ...]:
    """The readers before the first writer."""
    writers = [at for at, (_, kind) in enumerate(waiters) if kind == "write"]
    return tuple(name for name, _ in waiters[: (writers or [len(waiters)])[0]])


async def grant_first() -> bool | None:
    """Count one reader; False if a writer has stolen the lock, None if that has left since."""
    if await count.atomic_fetch_add(READ_BIAS) >= WAITING_BIAS:
        return True
    undone = await count.atomic_sub_return(READ_BIAS)
    return False if undone < WAITING_BIAS else None


@procedure
async def wake(kind: str, variant: str) -> None:
    """rwsem_wake(), rwsem_downgrade_wake()."""
    await wait_lock.spin_lock()
    woken = await mark_wake(kind, variant)
    await wait_lock.spin_unlock()
    await wake_all(woken)


async def wake_all(names: tuple[str, ...]) -> None:
    """wake_up_q()."""
    for name in names:
        await tasks[name].wake_up_process()


# --- read -----------------------------------------------------------------------------------------


async def down_read(variant: str) -> None:
    """__down_read(): be active unless a writer is, or somebody waits."""
    if await count.atomic_inc_return_acquire() <= 0:
        await queue_reader(variant)


@procedure
async def queue_reader(variant: str) -> None:
    """__rwsem_down_read_failed_common(): wait until the lock is granted."""
    me = current()
    waiters = await lock_and_queue("read")
    adjustment = -READ_BIAS + (0 if waiters else WAITING_BIAS)
    now = await count.atomic_add_return(adjustment)
    wakes = now == WAITING_BIAS or (now > WAITING_BIAS and not waiters)
    woken = await mark_wake("any", variant) if wakes and variant != "reader-sleeps" else ()
    await wait_lock.spin_unlock()
    await wake_all(woken)
    await retry(sleep_until_granted)
    await tasks[me].set_current_state(TASK_RUNNING)


async def sleep_until_granted() -> bool | None:
    """One round of the wait of a reader."""
    me = current()
    await tasks[me].set_current_state(TASK_UNINTERRUPTIBLE)
    if await granted[me].smp_load_acquire():
        return True
    await tasks[me].schedule()
    return None


async def up_read(variant: str) -> None:
    """__up_read(): be active no longer; the last one wakes whoever waits."""
    now = await count.atomic_dec_return_release()
    if now < -1 and not now & ACTIVE_MASK and variant != "last-reader-sleeps":
        await wake("any", variant)


# --- write ----------------------------------------------------------------------------------------


async def down_write(variant: str) -> None:
    """__down_write(): be active unless somebody else is, or waits."""
    if await count.atomic_add_return_acquire(WRITE_BIAS) == WRITE_BIAS:
        return
    await count.atomic_sub_return(WRITE_BIAS)
    if not await steal():
        await queue_writer(variant)


@procedure
async def steal() -> bool:
    """rwsem_try_write_lock_unqueued(): whether the lock was free, and is the task's now."""
    found = await count.atomic_read()
    while found in (0, WAITING_BIAS):
        now = await count.atomic_cmpxchg_acquire(found, found + WRITE_BIAS)
        if now == found:
            return True
        found = now
    return False


@procedure
async def queue_writer(variant: str) -> None:
    """__rwsem_down_write_failed_common(): wait until nobody is active, and compete for the lock."""
    me = current()
    waiters = await lock_and_queue("write")
    if not waiters:
        now = await count.atomic_add_return(WAITING_BIAS)
    else:
        now = await count.atomic_read()
        if now > WAITING_BIAS:
            await wake_all(await mark_wake("readers", variant))
    await tasks[me].set_current_state(TASK_UNINTERRUPTIBLE)
    await retry_with(now, try_or_sleep, variant)
    await tasks[me].set_current_state(TASK_RUNNING)
    async with atomic():
        waiters = await wait_list.read()
        await wait_list.write(tuple(each for each in waiters if each != (me, "write")))
        await wait_lock.spin_unlock()


async def try_or_sleep(found: int, variant: str) -> bool | Again[int]:
    """One round of the wait of a writer, with `wait_lock` held around it."""
    if found == WAITING_BIAS and await try_write_lock(variant):
        return True
    await wait_lock.spin_unlock()
    now = await retry(sleep_until_nobody_is_active)
    await wait_lock.spin_lock()
    return Again(now)


async def try_write_lock(variant: str) -> bool:
    """rwsem_try_write_lock(): whether the lock is the task's now; others may still wait."""
    others = len(await wait_list.read()) > 1 and variant != "others-forgotten"
    new = WRITE_BIAS + (WAITING_BIAS if others else 0)
    return bool(await count.atomic_try_cmpxchg_acquire(WAITING_BIAS, new))


async def sleep_until_nobody_is_active() -> int | None:
    """One round of the sleep of a writer; the count, once nobody is active."""
    task = tasks[current()]
    await task.schedule()
    await task.set_current_state(TASK_UNINTERRUPTIBLE)
    now = await count.atomic_read()
    return None if now & ACTIVE_MASK else int(now)


async def up_write(variant: str) -> None:
    """__up_write()."""
    if await count.atomic_sub_return_release(WRITE_BIAS) < 0:
        await wake("any", variant)


async def downgrade_write(variant: str) -> None:
    """__downgrade_write(): go on as a reader, and let the readers in front in."""
    if await count.atomic_add_return_release(-WAITING_BIAS) < 0:
        await wake("read-owned", variant)


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
    operations = (down_read, up_read, down_write, up_write, downgrade_write)
    algorithm: dict[str, Method] = {
        each.__name__: partial(each, case.variant) for each in operations
    }
    algorithm["down_write_trylock"] = steal
    return System(
        [count, wait_list, wait_lock, tasks, granted, specification],
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
