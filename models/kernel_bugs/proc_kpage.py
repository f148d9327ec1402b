"""Any user reads /proc/kpageflags, and the kernel reads pages that nobody has initialised.

The file has a word for each pfn, and the code behind it went through all of them whose section is
valid. A device that is being added has valid sections long before its memmap is initialised. What
belongs to a device is never online, so who asks for that passes it by.

Commit: aad5f69bc161 "fs/proc/page.c: don't access uninitialized memmaps in fs/proc/page.c", v5.4.
Left out: /proc/kpagecount and /proc/kpagecgroup, which had the same loop; blocks that go offline
meanwhile, against which the fix does nothing either.
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

RAM, DEVICE = range(2)
valid, online = array(Cell, "valid", 2, False), array(Cell, "online", 2, False)
flags = array(Cell, "flags", 2, "poison")


async def add_device() -> None:
    """devm_memremap_pages(): the section is valid, then its pages are initialised."""
    await valid[DEVICE].WRITE_ONCE(True)
    await flags[DEVICE].WRITE_ONCE("initialised")


async def kpageflags_read(asks: tuple[Cell, ...]) -> None:
    """A read of the whole file."""
    for pfn in (RAM, DEVICE):
        if await asks[pfn].READ_ONCE():
            found = await flags[pfn].READ_ONCE()
            require(found != "poison", "no-poison-read", pfn=pfn, flags=found)


def build(case: Case) -> System:
    """One section is memory that is online, the other one that of a device."""
    asks = valid if case.variant == "before" else online
    threads = [Thread("adder", add_device), Thread("user", kpageflags_read, (asks,))]
    poison = required("no-poison-read", "what is read of a page was written before")
    there = {valid[RAM]: True, online[RAM]: True, flags[RAM]: "initialised"}
    return System([valid, online, flags], threads, [poison, deadlock_free()], starts=there)


MODEL = Model(
    "kernel_bugs.proc_kpage",
    "A file of all pages, those of a new device too",
    build,
    variants=("before", "after"),
    expected=(
        Expect("no-poison-read", "a valid section may be uninitialised", variants=("before",)),
    ),
)
