"""A reader has the lock, and does not see what the writer before it did under the lock.

A reader that finds a writer goes on slowly. In two places it then learned that it has the lock by a
load that orders nothing: from the count, where the queue was empty ("queue-empty"), and from its
own entry in the queue, which a waker clears ("sleep-loop"). So loads of the critical section may
come before that, and see what was there before the writer.

Commits: e1b98fa31664 and 99143f82a255, "Add missing ACQUIRE to read_slowpath", v5.4, of the exit
where the queue is empty and of the sleep loop. Their fixes are smp_acquire__after_ctrl_dep(), which
is smp_rmb(), and smp_load_acquire(). Kernel: rwsem_down_read_slowpath() and rwsem_mark_wake(),
kernel/locking/rwsem.c.
Left out: all but one writer, which has the lock at first, and one reader.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Scenario,
    Spinlock,
    System,
    Thread,
    require,
    required,
    retry,
    smp_rmb,
)

WRITER_LOCKED, READER_BIAS = 1, 256
QUEUE_EMPTY, SLEEP_LOOP = "queue-empty", "sleep-loop"

count, wait_lock = Atomic("count", WRITER_LOCKED), Spinlock("wait_lock")
task, data = Cell("waiter.task", "reader"), Cell("data", 0)


async def up_write(scenario: str) -> None:
    """Change what the lock protects, leave, and let a reader that sleeps go on."""
    await data.WRITE_ONCE(1)
    await count.atomic_fetch_sub_release(WRITER_LOCKED)
    if scenario == SLEEP_LOOP:
        await task.smp_store_release(None)


async def is_let_in(fixed: bool) -> bool | None:
    """One round of the sleep loop: whether a waker has cleared the entry."""
    entry = await (task.smp_load_acquire() if fixed else task.READ_ONCE())
    return True if entry is None else None


async def no_writer_left(fixed: bool) -> bool:
    """Whether no writer is there, as seen with the lock of the queue."""
    await wait_lock.spin_lock()
    left = not await count.atomic_read() & WRITER_LOCKED
    if left and fixed:
        await smp_rmb()  # smp_acquire__after_ctrl_dep()
    await wait_lock.spin_unlock()
    return left


async def down_read_slowpath(scenario: str, fixed: bool) -> None:
    """Come to have the lock, and look at what it protects."""
    if scenario == SLEEP_LOOP:
        await retry(is_let_in, fixed)
    elif not await no_writer_left(fixed):
        return
    require(await data.READ_ONCE() == 1, "sees-data")


def build(case: Case) -> System:
    """A writer that leaves, and a reader that comes to have the lock."""
    scenario = case.scenario.name
    threads = [
        Thread("writer", up_write, (scenario,)),
        Thread("reader", down_read_slowpath, (scenario, case.variant == "after")),
    ]
    properties = [required("sees-data", "a reader sees what the writer before it did")]
    return System([count, wait_lock, task, data], threads, properties)


MODEL = Model(
    "weak_memory.rwsem_read_slowpath",
    "A reader of an rwsem that comes to have the lock by a load that orders nothing",
    build,
    (
        Scenario(QUEUE_EMPTY, "the reader finds an empty queue and no writer"),
        Scenario(SLEEP_LOOP, "the reader sleeps until a waker has let it in"),
    ),
    variants=("before", "after"),
    expected=(
        Expect(
            "sees-data",
            "nothing orders the critical section behind the load that let the reader in",
            variants=("before",),
            scope={"memory": ("lkmm",)},
        ),
    ),
)
