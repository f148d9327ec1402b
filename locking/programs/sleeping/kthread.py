"""Kernel threads that are stopped: one is asked to, woken, and waited for.

Kernel: kthread_stop() and kthread_should_stop(), kernel/kthread.c, 5.15. Left out: parking, and
what the thread returns. A kthread that sleeps must ask after it has said that it sleeps, or it
misses that it is woken. One that is stopped before it has begun never runs at all.
"""

from locking.objects.operation import Operation
from locking.programs.children import Child, join, lifetime_of
from locking.programs.sleeping.task import Task


async def kthread_stop(child: Child, task: Task | None = None) -> None:
    """Ask a thread that was started to stop, wake it where it sleeps on `task`, and join it.

    Errors: `ModelError` for what is no `Child`.
    """
    await lifetime_of(child).set_should_stop()
    if task is not None:
        await task.wake_up_process()
    await join(child)


def kthread_should_stop(child: Child) -> Operation:
    """The step of a `Child` itself that asks whether it should stop.

    Errors: `ModelError` for what is no `Child`.
    """
    made: Operation = lifetime_of(child).should_stop()
    return made
