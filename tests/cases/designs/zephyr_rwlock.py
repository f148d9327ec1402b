"""A reader-writer lock made of three counting semaphores: the last reader to leave lets writers in.

`early` gives the reader's place back before it looks how many readers are left, `late` after.
"""

from locking import (
    Case,
    Expect,
    Model,
    Parameter,
    PosixSemaphore,
    System,
    Thread,
    deadlock_free,
    never_together,
    section,
    workers,
)

LIMIT = 3

rd = PosixSemaphore("rd_sem", LIMIT, LIMIT)
wr, active = PosixSemaphore("wr_sem", 1, 1), PosixSemaphore("reader_active", 1, 1)


async def reader(early: bool) -> None:
    await wr.sem_wait()
    await active.sem_trywait()
    await rd.sem_trywait()
    await wr.sem_post()
    async with section("reads"):
        if early:
            await rd.sem_post()
        left = await rd.sem_getvalue()
    if left == (LIMIT if early else LIMIT - 1):
        await active.sem_post()
    if not early:
        await rd.sem_post()


async def writer() -> None:
    await wr.sem_wait()
    await active.sem_wait()
    async with section("writes"):
        await active.sem_post()
    await wr.sem_post()


def build(case: Case) -> System:
    readers = int(case.scope["readers"])
    return System(
        [rd, wr, active],
        [*workers(readers, reader, case.variant == "early", name="r"), Thread("w", writer)],
        [
            never_together("excludes", "reads", "writes", "a writer keeps readers out"),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "zephyr_rwlock",
    "Does the writer exclude readers?",
    build,
    parameters=(Parameter("readers", 2, "readers", most=3),),
    variants=("early", "late"),
    expected=[
        Expect("excludes", "the last reader is not the one that came last"),
        Expect("deadlock-free", "two leave, and neither is the last", variants=("late",)),
    ],
)
