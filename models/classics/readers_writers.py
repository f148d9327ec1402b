"""Readers and writers: several may read at once, a writer is alone, all built from semaphores.

Is a writer alone, and can readers read together? Yes, in all three scenarios, which differ only in
what a writer that waits means to readers that come: nothing, no more than a turn of its own, or
that all of them wait until no writer is left. Who is first to enter a full room takes its
semaphore for all of its kind, who is last to leave gives it back. So the number of those inside
needs a lock. Without it ("readers-unlocked") two readers can both be first, or count as one.

Not judged: starvation. The writers starve in the first scenario, the readers in the last.

Courtois, Heymans and Parnas, Concurrent control with "readers" and "writers" (1971); the fair one
and the words: Downey, The Little Book of Semaphores (2008), 4.2.
"""

from contextlib import nullcontext

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    Scenario,
    Semaphore,
    System,
    data_race_free,
    deadlock_free,
    never_together,
    section,
    sometimes_together,
    table,
    workers,
)

counts, data = table(Cell, "count", ("readers", "writers"), 0), Cell("data", 0)
locks, room, gate = table(Mutex, "lock", counts), Semaphore("room", 1), Semaphore("gate", 1)


async def count(case: Case, kind: str, change: int, door: Semaphore) -> None:
    async with nullcontext() if case.variant == f"{kind}-unlocked" else locks[kind].hold():
        await counts[kind].write(now := await counts[kind].read() + change)
        if (change, now) in ((1, 1), (-1, 0)):  # the first to come, the last to leave
            await (door.down() if change > 0 else door.up())


async def read(case: Case) -> None:
    await gate.down()
    await count(case, "readers", 1, room)
    await gate.up()
    async with section("read"):
        await data.read()
    await count(case, "readers", -1, room)


async def shut(case: Case, change: int) -> None:
    if case.scenario.name == "writers-first":
        await count(case, "writers", change, gate)
    elif case.scenario.name == "fair":
        await (gate.down() if change > 0 else gate.up())


async def write(case: Case) -> None:
    await shut(case, 1)
    await room.down()
    async with section("write"):
        await data.write(1)
    await room.up()
    await shut(case, -1)


def build(case: Case) -> System:
    threads = [*workers(2, read, case, name="r"), *workers(2, write, case, name="w")]
    excluded = [never_together(f"{kind}-excluded", "write", kind) for kind in ("read", "write")]
    others = [sometimes_together("parallel", "read", "read"), deadlock_free(), data_race_free()]
    return System([locks, counts, room, gate, data], threads, [*excluded, *others])


WRONG = ("read-excluded", "deadlock-free", "data-race")
MODEL = Model(
    "classics.readers_writers",
    "Readers and writers, from semaphores, in three orders of precedence",
    build,
    scenarios=tuple(map(Scenario, ("readers-first", "fair", "writers-first"))),
    variants=("right", "readers-unlocked"),
    expected=tuple(Expect(each, "a lost count", variants=("readers-unlocked",)) for each in WRONG),
)
