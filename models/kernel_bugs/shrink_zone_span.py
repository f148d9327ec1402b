"""A device is removed, and takes from the zone the pages of another that is being added.

The adder grows the zone under mem_hotplug_lock and initialises its pages after it let go. The
remover shrinks the zone meanwhile: it looks for pages of the zone that are left, and takes the new
ones for strangers, since what their memmap says of the zone is not written yet. So it cuts them
out. Then the adder finds that its page is not in the zone: VM_BUG_ON_PAGE(!zone_spans_pfn()).

Commit: 7ce700bf11b5 "mm/memory_hotplug: don't access uninitialized memmaps in shrink_zone_span()",
v5.4. (The id is from memory; title and text were read.) The fix does not shrink ZONE_DEVICE at all.
Left out: pgdat_resize_lock and the seqlock of the span. The span is one value here, so nobody sees
half of it; under mem_hotplug_lock nobody else writes to it.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    PercpuRwSem,
    System,
    Thread,
    deadlock_free,
    require,
    required,
)

mem_hotplug_lock = PercpuRwSem("mem_hotplug_lock")
span = Cell("zone.span", (10, 11))
valid, page_zone = Cell("section[12].valid", False), Cell("page[12].zone", "poison")


async def add() -> None:
    """devm_memremap_pages() of pfn 12, and memmap_init_zone_device()."""
    async with mem_hotplug_lock.write():
        await valid.write(True)
        start, end = await span.read()
        await span.write((start if start < end else 12, 13))
    await page_zone.write("ZONE_DEVICE")
    start, end = await span.read()
    require(start <= 12 < end, "zone-spans-pfn", start=start, end=end)


async def remove(shrinks: bool) -> None:
    """__remove_pages() of pfn 10, and shrink_zone_span()."""
    async with mem_hotplug_lock.write():
        if shrinks:
            left = await valid.read() and await page_zone.read() == "ZONE_DEVICE"
            await span.write((12, 13) if left else (0, 0))


def build(case: Case) -> System:
    """One device is added while another one goes."""
    threads = [Thread("adder", add), Thread("remover", remove, (case.variant == "before",))]
    in_zone = required("zone-spans-pfn", "a page is in its zone when it is initialised")
    return System([mem_hotplug_lock, span, valid, page_zone], threads, [in_zone, deadlock_free()])


MODEL = Model(
    "kernel_bugs.shrink_zone_span",
    "A zone that is shrunk by what uninitialised pages say",
    build,
    variants=("before", "after"),
    expected=(
        Expect("zone-spans-pfn", "the new page is not known to be in it", variants=("before",)),
    ),
)
