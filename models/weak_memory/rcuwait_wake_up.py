"""The last reader leaves, sees nobody wait, and the writer that waits is never woken.

Who leaves a percpu-rwsem counts itself out and then looks whether a writer waits. The writer writes
down that it waits, and then looks whether readers are left. One of the two must see the other. But
a processor may load before its own store is visible, and rcuwait_wake_up() had a read barrier
alone, which leaves a store before a load as it is. So under sequential consistency both versions
hold. Check it with --memory tso, or lkmm.

Commit: 6dc080eeb2ba "sched/wait: Fix rcuwait_wake_up() ordering", v5.0. The fix makes the barrier
a full one. Kernel: rcuwait_wake_up(), kernel/exit.c; percpu_up_read(),
include/linux/percpu-rwsem.h; rcuwait_wait_event(), include/linux/rcuwait.h.
Left out: all of the rwsem but the count of one processor, where one reader is inside. A decrement
of a variable of one's own processor is a store, as nobody else writes it.
"""

from locking import (
    TASK_UNINTERRUPTIBLE,
    Case,
    Cell,
    Expect,
    Model,
    System,
    Task,
    Thread,
    deadlock_free,
    retry,
    smp_mb,
    smp_rmb,
)

writer, waiting, read_count = Task("writer"), Cell("rcuwait.task", False), Cell("read_count", 1)


async def percpu_up_read(fixed: bool) -> None:
    """Count oneself out, and wake the writer if it waits."""
    await read_count.WRITE_ONCE(0)
    if fixed:
        await smp_mb()
    else:
        await smp_rmb()
    if await waiting.READ_ONCE():
        await writer.wake_up_process()


async def wait_once() -> bool | None:
    """One round of rcuwait_wait_event()."""
    await writer.set_current_state(TASK_UNINTERRUPTIBLE)
    if await read_count.READ_ONCE() == 0:
        return True
    await writer.schedule()
    return None


async def percpu_down_write() -> None:
    """Write down who waits, then wait until no reader is left."""
    await waiting.rcu_assign_pointer(True)
    await retry(wait_once)


def build(case: Case) -> System:
    """A reader that leaves, and a writer that waits for it."""
    threads = [
        Thread("reader", percpu_up_read, (case.variant == "after",)),
        Thread("writer", percpu_down_write),
    ]
    return System([writer, waiting, read_count], threads, [deadlock_free()])


MODEL = Model(
    "weak_memory.rcuwait_wake_up",
    "A reader that looks before it is seen to have left",
    build,
    variants=("before", "after"),
    expected=(
        Expect(
            "deadlock-free",
            "each looks before the other can see its store",
            variants=("before",),
            scope={"memory": ("tso", "lkmm")},
        ),
    ),
)
