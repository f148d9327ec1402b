"""Step A and its counterpart: sections of the memmap come and go."""

from locking import atomic, step
from locking.models.memory_hotplug.memory import (
    POISON,
    PRESENT,
    Range,
    pgdat_resize_lock,
    section_index_lock,
)

SPARSE = "mm/sparse.c, v4.19"


@step("ADD_SECTIONS", f"__add_pages(), sparse_add_one_section(), {SPARSE}")
async def ADD_SECTIONS(own: Range) -> None:
    """Step A. Left out: the -EEXIST checks (the range is the caller's own: request_region)."""
    await sparse_index_init(own)
    for pfn in own.pfns:
        await sparse_init_one_section(own, pfn)


@step(
    "ADD_SECTIONS_INDEX_LOCK", f"__add_pages(), sparse_index_init() locked, {SPARSE}", ADD_SECTIONS
)
async def ADD_SECTIONS_INDEX_LOCK(own: Range) -> None:
    """Step A with the lock that sparse_index_init() is said to have."""
    async with section_index_lock.hold():
        await sparse_index_init(own)
    for pfn in own.pfns:
        await sparse_init_one_section(own, pfn)


@step(
    "ADD_SECTIONS_MARKED",
    f"__add_pages(), locked so, published by WRITE_ONCE, {SPARSE}",
    ADD_SECTIONS,
)
async def ADD_SECTIONS_MARKED(own: Range) -> None:
    """Step A locked so, and with the store that lock-free readers of the section need."""
    async with section_index_lock.hold():
        await sparse_index_init(own)
    for pfn in own.pfns:
        await sparse_init_one_section(own, pfn, marked=True)


async def sparse_index_init(own: Range) -> None:
    """A check and then a store, with no lock between them.

    The store makes a new array the root, in which no section is present: what had been published
    in another array is out of reach, for good. All sections of a scenario have one root, so the
    check that the kernel makes for every section is made for the first. The sections are stored
    first, as the kernel clears an array before it publishes it.
    """
    if await own.memory.mem_section.read() is None:
        async with atomic(reduced=True):
            for section in own.memory.section.values():
                await section.write(None)
            await own.memory.mem_section.write("array")


async def sparse_init_one_section(own: Range, pfn: int, marked: bool = False) -> None:
    """The section becomes valid, its memmap poisoned (CONFIG_DEBUG_VM).

    One step, as straight-line code under pgdat_resize_lock. A lock-free reader looks at the
    section before it looks at the page, so it can't tell this from the single stores.
    """
    cells = own.memory.page[pfn]
    section = own.memory.section[pfn]
    async with atomic(reduced=True), pgdat_resize_lock.hold():
        await own.memory.mem_section.read()
        await cells.flags.write(POISON)
        await cells.pgmap.write(POISON)
        await cells.hmm_data.write(POISON)
        await (section.WRITE_ONCE(PRESENT) if marked else section.write(PRESENT))


@step("REMOVE_SECTIONS", f"sparse_remove_one_section(), {SPARSE}")
async def REMOVE_SECTIONS(own: Range) -> None:
    """The sections are valid no more. Left out: what becomes of the memmap, which nobody reads."""
    for pfn in own.pfns:
        async with atomic(reduced=True), pgdat_resize_lock.hold():
            await own.memory.section[pfn].write(None)


@step(
    "REMOVE_SECTIONS_MARKED",
    f"sparse_remove_one_section(), by WRITE_ONCE, {SPARSE}",
    REMOVE_SECTIONS,
)
async def REMOVE_SECTIONS_MARKED(own: Range) -> None:
    """The sections are valid no more, by the store that lock-free readers of the section need."""
    for pfn in own.pfns:
        async with atomic(reduced=True), pgdat_resize_lock.hold():
            await own.memory.section[pfn].WRITE_ONCE(None)
