"""A task that looks before it says that it sleeps."""

from locking import (
    TASK_UNINTERRUPTIBLE,
    Cell,
    Expect,
    Model,
    System,
    Task,
    Thread,
    deadlock_free,
)

task, cond = Task("waiter"), Cell("cond", False)


async def waiter() -> None:
    if not await cond.READ_ONCE():
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await task.schedule()


async def waker() -> None:
    await cond.WRITE_ONCE(True)
    await task.wake_up_process()


MODEL = Model(
    "missed",
    "Is the waiter woken?",
    lambda _: System(
        [task, cond], [Thread("waiter", waiter), Thread("waker", waker)], [deadlock_free()]
    ),
    expected=[Expect("deadlock-free", "waked while it still says that it runs")],
)
