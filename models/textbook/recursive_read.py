"""Recursive read: a thread that reads takes the same lock for reading once more.

Can it wait for ever? That depends on who may pass whom. Where a waiting writer blocks new readers,
the thread waits for the writer, and the writer for the thread. Where readers pass, nobody waits for
good.
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
    sometimes,
)

FAIRNESS = {
    "writer-blocks-readers": Fairness.WRITER_BLOCKS_READERS,
    "readers-pass": Fairness.READER_PREFERRING,
}


async def read_twice(lock: RwSem) -> None:
    """Take the lock for reading, in a callee again."""
    async with lock.read(), lock.read():
        pass


async def write(lock: RwSem) -> None:
    """Take the lock for writing."""
    async with lock.write():
        pass


def build(case: Case) -> System:
    """A reader and a writer of a lock that is fair in the scenario's way."""
    lock = RwSem("lock", FAIRNESS[case.scenario.name])
    return System(
        objects=[lock],
        threads=[Thread("reader", read_twice, (lock,)), Thread("writer", write, (lock,))],
        properties=[
            deadlock_free(),
            sometimes("both-end", lambda s: s.finished, "the threads can also end well"),
        ],
    )


MODEL = Model(
    "textbook.recursive_read",
    "A lock that is taken for reading twice, with a writer about",
    build,
    scenarios=(
        Scenario("writer-blocks-readers", "a waiting writer blocks new readers"),
        Scenario("readers-pass", "readers pass waiting writers"),
    ),
    expected=(
        Expect(
            "deadlock-free",
            "the second read waits for a writer that waits for the first",
            scenarios=("writer-blocks-readers",),
            steps=2,
        ),
    ),
)
