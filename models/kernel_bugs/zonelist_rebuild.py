"""An allocation fails although there is memory, since the list of zones changes under it.

A task goes through the list of zones and finds one after the other empty. Memory goes offline
meanwhile: its zone leaves the list, and those behind it move up. The task goes on where it was, and
so passes over a zone that was in the list before and is in it after.

Commit: 3d36424b3b58 "mm/page_alloc: fix race condition between build_all_zonelists and page
allocation". The fix is a seqlock, zonelist_update_seq: before it gives up, an allocation looks
whether the list was built anew since it began, and if so begins again. The run is deduced; that
who walks the list meanwhile may miss a zone is said in the changelog of 11cd8638c37f.
Left out: reclaim, and the killing of a task for lack of memory; the failed allocation stands for
it. Each place in the list is a cell, as they are written one by one.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Seqlock,
    System,
    Thread,
    array,
    deadlock_free,
    procedure,
    require,
    required,
    retry,
)

zonelist_update_seq, zonelist = Seqlock("zonelist_update_seq"), array(Cell, "zonelist", 2)
"""ZONE_MOVABLE has no free page and goes; ZONE_NORMAL has one and stays."""


async def build_all_zonelists() -> None:
    """ZONE_MOVABLE has gone, so ZONE_NORMAL moves up."""
    async with zonelist_update_seq.write():
        await zonelist[0].WRITE_ONCE("ZONE_NORMAL")
        await zonelist[1].WRITE_ONCE(None)


@procedure
async def page_found() -> bool:
    """get_page_from_freelist()."""
    for each in zonelist:
        if await each.READ_ONCE() == "ZONE_NORMAL":
            return True
    return False


async def alloc_or_again() -> bool | None:
    """__alloc_pages_slowpath() after the fix; None to begin again."""
    began = await zonelist_update_seq.read_seqbegin()
    found = await page_found()
    return None if not found and await zonelist_update_seq.read_seqretry(began) else found


async def alloc_pages(looks_again: bool) -> None:
    """Allocate, while there is a free page all the time."""
    found = await (retry(alloc_or_again) if looks_again else page_found())
    require(found, "page-found")


def build(case: Case) -> System:
    """A page is allocated while the last memory of a zone goes."""
    threads = [
        Thread("offline", build_all_zonelists),
        Thread("allocator", alloc_pages, (case.variant == "after",)),
    ]
    found = required("page-found", "an allocation succeeds if a page is free")
    starts = {zonelist[0]: "ZONE_MOVABLE", zonelist[1]: "ZONE_NORMAL"}
    return System([zonelist_update_seq, zonelist], threads, [found, deadlock_free()], starts)


MODEL = Model(
    "kernel_bugs.zonelist_rebuild",
    "A list of zones that moves up under a reader",
    build,
    variants=("before", "after"),
    expected=(Expect("page-found", "the zone moved up behind the reader", variants=("before",)),),
)
