"""Work stealing: each worker has a deque, takes from its back, and steals from another's front.

When may a worker end? Not as soon as it sees all deques empty: a task that still runs may push
others, and then this worker is missed. It may not wait for work alone either: after the last task
none comes, and it waits forever. So the tasks that are not done are counted, those that run
included. A worker waits for work or for a count of 0, and ends at 0.

A task is a number here: how many others are pushed while it runs.

Source: Blumofe and Leiserson, "Scheduling multithreaded computations by work stealing", JACM 46(5),
1999; for the end: Herlihy and Shavit, "The Art of Multiprocessor Programming", 2008, on barriers
that detect termination.
"""

from locking import (
    Atomic,
    Cell,
    Expect,
    Model,
    Spinlock,
    System,
    Thread,
    array,
    deadlock_free,
    never,
    retry,
    wait_until,
)

UNTIL = {
    "right": lambda n, *deques: "end" if n == 0 else any(deques) and "work",
    "empty-is-end": lambda n, *deques: "work" if any(deques) else "end",  # noqa: ARG005
    "work-only": lambda n, *deques: any(deques) and "work",  # noqa: ARG005
}
deques, locks = array(Cell, "deque", 2, ()), array(Spinlock, "lock", 2)
left, workers = Atomic("left", 2), Atomic("workers", 2)


async def take(at: int, end: int) -> int | None:
    """The task at the front (0) or back (-1) of a deque, or None."""
    async with locks[at].hold():
        if tasks := await deques[at].READ_ONCE():
            await deques[at].WRITE_ONCE(tasks[:-1] if end else tasks[1:])
        return tasks[end] if tasks else None


async def turn(me: int, variant: str) -> int | None:
    """Do one task, or wait for one; the number of workers left if this one ends."""
    for at, end in (me, -1), (1 - me, 0):
        if (task := await take(at, end)) is not None:
            for _ in range(task):
                await left.atomic_inc()
                async with locks[me].hold():
                    await deques[me].WRITE_ONCE((*await deques[me].READ_ONCE(), 0))
            return await left.atomic_dec()
    if await wait_until(UNTIL[variant], left, *deques) == "work":
        return None
    return await workers.atomic_dec_return()


MODEL = Model(
    "classics.work_stealing",
    "Deques with a lock each, and the end of all workers",
    lambda case: System(
        [deques, locks, left, workers],
        [Thread(f"w{me}", retry, (turn, me, case.variant)) for me in (0, 1)],
        [never("no-early-end", lambda s: s[left] and s[workers] < 2), deadlock_free()],
        starts={deques[0]: (0, 1)},
    ),
    variants=tuple(UNTIL),
    expected=(
        Expect("no-early-end", "a task that runs pushes another", variants=("empty-is-end",)),
        Expect("deadlock-free", "after the last task none comes", variants=("work-only",)),
    ),
)
