"""Memory is removed, and the zone that is shrunk is the one that its first page names.

A block that never went online has a memmap that says nothing of a zone. One of which each half went
online to another zone is in two of them, and only that of its first page is shrunk. When memory is
removed it is too late to ask: it is offline by then, and in no zone.

Commit: feee6b298916 "mm/memory_hotplug: shrink zones when offlining memory", v5.5. The fix shrinks
each zone when the memory goes offline.
Left out: other threads, locks, and blocks beside this one. The mistake needs none of them.
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
    choose,
    deadlock_free,
    require,
    required,
    table,
)

spans = table(Cell, "span", ("ZONE_NORMAL", "ZONE_MOVABLE"), 0)
page_zone = array(Cell, "page_zone", 2, "poison")
HISTORIES = ((), ("ZONE_NORMAL", "ZONE_NORMAL"), ("ZONE_NORMAL", "ZONE_MOVABLE"))
"""The zones to which the two halves went online; to none, if they never did."""


async def shrink_zone_of(page: Cell) -> None:
    """shrink_zone_span() of the zone that the page names: nothing of this block is left in it."""
    zone = await page.read()
    require(zone != "poison", "no-poison-read", zone=zone)
    await spans[zone].write(0)


async def block(at_offline: bool) -> None:
    """The life of a block: online, offline, removed."""
    zones = await choose(*HISTORIES)
    for page, zone in zip(page_zone, zones, strict=False):
        await page.write(zone)
        await spans[zone].write(await spans[zone].read() + 1)
    for page in page_zone[: len(zones)] if at_offline else page_zone[:1]:
        await shrink_zone_of(page)


def build(case: Case) -> System:
    """A block of two halves that is online to no zone, one, or two, and then removed."""
    poison = required("no-poison-read", "what is read of a page was written before")
    gone = at_end("zones-shrunk", lambda s: all(s[each] == 0 for each in spans.values()))
    threads = [Thread("block", block, (case.variant == "after",))]
    return System([spans, page_zone], threads, [poison, gone, deadlock_free()])


MODEL = Model(
    "kernel_bugs.shrink_at_offline",
    "Which zone a block that is removed was in",
    build,
    variants=("before", "after"),
    expected=(
        Expect("no-poison-read", "it never was online", variants=("before",)),
        Expect("zones-shrunk", "it was in two zones", variants=("before",)),
    ),
)
