"""A device reads, at its end, a page that it never initialised.

The first pages of a device may be reserved: they hold no data, and devm_memremap_pages()
initialises only those behind them. memunmap_pages() wanted to know the node and the zone of the
device, and asked its very first page. One run suffices; nobody else takes part.

Commit: 77e080e7680e "mm/memunmap: don't access uninitialized memmap in memunmap_pages()", v5.4. The
fix asks pfn_first(), the first page that was initialised.
Left out: the memmap that is stored in the device itself, and everything that memunmap_pages() does
with the zone once it has it.
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
    require,
    required,
)

RESERVED, PAGES = 1, 3
page_zone = array(Cell, "page_zone", PAGES, "poison")


async def device(asked: int) -> None:
    """devm_memremap_pages(), then memunmap_pages()."""
    for each in page_zone[RESERVED:]:
        await each.write("ZONE_DEVICE")
    zone = await page_zone[asked].read()
    require(zone != "poison", "no-poison-read", zone=zone)


def build(case: Case) -> System:
    """A device of three pages, the first of them reserved."""
    asked = 0 if case.variant == "before" else RESERVED
    poison = required("no-poison-read", "what is read of a page was written before")
    return System([page_zone], [Thread("device", device, (asked,))], [poison, deadlock_free()])


MODEL = Model(
    "kernel_bugs.memunmap_pages",
    "The first page of a device, which nobody initialises",
    build,
    variants=("before", "after"),
    expected=(Expect("no-poison-read", "the first page is reserved", variants=("before",)),),
)
