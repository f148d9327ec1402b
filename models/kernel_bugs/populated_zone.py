"""Memory is taken from a zone that has no page sets of its own yet.

When the first memory of a zone goes online, the zone is counted as populated, then the lists of
zones are built anew, and with them the zone gets page sets of its own. If somebody else builds the
lists in between, they have the zone already, and its page sets are still those of boot, which all
such zones share.

Commit: 4eaf3f64397c "mem-hotplug: fix potential race while building zonelist for new populated
zone". The fix holds zonelists_mutex over both.
Left out: all other zones. To build the lists is one step, since stop_machine() did it.
"""

from collections.abc import Awaitable, Callable

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    Record,
    System,
    Thread,
    atomic,
    deadlock_free,
    require,
    required,
)

zonelists_mutex = Mutex("zonelists_mutex")
zone = Record("zone", present_pages=0, pageset="boot_pageset")
zonelist = Cell("zonelist", ())


async def build_all_zonelists(populates: bool) -> None:
    """The lists of what is populated; a zone that goes online gets page sets."""
    async with atomic():
        if await zone.present_pages.read():
            await zonelist.write(("zone",))
        if populates:
            await zone.pageset.write("own")


async def online_pages() -> None:
    """The first memory of the zone goes online."""
    await zone.present_pages.write(1)
    await build_all_zonelists(populates=True)


async def locked(program: Callable[..., Awaitable[None]], *args: bool) -> None:
    """Run it under zonelists_mutex."""
    async with zonelists_mutex.hold():
        await program(*args)


async def alloc_page() -> None:
    """Allocate from the first zone of the list."""
    if await zonelist.READ_ONCE():
        pageset = await zone.pageset.READ_ONCE()
        require(pageset != "boot_pageset", "own-page-sets", pageset=pageset)


def build(case: Case) -> System:
    """A zone is populated, the lists are built for another reason, a page is allocated."""
    programs = [("online", online_pages, ()), ("builder", build_all_zonelists, (False,))]
    if case.variant == "after":
        programs = [(name, locked, (program, *args)) for name, program, args in programs]
    threads = [*(Thread(*each) for each in programs), Thread("allocator", alloc_page)]
    own = required("own-page-sets", "a zone in the lists has page sets of its own")
    return System([zonelists_mutex, zone, zonelist], threads, [own, deadlock_free()])


MODEL = Model(
    "kernel_bugs.populated_zone",
    "A zone that is in the lists before it is ready",
    build,
    variants=("before", "after"),
    expected=(Expect("own-page-sets", "somebody else built the lists", variants=("before",)),),
)
