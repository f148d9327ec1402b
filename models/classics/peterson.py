"""Peterson's lock: two threads exclude each other with loads and stores alone.

Does it hold? Yes: each says that it wants to enter, then gives the other the turn, and waits only
while the other wants to enter and has the turn. The order of the two stores is what matters: with
the turn given first ("turn-first") both can enter. Without a turn ("no-turn") both can wait for
good. All this is for sequentially consistent memory: a processor that delays stores needs a full
barrier before the loads.

The loop looks at two cells, one after the other. It goes on when one of them lets it, and
`wait_until` when the state of both does: that is the same, for it is enough that one does.

Peterson, Myths about the mutual exclusion problem (1981). Not judged: that nobody starves.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    System,
    Thread,
    array,
    at_end,
    data_race_free,
    deadlock_free,
    never_together,
    section,
    wait_until,
)

ROUNDS = 2
wanted, turn, count = array(Cell, "wanted", 2, False), Cell("turn", 0), Cell("count", 0)


async def lock(me: int, variant: str) -> None:
    other = 1 - me
    if variant == "turn-first":
        await turn.WRITE_ONCE(other)
    await wanted[me].WRITE_ONCE(True)
    if variant == "right":
        await turn.WRITE_ONCE(other)
    if variant == "no-turn":
        await wait_until(lambda theirs: not theirs, wanted[other])
    else:
        await wait_until(lambda theirs, now: not theirs or now == me, wanted[other], turn)


async def work(me: int, variant: str) -> None:
    for _ in range(ROUNDS):
        await lock(me, variant)
        async with section("critical"):
            await count.write(await count.read() + 1)
        await wanted[me].smp_store_release(False)


def build(case: Case) -> System:
    threads = [Thread(f"t{me}", work, (me, case.variant)) for me in (0, 1)]
    excluded = never_together("exclusion", "critical", "critical")
    counted = at_end("sum", lambda s: s[count] == 2 * ROUNDS)
    properties = [excluded, counted, deadlock_free(), data_race_free()]
    return System([wanted, turn, count], threads, properties)


MODEL = Model(
    "classics.peterson",
    "Two threads, two flags and a turn",
    build,
    variants=("right", "turn-first", "no-turn"),
    expected=(
        Expect("exclusion", "both have the turn in time", variants=("turn-first",), steps=6),
        Expect("sum", "both have the turn in time", variants=("turn-first",)),
        Expect("data-race", "both have the turn in time", variants=("turn-first",)),
        Expect("deadlock-free", "both want to enter, and wait", variants=("no-turn",)),
    ),
)
