"""A reader is woken before it is told that it has the lock, and sleeps again for ever.

Who releases an rwsem collects those that it will wake, tells each that it has the lock, and wakes
them at the end. But a task can only be collected once: if another waker has it already, that one
wakes it, and now. If this comes before the task is told, it finds nothing changed and sleeps again;
then it is told, and nobody wakes it any more.

Commit: e158488be27b "locking/rwsem: Fix (possible) missed wakeup", v5.0. The fix tells the task
first. (The id is from memory; title and text were read elsewhere.)
Left out: the count and the queue of the rwsem. The reader is at the head, and its turn has come.
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
    wake_q_add,
    wake_up_q,
)

reader, waiter_task = Task("reader"), Cell("waiter.task", "reader")


async def sleep_once() -> bool | None:
    """One round of rwsem_down_read_failed()."""
    await reader.set_current_state(TASK_UNINTERRUPTIBLE)
    if await waiter_task.smp_load_acquire() is None:
        return True
    await reader.schedule()
    return None


async def up_write(tells_first: bool) -> None:
    """__rwsem_mark_wake() and wake_up_q()."""
    if tells_first:
        await waiter_task.smp_store_release(None)
    wake_q = await wake_q_add((), reader)
    if not tells_first:
        await waiter_task.smp_store_release(None)
    await wake_up_q(wake_q)


async def wake_too() -> None:
    """Somebody else who wakes the reader, for a reason of its own."""
    await wake_up_q(await wake_q_add((), reader))


def build(case: Case) -> System:
    """A reader that waits, and two who wake it."""
    threads = [
        Thread("reader", retry, (sleep_once,)),
        Thread("releaser", up_write, (case.variant == "after",)),
        Thread("other", wake_too),
    ]
    return System([reader, waiter_task], threads, [deadlock_free()])


MODEL = Model(
    "kernel_bugs.rwsem_wake_q",
    "A task that is on the list of another waker",
    build,
    variants=("before", "after"),
    expected=(Expect("deadlock-free", "it is woken, then told", variants=("before",)),),
)
