"""Readers and writers: several may read at once, a writer is alone, all built from semaphores.

Is a writer alone, and can readers read together? Yes, in all three scenarios, which differ only in
what a writer that waits means to readers that come: nothing, no more than a turn of its own, or
that all of them wait until no writer is left. Who is first to enter a full room takes its
semaphore for all of its kind, who is last to leave gives it back. So the number of those inside
needs a lock. Without it (`no-lock`) both of two readers can be first, or one is not counted.

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
    Thread,
    data_race_free,
    deadlock_free,
    never_together,
    section,
    sometimes_together,
    table,
)

NAMES = ("readers", "writers")
locks, counts = table(Mutex, "lock", NAMES), table(Cell, "count", NAMES, 0)
room, gate, data = Semaphore("room", 1), Semaphore("gate", 1), Cell("data", 0)


async def count(case: Case, kind: str, change: int, door: Semaphore) -> None:
    careless = case.variant == "no-lock" and kind == "readers"
    async with nullcontext() if careless else locks[kind].hold():
        before = await counts[kind].read()
        await counts[kind].write(before + change)
        if before == 0:
            await door.down()
        elif before + change == 0:
            await door.up()


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
    programs = {"r1": read, "r2": read, "w1": write, "w2": write}
    return System(
        [locks, counts, room, gate, data],
        [Thread(name, program, (case,)) for name, program in programs.items()],
        [
            *(never_together(f"{kind}-excluded", "write", kind) for kind in ("read", "write")),
            sometimes_together("parallel-reads", "read", "read"),
            deadlock_free(),
            data_race_free(),
        ],
    )


MODEL = Model(
    "classics.readers_writers",
    "Readers and writers, from semaphores, in three orders of precedence",
    build,
    scenarios=tuple(map(Scenario, ("readers-first", "fair", "writers-first"))),
    variants=("right", "no-lock"),
    expected=tuple(
        Expect(wrong, "two readers count at once", variants=("no-lock",))
        for wrong in ("data-race", "read-excluded", "deadlock-free")
    ),
)
