"""Starvation: readers come again and again, and a writer waits.

Does the writer get the lock in the end? That depends on who may pass whom. Where readers pass a
waiting writer, two of them overlap for ever, and no fair scheduler helps: the writer can never
go on. Where a waiting writer blocks new readers, it is served as soon as those inside are gone.
"""

from locking import (
    Case,
    Expect,
    Fairness,
    Model,
    RwSem,
    Scenario,
    System,
    Thread,
    deadlock_free,
    forever,
    served,
    workers,
)

FAIRNESS = {
    "readers-pass": Fairness.READER_PREFERRING,
    "writer-blocks-readers": Fairness.WRITER_BLOCKS_READERS,
}


async def read(lock: RwSem) -> None:
    """Take the lock for reading, again and again."""

    async def once() -> None:
        async with lock.read():
            pass

    await forever(once)


async def write(lock: RwSem) -> None:
    """Take the lock for writing, once."""
    async with lock.write():
        pass


def build(case: Case) -> System:
    """Two readers and a writer of a lock that is fair in the scenario's way."""
    lock = RwSem("lock", FAIRNESS[case.scenario.name])
    readers = workers(2, read, lock, name="reader", daemon=True)
    return System(
        objects=[lock],
        threads=[*readers, Thread("writer", write, (lock,))],
        properties=[served(lock, fairness="strong"), deadlock_free()],
    )


MODEL = Model(
    "textbook.starvation",
    "A writer, and readers that come again and again",
    build,
    scenarios=(
        Scenario("readers-pass", "readers pass waiting writers"),
        Scenario("writer-blocks-readers", "a waiting writer blocks new readers"),
    ),
    expected=(
        Expect(
            "served",
            "one reader comes before the other goes",
            scenarios=("readers-pass",),
            steps=5,
        ),
    ),
)
