"""Two blocks go online at once, and the pages of one of them are not counted.

A block has two files in sysfs that bring it online. Since 30467e0b3be8, who writes to `state` takes
the lock of memory hotplug. Who writes to `online` gets to online_pages() without it. Both add to
present_pages: a load and a store.

Commit: 381eab4a6ee8 "mm/memory_hotplug: fix online/offline_pages called w.o. mem_hotplug_lock",
v4.20. The fix takes the lock inside online_pages(), and device_hotplug_lock outside of it.
Left out: all that online_pages() does besides counting. device_hotplug_lock is taken by the same
threads around all this in both variants, or not at all; without it there are more runs.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    PercpuRwSem,
    System,
    Thread,
    at_end,
    data_race_free,
    deadlock_free,
)

mem_hotplug_lock, present_pages = PercpuRwSem("mem_hotplug_lock"), Cell("present_pages", 0)


async def online_pages() -> None:
    """Count the pages of a block."""
    await present_pages.write(await present_pages.read() + 1)


async def online_pages_locked() -> None:
    """Count them between mem_hotplug_begin() and mem_hotplug_done()."""
    async with mem_hotplug_lock.write():
        await online_pages()


def build(case: Case) -> System:
    """One block goes online by each file."""
    online = online_pages if case.variant == "before" else online_pages_locked
    threads = [Thread("state", online_pages_locked), Thread("online", online)]
    counted = at_end("present-pages", lambda s: s[present_pages] == 2, "both are counted")
    properties = [counted, data_race_free(), deadlock_free()]
    return System([mem_hotplug_lock, present_pages], threads, properties)


MODEL = Model(
    "kernel_bugs.online_pages",
    "One way to go online that takes no lock",
    build,
    variants=("before", "after"),
    expected=(
        Expect("present-pages", "an update is lost", variants=("before",)),
        Expect("data-race", "one of the two has no lock", variants=("before",)),
    ),
)
