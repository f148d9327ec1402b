"""A function that runs out of memory returns with its mutex held.

To populate the vmemmap in parallel, a prototype had a mutex for each upper level of the page
tables. When no page could be allocated, it returned without letting go. All who come later wait for
ever.

Patch: "mm: Enable asynchronous __add_pages() and vmemmap_populate_hugepages()", Dan Williams, July
2018; never merged, so there is no commit. "after" is the code without the mistake.
Left out: all levels but one, and what is done with the table.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    choose,
    deadlock_free,
    locks_released,
)

vmemmap_pgd_lock, pgd = Mutex("vmemmap_pgd_lock"), Cell("pgd", None)


async def populate(forgets: bool) -> None:
    """vmemmap_pgd_populate(): make the table, unless there is one."""
    await vmemmap_pgd_lock.mutex_lock()
    if await pgd.read() is None:
        if await choose("allocated", "-ENOMEM") == "-ENOMEM":
            if not forgets:
                await vmemmap_pgd_lock.mutex_unlock()
            return
        await pgd.write("table")
    await vmemmap_pgd_lock.mutex_unlock()


def build(case: Case) -> System:
    """Two sections are added at once, and memory may be short."""
    forgets = case.variant == "before"
    threads = [Thread(name, populate, (forgets,)) for name in ("one", "other")]
    return System([vmemmap_pgd_lock, pgd], threads, [locks_released(), deadlock_free()])


MODEL = Model(
    "kernel_bugs.leaked_mutex",
    "A mutex that is held when memory is short",
    build,
    variants=("before", "after"),
    expected=(
        Expect("locks-released", "nobody unlocks after -ENOMEM", variants=("before",)),
        Expect("deadlock-free", "the other one waits forever", variants=("before",)),
    ),
)
