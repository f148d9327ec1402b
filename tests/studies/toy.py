"""A model with a small space of placements, in which every way to fail is found.

Workers add to a counter and then look at it; the checker takes the two locks in one order.
"""

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Placement,
    RwSem,
    Scenario,
    Space,
    System,
    Thread,
    at_end,
    data_race_free,
    deadlock_free,
    never,
    no_misuse,
    perform,
    section,
    sometimes_together,
    step,
)

lock = RwSem("lock")
mutex = Mutex("mutex")
count = Cell("count", 0)


@step("COUNT")
async def COUNT(_: object) -> None:
    """One more, by a load and a store."""
    seen = await count.read()
    await count.write(seen + 1)


@step("COUNT_MARKED", variant_of=COUNT)
async def COUNT_MARKED(_: object) -> None:
    """One more, by a marked load and a marked store: still no atomic addition."""
    seen = await count.READ_ONCE()
    await count.WRITE_ONCE(seen + 1)


@step("LOOK")
async def LOOK(_: object) -> None:
    """Look at the counter, inside a section."""
    async with section("look"):
        await count.READ_ONCE()


@step("CHECK")
async def CHECK(_: object) -> None:
    """Look at it too."""
    await count.read()


BARE = Placement("bare", worker=[COUNT, LOOK], checker=[mutex.hold(lock.write(CHECK))])
WHOLE = Placement("whole", worker=[lock.write(COUNT, LOOK)], checker=BARE.roles["checker"])
GOOD = Placement("good", worker=[lock.write(COUNT).downgrade(LOOK)], checker=BARE.roles["checker"])
SPLIT = Placement(
    "split", worker=[lock.write(COUNT), lock.read(LOOK)], checker=BARE.roles["checker"]
)
DOUBLE = Placement(
    "double", worker=[lock.write(mutex.hold(COUNT), LOOK)], checker=[lock.write(CHECK)]
)


def build(case: Case) -> System:
    """Two workers; beside the checker, one."""
    assert case.placement
    roles = case.placement.roles
    playing = ["worker", "worker"] if case.scenario.name == "two" else ["worker", "checker"]
    names = ("a", "b")
    workers = playing.count("worker")
    properties = [
        no_misuse(),
        deadlock_free(),
        data_race_free(),
        at_end("sum", lambda s: s[count] == workers, "every worker counts"),
    ]
    if workers == 2:
        properties += [
            never(
                "writer-alone",
                lambda s: any(
                    name != s[lock].writer for name in s.inside("look") if s[lock].writer
                ),
                "nobody looks while another holds the lock for writing",
            ),
            sometimes_together("together", "look", "look", "they look at once"),
        ]
    threads = [
        Thread(name, perform, (roles[role], None))
        for name, role in zip(names, playing, strict=True)
    ]
    return System([lock, mutex, count], threads, properties)


MODEL = Model(
    "toy",
    "Who counts?",
    build,
    scenarios=(Scenario("two", "two workers"), Scenario("checked", "one, and the checker")),
    placements=(BARE, WHOLE, GOOD, SPLIT, DOUBLE),
    steps={"worker": (COUNT, COUNT_MARKED, LOOK), "checker": (CHECK,)},
    space=Space("worker", (COUNT, LOOK), (lock, mutex), BARE),
)
