"""Szymanski: a waiting room whose entry door shuts once all who came together are inside.

A flag says how far its thread is: 0 is elsewhere, 1 before the entry door, 3 in it, 2 in the
waiting room, 4 behind the closed door. Those behind go in one by one, the lowest first. May a
thread that leaves take down its flag, and then wait for those who are still in the waiting room?
No: its flag keeps the door closed and tells those inside that it is. If the flag is down, a thread
in the waiting room may never learn that it can go on. Or the door opens too soon: a newcomer of a
low number comes in behind a thread that has already checked all lower numbers.

Left out: a test of all flags takes one step here. In the paper it looks at one after the other.

Source: Szymanski, "A simple solution to Lamport's concurrent programming problem with linear wait",
ICS 1988.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    System,
    Thread,
    array,
    deadlock_free,
    never_together,
    section,
    wait_until,
)

flags = array(Cell, "flag", 3, 0)


async def work(me: int, leaves_first: bool) -> None:
    """Enter the critical section once."""
    mine, lower, higher = flags[me], flags[:me], flags[me + 1 :]
    await mine.WRITE_ONCE(1)
    await wait_until(lambda *all_: max(all_) < 3, *lower, *higher)
    await mine.WRITE_ONCE(3)
    if await wait_until(lambda *all_: "wait" if 1 in all_ else "go", *lower, *higher) == "wait":
        await mine.WRITE_ONCE(2)
        await wait_until(lambda *all_: 4 in all_, *lower, *higher)
    await mine.WRITE_ONCE(4)
    if lower:
        await wait_until(lambda *all_: max(all_) < 2, *lower)
    async with section("critical"):
        if higher and not leaves_first:
            await wait_until(lambda *all_: not {2, 3} & set(all_), *higher)
        await mine.WRITE_ONCE(0)
    if higher and leaves_first:
        await wait_until(lambda *all_: not {2, 3} & set(all_), *higher)


def build(case: Case) -> System:
    """Three threads, by number."""
    return System(
        [flags],
        [Thread(f"t{me}", work, (me, case.variant != "right")) for me in range(3)],
        [never_together("exclusion", "critical", "critical"), deadlock_free()],
    )


MODEL = Model(
    "classics.szymanski",
    "A waiting room, with flags of five values",
    build,
    variants=("right", "leave-first"),
    expected=(
        Expect("exclusion", "the door opens too soon", variants=("leave-first",)),
        Expect("deadlock-free", "nobody learns that the door is shut", variants=("leave-first",)),
    ),
)
