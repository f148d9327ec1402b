"""Steps H, I and L2: the pages of a range are initialised, once or twice.

Left out: refcount, mapcount, Reserved and the other fields that only the initialising task writes
and no property speaks of.
"""

from locking import atomic, require, retry, section, step
from locking.models.memory_hotplug.memory import (
    LINKED,
    LIST,
    LIST_POISON,
    POISON,
    ZEROED,
    Range,
    pgmap,
    span_seqlock,
)

ALLOC = "mm/page_alloc.c, v4.19"
ALLOC_420 = "mm/page_alloc.c, v4.20"


@step("RAISE_HIGHEST", f"memmap_init_zone(), highest_memmap_pfn, {ALLOC}")
async def RAISE_HIGHEST(own: Range) -> None:
    """Step H: read, compare, write."""
    highest = await own.memory.highest_memmap_pfn.read()
    if highest < own.end - 1:
        await own.memory.highest_memmap_pfn.write(own.end - 1)


@step("RAISE_HIGHEST_ATOMIC", "memmap_init_zone(), by an atomic maximum", RAISE_HIGHEST)
async def RAISE_HIGHEST_ATOMIC(own: Range) -> None:
    """Step H in one."""
    await own.memory.highest_memmap_pfn.atomic_max(own.end - 1)


@step("INIT_PAGES", f"memmap_init_zone(), __init_single_page(), {ALLOC}")
async def INIT_PAGES(own: Range) -> None:
    """Step I of v4.19: pgmap and hmm_data are left with list pointers."""
    async with section("page-init"):
        for pfn in own.pfns:
            await init_single_page(own, pfn, LIST, LIST)  # INIT_LIST_HEAD(&page->lru)
            await set_pageblock_migratetype(own, pfn)


@step("SECOND_LOOP", "devm_memremap_pages(), kernel/memremap.c; mm/hmm.c; v4.19")
async def SECOND_LOOP(own: Range) -> None:
    """Step L2: every page once more, for its pgmap. Left out: percpu_ref_get().

    for_each_device_pfn of devm_memremap_pages() does list_del(&page->lru) before;
    hmm_devmem_pages_create() does not, and hmm_data keeps its list pointer.
    """
    for pfn in own.pfns:
        if not own.hmm:
            async with atomic(reduced=True):  # list_del(&page->lru)
                await own.memory.page[pfn].pgmap.write(LIST_POISON)
                await own.memory.page[pfn].hmm_data.write(LIST_POISON)
        await own.memory.page[pfn].pgmap.write(pgmap(own.start))


@step("INIT_DEVICE_PAGES", f"memmap_init_zone_device(), {ALLOC_420}")
async def INIT_DEVICE_PAGES(own: Range) -> None:
    """Steps I and L2 in one pass, as deferred by 966cf44f637e."""
    async with section("page-init"):
        for pfn in own.pfns:
            await init_single_page(own, pfn, pgmap(own.start), 0)
            await set_pageblock_migratetype(own, pfn)


@step(
    "INIT_DEVICE_PAGES_SEQLOCK",
    "memmap_init_zone_device(), span under its seqlock",
    INIT_DEVICE_PAGES,
)
async def INIT_DEVICE_PAGES_SEQLOCK(own: Range) -> None:
    """Steps I and L2 in one pass; the span is read again until no writer came by.

    That is how page_outside_zone_boundaries() reads it.
    """
    async with section("page-init"):
        for pfn in own.pfns:
            await init_single_page(own, pfn, pgmap(own.start), 0)
            start, spanned = await retry(read_span, own)
            require_spanned(pfn, start, spanned)


async def init_single_page(own: Range, pfn: int, pgmap: str, hmm_data: str | int) -> None:
    """__init_single_page(): mm_zero_struct_page(), set_page_links(), and the two words over lru.

    Nobody else looks at those two words, so they are stored in one step with the links.
    """
    cells = own.memory.page[pfn]
    await cells.flags.write(ZEROED)
    async with atomic(reduced=True):
        await cells.flags.write(LINKED)
        await cells.pgmap.write(pgmap)
        await cells.hmm_data.write(hmm_data)


async def set_pageblock_migratetype(own: Range, pfn: int) -> None:
    """set_pfnblock_flags_mask(): VM_BUG_ON_PAGE(!zone_spans_pfn(zone, pfn)), span read unlocked."""
    start = await own.memory.zone.zone_start_pfn.read()
    spanned = await own.memory.zone.spanned_pages.read()
    require_spanned(pfn, start, spanned)


async def read_span(own: Range) -> tuple[int, int] | None:
    """One round of a reader of span_seqlock: the span, or None where a writer came by."""
    sequence = await span_seqlock.read_seqbegin()
    start = await own.memory.zone.zone_start_pfn.READ_ONCE()
    spanned = await own.memory.zone.spanned_pages.READ_ONCE()
    return None if await span_seqlock.read_seqretry(sequence) else (start, spanned)


async def look(own: Range, pfn: int) -> object:
    """page->flags, for the node and zone in it; PF_POISONED_CHECK of CONFIG_DEBUG_VM_PGFLAGS.

    Without that option the reader goes on with garbage, and so does this.
    """
    flags = await own.memory.page[pfn].flags.read()
    require(flags != POISON, "no-poison-read", stop=False, pfn=pfn, flags=flags)
    return flags


def require_spanned(pfn: int, start: int, spanned: int) -> None:
    """The kernel stops here with CONFIG_DEBUG_VM."""
    require(
        start <= pfn < start + spanned,
        "init-inside-span",
        pfn=pfn,
        zone_start_pfn=start,
        spanned_pages=spanned,
    )
