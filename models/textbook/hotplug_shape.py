"""Hotplug shape: threads change a zone under a write lock, then fill pages under a read lock.

Do the fillings run in parallel, and does every change of the zone arrive? Yes. It is the proposal
of the hotplug question without anything that could break it, so it grows to any size: the one for
measuring engines, and for comparing them with other model checkers.
"""

from locking import (
    Case,
    Cell,
    Model,
    Parameter,
    Record,
    RwSem,
    Size,
    System,
    Thread,
    at_end,
    data_race_free,
    deadlock_free,
    section,
    sometimes_together,
)


async def add(me: int, lock: RwSem, zone: Record, pages: list[Cell]) -> None:
    """Make the zone reach to the range of this thread, and fill the range's pages."""
    async with lock.write():
        start = await zone.start.read()
        end = await zone.end.read()
        await zone.start.write(min(start, me))
        await zone.end.write(max(end, me + 1))
    async with lock.read(), section("page-init"):
        for page in pages:
            await page.write(True)


def build(case: Case) -> System:
    """As many threads as the scope says, each with as many pages of its own."""
    threads, pages = int(case.scope["threads"]), int(case.scope["pages"])
    lock = RwSem("lock")
    zone = Record("zone", start=threads, end=0)
    ranges = [[Cell(f"page-{me}-{at}", False) for at in range(pages)] for me in range(threads)]
    return System(
        objects=[lock, zone, *(page for each in ranges for page in each)],
        threads=[Thread(f"adder-{me}", add, (me, lock, zone, ranges[me])) for me in range(threads)],
        properties=[
            at_end(
                "span",
                lambda s: (s[zone.start], s[zone.end]) == (0, threads),
                "the zone reaches over all ranges",
            ),
            data_race_free(),
            deadlock_free(),
            sometimes_together(
                "parallel", "page-init", "page-init", "pages are filled in parallel"
            ),
        ],
    )


MODEL = Model(
    "textbook.hotplug_shape",
    "A zone changed under a write lock, pages filled under a read lock",
    build,
    parameters=(
        Parameter("threads", 2, "threads that add a range", most=16),
        Parameter("pages", 1, "pages of each range", most=16),
    ),
    size=Size(states=71, transitions=90, depth=18, interleavings=42),
)
