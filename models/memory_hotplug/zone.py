"""Steps Z and C and their counterpart: the zone's span grows and shrinks.

The resize stores zone_start_pfn before spanned_pages, and zone_spans_pfn() reads both without
their seqlock; so by default each of the two stores is a step. With `--resize one-step` a resize is
one step, and a shrink too, which then only clears the span of a zone where no other section is
left: the coarser reading, with fewer outcomes, by which the published answers come out.

Taking the locks and loading the span are one step, and so are the last store and the release.
That loses no outcome (Lipton, CACM 1975): an acquire may as well happen later, a release earlier,
and nobody stores to both words without these locks.
"""

from collections.abc import Awaitable, Iterable

from locking import Cell, atomic, section, step
from locking.models.memory_hotplug.memory import LINKED, Range, pgdat_resize_lock, span_seqlock
from locking.models.memory_hotplug.pages import look

HOTPLUG = "mm/memory_hotplug.c, v4.19"


@step("RESIZE_ZONE", f"move_pfn_range_to_zone() up to the resize, {HOTPLUG}")
async def RESIZE_ZONE(own: Range) -> None:
    """Step Z: init_currently_empty_zone() stores zone_start_pfn under no lock of the zone."""
    zone = own.memory.zone
    async with section("zone-change"):
        if await zone.spanned_pages.read() == 0:
            await zone.zone_start_pfn.write(own.start)
        await resize(own)


@step(
    "RESIZE_ZONE_LOCKED", f"move_pfn_range_to_zone(), all under the locks, {HOTPLUG}", RESIZE_ZONE
)
async def RESIZE_ZONE_LOCKED(own: Range) -> None:
    """Step Z with the empty zone's start set where the resize is (Salvador, 27 September 2018).

    There it stores what the resize stores anyway, so only the resize is left of it.
    """
    async with section("zone-change"):
        await resize(own)


@step(
    "RESIZE_ZONE_MARKED", f"move_pfn_range_to_zone(), locked, by WRITE_ONCE, {HOTPLUG}", RESIZE_ZONE
)
async def RESIZE_ZONE_MARKED(own: Range) -> None:
    """Step Z locked so, and with the stores that readers of the span without its lock need."""
    async with section("zone-change"):
        await resize(own, marked=True)


async def resize(own: Range, marked: bool = False) -> None:
    """The resize, in one step if so asked."""
    if own.one_step_resize:
        async with atomic():
            await resize_zone_range(own, marked)
    else:
        await resize_zone_range(own, marked)


async def resize_zone_range(own: Range, marked: bool = False) -> None:
    """zone_start_pfn first, then spanned_pages: between the two the span looks shifted."""
    zone = own.memory.zone
    start, spanned = await lock_span(own)
    end = start + spanned
    if spanned == 0 or own.start < start:
        start = own.start
        await store(zone.zone_start_pfn, start, marked)
    async with atomic(reduced=True):
        await store(zone.spanned_pages, max(own.end, end) - start, marked)
        await unlock_span()


def store(cell: Cell, value: int, marked: bool) -> Awaitable[None]:
    """A plain or a marked store."""
    return cell.WRITE_ONCE(value) if marked else cell.write(value)


async def lock_span(own: Range) -> tuple[int, int]:
    """zone_start_pfn and spanned_pages, with pgdat_resize_lock and the span's seqlock taken."""
    async with atomic(reduced=True):
        await pgdat_resize_lock.spin_lock()
        await span_seqlock.write_seqlock()
        start = await own.memory.zone.zone_start_pfn.read()
        return start, await own.memory.zone.spanned_pages.read()


async def unlock_span() -> None:
    """Both released."""
    async with atomic(reduced=True):
        await span_seqlock.write_sequnlock()
        await pgdat_resize_lock.spin_unlock()


@step("SET_CONTIGUOUS", "set_zone_contiguous(), mm/page_alloc.c, v4.19")
async def SET_CONTIGUOUS(own: Range) -> None:
    """Step C. It reads the span and gives up: no section of ZONE_DEVICE is ever online.

    What it reads is not used, so the two loads are one step. Left out: the store to
    zone->contiguous, which is false before and after, here and in clear_zone_contiguous().
    """
    async with atomic(reduced=True):
        await own.memory.zone.zone_start_pfn.read()
        await own.memory.zone.spanned_pages.read()


@step("SET_CONTIGUOUS_LOCKED", "set_zone_contiguous() under pgdat_resize_lock", SET_CONTIGUOUS)
async def SET_CONTIGUOUS_LOCKED(own: Range) -> None:
    """Step C, reading a span that nobody changes meanwhile."""
    async with atomic(reduced=True), pgdat_resize_lock.hold():
        await own.memory.zone.zone_start_pfn.read()
        await own.memory.zone.spanned_pages.read()


@step("SHRINK_ZONE", f"__remove_zone(), shrink_zone_span(), {HOTPLUG}")
async def SHRINK_ZONE(own: Range) -> None:
    """The range leaves the span, section by section.

    The kernel takes turns: shrink for a section, remove it, go on to the next. Here all shrinking
    comes before all removing, which is the same for a range that is taken from the lower end.
    """
    async with section("zone-change"):
        await look(own, own.start)  # page_zone(): which zone to shrink
        if own.one_step_resize:
            async with atomic():
                await shrink_zone_span(own, own.pfns)
        else:
            for pfn in own.pfns:
                await shrink_zone_span(own, (pfn,))


@step("KEEP_SPAN", "__remove_zone(), mm/memory_hotplug.c, v5.4", SHRINK_ZONE)
async def KEEP_SPAN(own: Range) -> None:
    """The fix of v5.4: ZONE_DEVICE is recognised by its first page, and not shrunk."""
    async with section("zone-change"):
        await look(own, own.start)


async def shrink_zone_span(own: Range, removed: tuple[int, ...]) -> None:
    """The span starts where the first section starts that is left, or is cleared if none is.

    Left out: a range at the upper end of the span, which no scenario removes; and the second look
    at sections in which the first saw nothing. The second look can only find a page that was
    initialised meanwhile, and then leaves the span as it is.
    """
    zone = own.memory.zone
    start, spanned = await lock_span(own)
    left = await first_section(own, removed, range(start, start + spanned))
    if left is None:
        await zone.zone_start_pfn.write(0)
        await zone.spanned_pages.write(0)
    elif start in removed and not own.one_step_resize:
        await zone.zone_start_pfn.write(left)
        await zone.spanned_pages.write(start + spanned - left)
    await unlock_span()


async def first_section(own: Range, removed: tuple[int, ...], pfns: Iterable[int]) -> int | None:
    """The first of `pfns` whose section is valid and whose page says that it is of the zone.

    Kernel: find_smallest_section_pfn(), and the last loop of shrink_zone_span(). Node and zone are
    in one word, page->flags, and are read once.
    """
    for pfn in pfns:
        if pfn in removed or pfn not in own.memory.section:
            continue
        if await own.memory.section[pfn].read() is None:
            continue
        if await look(own, pfn) == LINKED:
            return pfn
    return None
