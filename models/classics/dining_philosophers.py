"""The dining philosophers: each needs the two forks beside it, which its neighbours need as well.

Can all eat? Not if each takes its left fork first: when all have one, all wait for the next one's.
Either of two remedies suffices. One of them takes its right fork first, so that the forks are taken
in an order that knows no circle ("right"). Or an arbiter lets all but one of them sit down
("arbiter"), so that somebody has two forks.

Dijkstra, Hierarchical ordering of sequential processes (1971); the arbiter: Hoare, Communicating
Sequential Processes (1985), 2.5.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    Semaphore,
    System,
    Thread,
    View,
    array,
    at_end,
    deadlock_free,
    never,
    section,
    sometimes_together,
)

COUNT = 4
forks, plates = array(Mutex, "fork", COUNT), array(Cell, "plate", COUNT, "full")
seats = Semaphore("seats", COUNT - 1)


async def dine(me: int, first: Mutex, second: Mutex, arbiter: bool) -> None:
    if arbiter:
        await seats.down()
    async with first.hold(), second.hold(), section(f"eat-{me}"):
        await plates[me].write("empty")
    if arbiter:
        await seats.up()


def neighbours(s: View) -> bool:
    eating = [bool(s.inside(f"eat-{me}")) for me in range(COUNT)]
    return any(eating[me - 1] and eating[me] for me in range(COUNT))


def build(case: Case) -> System:
    threads = []
    for me in range(COUNT):
        left, right = forks[me], forks[(me + 1) % COUNT]
        order = (right, left) if case.variant == "right" and me == 0 else (left, right)
        threads.append(Thread(f"p{me}", dine, (me, *order, case.variant == "arbiter")))
    return System(
        [forks, plates, seats],
        threads,
        [
            never("exclusion", neighbours, "neighbours eat at the same time"),
            sometimes_together(
                "parallel", "eat-0", "eat-2", "those who share no fork eat at the same time"
            ),
            at_end("all-eat", lambda s: all(s[each] == "empty" for each in plates)),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "classics.dining_philosophers",
    "Four philosophers, and a fork between each two",
    build,
    variants=("right", "arbiter", "left-first"),
    expected=(
        Expect("deadlock-free", "each has its left fork", variants=("left-first",), steps=4),
    ),
)
