"""A machine check hits a page of memory that is added, but not online.

A section is valid from the moment at which it is added; its memmap is initialised only when it goes
online. memory_failure() asked whether the section is valid, and read the flags of the page.

Commit: 96c804a6ae8c "mm/memory-failure.c: don't access uninitialized memmaps in memory_failure()",
v5.4. The fix asks for pfn_to_online_page() first.
Left out: the pages of devices, which the fix looks up by get_dev_pagemap(); and what is done to a
page that has failed. The bug is over once the flags are read.
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
valid, online = Cell("section.valid", False), Cell("section.online", False)
flags = Cell("page.flags", "poison")


async def add_and_online() -> None:
    """add_memory(), then online_pages()."""
    async with mem_hotplug_lock.write():
        await valid.WRITE_ONCE(True)
    async with mem_hotplug_lock.write():
        await flags.write("initialised")
        await online.smp_store_release(True)


async def memory_failure(asks: Cell) -> None:
    """The page has failed; nothing here takes a lock of memory hotplug."""
    if await asks.smp_load_acquire():
        found = await flags.read()
        require(found != "poison", "no-poison-read", flags=found)


def build(case: Case) -> System:
    """A block is added and goes online, and one of its pages fails."""
    asks = valid if case.variant == "before" else online
    threads = [Thread("adder", add_and_online), Thread("failure", memory_failure, (asks,))]
    poison = required("no-poison-read", "what is read of a page was written before")
    return System([mem_hotplug_lock, valid, online, flags], threads, [poison, deadlock_free()])


MODEL = Model(
    "kernel_bugs.memory_failure",
    "A page that fails before it is online",
    build,
    variants=("before", "after"),
    expected=(
        Expect("no-poison-read", "a valid section may be uninitialised", variants=("before",)),
    ),
)
