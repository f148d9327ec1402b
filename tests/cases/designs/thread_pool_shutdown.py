"""A pool's worker waits for tasks or for the end, which is told under the mutex or without it.

`outside` sets the flag and notifies without the mutex, as reported; `inside` sets it under it.
"""

from contextlib import nullcontext

from locking import (
    Case,
    Cell,
    Condition,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    at_end,
    deadlock_free,
)

mutex, available, running = Mutex("tasks_mutex"), Condition("available"), Cell("running", True)


async def over() -> bool:
    return not await running.READ_ONCE()


async def worker() -> None:
    async with mutex.hold():
        await available.wait_for(mutex, over)


async def destroy(inside: bool) -> None:
    async with mutex.hold() if inside else nullcontext():
        await running.WRITE_ONCE(False)
    await available.broadcast()


def build(case: Case) -> System:
    return System(
        [mutex, available, running],
        [Thread("worker", worker), Thread("destroy", destroy, (case.variant == "inside",))],
        [deadlock_free(), at_end("over", lambda s: not s[running])],
    )


MODEL = Model(
    "thread_pool_shutdown",
    "Does the worker end?",
    build,
    variants=("outside", "inside"),
    expected=[Expect("deadlock-free", "told before it sleeps", variants=("outside",))],
)
