"""Compaction looks at a section while the device that it belongs to is removed.

pfn_valid() saw that the section is valid, and then followed its pointer to the map of its parts.
Between the two, the removal frees the map and clears the pointer.

Commit: 5ec8e8ea8b77 "mm/sparsemem: fix race in accessing memory_section->usage", v6.8. After the
fix the removal marks the section as invalid, clears the pointer, and frees the map after a grace
period; readers are in RCU's read side, and look at the pointer before they follow it.
Left out: what the map says, and sections of which only a part is removed. Who gets a NULL pointer
and follows it fails as well; that is the same look at `usage`, and not counted apart.
"""

from locking import (
    Allocation,
    Case,
    Cell,
    Expect,
    Model,
    Rcu,
    System,
    Thread,
    deadlock_free,
    no_misuse,
)

rcu, has_mem_map = Rcu("rcu"), Cell("section.has_mem_map", True)
usage, map_ = Cell("section.usage", "map"), Allocation("map", subsections=1)


async def pfn_valid() -> None:
    """valid_section() and pfn_section_valid()."""
    if await has_mem_map.READ_ONCE() and await usage.READ_ONCE() is not None:
        await map_.subsections.READ_ONCE()


async def pfn_valid_rcu() -> None:
    """Look at the section in RCU's read side."""
    await rcu.rcu_read_lock()
    await pfn_valid()
    await rcu.rcu_read_unlock()


async def section_deactivate() -> None:
    """Free the map at once."""
    await map_.kfree()
    await usage.WRITE_ONCE(None)
    await has_mem_map.WRITE_ONCE(False)


async def section_deactivate_rcu() -> None:
    """Free the map once nobody looks at it: kfree_rcu()."""
    await has_mem_map.WRITE_ONCE(False)
    await usage.WRITE_ONCE(None)
    await rcu.synchronize_rcu()
    await map_.kfree()


def build(case: Case) -> System:
    """Compaction meets the section, and memunmap_pages() removes it."""
    before = case.variant == "before"
    threads = [
        Thread("compaction", pfn_valid if before else pfn_valid_rcu),
        Thread("remover", section_deactivate if before else section_deactivate_rcu),
    ]
    return System([rcu, has_mem_map, usage, map_], threads, [no_misuse(), deadlock_free()])


MODEL = Model(
    "kernel_bugs.section_usage",
    "The map of a section that is removed",
    build,
    variants=("before", "after"),
    expected=(Expect("no-misuse", "it is freed under the reader", variants=("before",)),),
)
