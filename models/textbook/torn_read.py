"""Torn read: a writer changes two cells that belong together, and no lock is held.

Can a reader see half of a change? Yes: it may look when the first cell is new and the second one
still old. `seqlock_reader` shows a reader that notices.
"""

from locking import Expect, Model, Record, Size, System, Thread, data_race_free, require, required

span = Record("span", start=0, end=0)


async def move() -> None:
    """Move both ends from 0 to 8."""
    await span.start.write(8)
    await span.end.write(8)


async def look() -> None:
    """See both ends at the same place."""
    start = await span.start.read()
    end = await span.end.read()
    require(start == end, "whole", start=start, end=end)


MODEL = Model(
    "textbook.torn_read",
    "Two cells that belong together, written without a lock",
    lambda _: System(
        objects=[span],
        threads=[Thread("writer", move), Thread("reader", look)],
        properties=[required("whole", "the reader sees all of a change or none"), data_race_free()],
    ),
    expected=(
        Expect("whole", "the reader looks between the two stores", steps=3),
        Expect("data-race", "both begin with the same cell", steps=0),
    ),
    size=Size(states=14, transitions=15, depth=4, interleavings=6),
)
