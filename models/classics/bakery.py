"""Bakery: each thread draws a ticket one above all others, and the lowest ticket goes first.

To draw takes several steps. Must a thread say that it is `choosing`, and the others wait until it
has chosen? Yes. Two threads may draw the same ticket, and then the lower number goes first. Without
the flag, the second one sees that the first has no ticket yet and goes in; then the first gets the
same ticket, sees that its own number is lower, and goes in too.

Source: Lamport, "A new solution of Dijkstra's concurrent programming problem", CACM 17(8), 1974.
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

THREADS = 2
choosing, number = array(Cell, "choosing", THREADS, False), array(Cell, "number", THREADS, 0)


async def draw(me: int) -> int:
    """Take a ticket one above all others."""
    seen = [await each.READ_ONCE() for each in number]
    await number[me].WRITE_ONCE(1 + max(seen))
    return 1 + max(seen)


async def draw_choosing(me: int) -> int:
    """Take a ticket, and say meanwhile that one is being taken."""
    await choosing[me].WRITE_ONCE(True)
    ticket = await draw(me)
    await choosing[me].WRITE_ONCE(False)
    return ticket


async def work(me: int, flagged: bool) -> None:
    """Enter the critical section once."""
    mine = await (draw_choosing if flagged else draw)(me), me
    for other in range(THREADS):
        await wait_until(lambda chooses: not chooses, choosing[other])
        await wait_until(lambda its, j=other: its == 0 or (its, j) >= mine, number[other])
    async with section("critical"):
        await number[me].WRITE_ONCE(0)


def build(case: Case) -> System:
    """Customers of the bakery."""
    args = [(me, case.variant == "right") for me in range(THREADS)]
    return System(
        [choosing, number],
        [Thread(f"t{me}", work, each) for me, each in enumerate(args)],
        [never_together("exclusion", "critical", "critical"), deadlock_free()],
    )


MODEL = Model(
    "classics.bakery",
    "Tickets, of which the lowest goes first",
    build,
    variants=("right", "no-choosing"),
    expected=(Expect("exclusion", "a ticket is drawn unseen", variants=("no-choosing",)),),
)
