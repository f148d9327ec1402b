"""Seqlock reader: it looks without a lock, and looks again if a writer came by.

Is what it keeps whole? Yes, although it does look while the writer writes. The accesses are marked
(`READ_ONCE`, `WRITE_ONCE`) because they do meet: plain ones would be data races.
"""

from locking import (
    Model,
    Record,
    Seqlock,
    Size,
    System,
    Thread,
    data_race_free,
    deadlock_free,
    require,
    required,
    retry,
    section,
    sometimes_together,
)

seqlock = Seqlock("seqlock")
span = Record("span", start=0, end=0)


async def move() -> None:
    """Move both ends from 0 to 8."""
    async with seqlock.write(), section("change"):
        await span.start.WRITE_ONCE(8)
        await span.end.WRITE_ONCE(8)


async def look() -> tuple[int, int] | None:
    """Both ends, or None where a writer came by."""
    begun = await seqlock.read_seqbegin()
    async with section("look"):
        start = await span.start.READ_ONCE()
        end = await span.end.READ_ONCE()
    return None if await seqlock.read_seqretry(begun) else (start, end)


async def read() -> None:
    """See both ends at the same place."""
    start, end = await retry(look)
    require(start == end, "whole", start=start, end=end)


MODEL = Model(
    "textbook.seqlock_reader",
    "Two cells that belong together, read in a retry loop",
    lambda _: System(
        objects=[seqlock, span],
        threads=[Thread("writer", move), Thread("reader", read)],
        properties=[
            required("whole", "the reader keeps all of a change or none"),
            data_race_free(),
            deadlock_free(),
            sometimes_together("parallel", "change", "look", "the reader stops no writer"),
        ],
    ),
    size=Size(states=39, transitions=56, depth=8, interleavings=36),
)
