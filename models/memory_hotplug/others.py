"""The other roles: memory blocks go online and offline; somebody walks the pfns.

Left out of online_pages() and offline_pages(): everything but zone->present_pages, the one store
that no spinlock protects (mm/memory_hotplug.c, v4.19).
"""

from locking import section, step
from locking.models.memory_hotplug.memory import Range
from locking.models.memory_hotplug.pages import look

HOTPLUG = "mm/memory_hotplug.c, v4.19"


@step("ONLINE_PAGES", f"online_pages(), {HOTPLUG}")
async def ONLINE_PAGES(own: Range) -> None:
    """zone->present_pages += n, a load and a store."""
    present = await own.memory.zone.present_pages.read()
    await own.memory.zone.present_pages.write(present + len(own.pfns))


@step("OFFLINE_PAGES", f"__offline_pages(), {HOTPLUG}")
async def OFFLINE_PAGES(own: Range) -> None:
    """zone->present_pages -= n, a load and a store."""
    present = await own.memory.zone.present_pages.read()
    await own.memory.zone.present_pages.write(present - len(own.pfns))


@step("WALK_PFNS", "kpageflags_read(), fs/proc/page.c, v4.19")
async def WALK_PFNS(own: Range) -> None:
    """Look at the flags of every page whose section is valid: pfn_valid(), then pfn_to_page()."""
    async with section("pfn-walk"):
        for pfn in own.pfns:
            if await own.memory.section[pfn].read() is not None:
                await look(own, pfn)


@step("WALK_ONLINE_PFNS", "kpageflags_read() by pfn_to_online_page(), v5.4", WALK_PFNS)
async def WALK_ONLINE_PFNS(own: Range) -> None:
    """The fix aad5f69bc161: a section of ZONE_DEVICE is never online, so its pages are let be.

    The bit that says so is in the word that says that the section is valid.
    """
    async with section("pfn-walk"):
        for pfn in own.pfns:
            valid = await own.memory.section[pfn].READ_ONCE() is not None
            if valid and pfn in own.memory.online:
                await look(own, pfn)
