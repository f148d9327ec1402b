"""Two devices are mapped at once, and one of the mappings is lost.

To map a range into the kernel's address space, devm_memremap_pages() looks up the table for it. If
there is none, it makes one. Two threads see none, both make one, and the second store replaces the
first: what was entered in that table can't be reached any more.

Commit: f931ab479dd2 "mm: fix devm_memremap_pages crash, use mem_hotplug_{begin,done}", v4.10.
Left out: all levels of the page tables but one. Each is looked up and made in this way. The lock
was home-made then; since only writers take it here, any exclusive lock has the same runs.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    array,
    at_end,
    data_race_free,
    deadlock_free,
)

mem_hotplug = Mutex("mem_hotplug")
pgd, entered = Cell("pgd", None), array(Cell, "entered", 2, None)


async def map_range(me: int) -> None:
    """kernel_physical_mapping_init(): find or make the table, and enter the range in it."""
    table = await pgd.read()
    if table is None:
        table = f"table made by {me}"
        await pgd.write(table)
    await entered[me].write(table)


async def map_range_locked(me: int) -> None:
    """Map a range between mem_hotplug_begin() and mem_hotplug_done()."""
    async with mem_hotplug.hold():
        await map_range(me)


def build(case: Case) -> System:
    """Two ranges that need the same table."""
    program = map_range if case.variant == "before" else map_range_locked
    threads = [Thread(f"device{me}", program, (me,)) for me in range(2)]
    mapped = at_end(
        "stays-mapped",
        lambda s: all(s[each] == s[pgd] for each in entered),
        "each range is in the table that is used",
    )
    objects = [mem_hotplug, pgd, entered]
    return System(objects, threads, [mapped, data_race_free(), deadlock_free()])


MODEL = Model(
    "kernel_bugs.devm_memremap_pages",
    "A page table that two threads make",
    build,
    variants=("before", "after"),
    expected=(
        Expect("stays-mapped", "both found no table", variants=("before",)),
        Expect("data-race", "no lock is held", variants=("before",)),
    ),
)
