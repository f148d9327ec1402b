"""The shared state: what the threads of memory hotplug touch, by the kernel's names.

One page stands for one section and for one pageblock. A page frame number (pfn) is a plain number;
`Memory` has the cells of every pfn that a scenario speaks of.

Left out, and why that is sound here:
- the node's span (node_start_pfn, node_spanned_pages): written and read under pgdat_resize_lock
  only, and no property speaks of it;
- page tables of vmemmap and of the direct map: they would need locks of their own wherever
  ADD_SECTIONS leaves mem_hotplug_lock; placements that do so say it;
- zone->contiguous: always false for ZONE_DEVICE, whose sections are never online. The analysis of
  2018 names a stale true after an unlocked online; in v4.19 the scan that could set it runs before
  the block is online, so that outcome is not reachable by these steps;
- allocation failure, altmap: no proposal of the thread is about them;
- cpu_hotplug_lock, unless the scope asks for it (`cpus`): here it is only ever held for reading, so
  it keeps nobody out.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from locking import Cell, Mutex, Outcome, PercpuRwSem, Record, RwSem, Seqlock, Spinlock, access

mem_hotplug_lock = RwSem("mem_hotplug_lock")
"""An rwsem, as the proposal asks for. In the kernel it is a percpu_rwsem from v4.13, whose write
side is the same and which has no downgrade."""

cpu_hotplug_lock = PercpuRwSem("cpu_hotplug_lock")
"""Held for reading around mem_hotplug_lock held for writing: mem_hotplug_begin() calls
cpus_read_lock() first, mm/memory_hotplug.c, v4.19; so since v4.13 (3f906ba23689)."""

device_hotplug_lock = Mutex("device_hotplug_lock")
"""Taken around requests through sysfs: drivers/base/core.c, v4.19."""

pgdat_resize_lock = Spinlock("pgdat_resize_lock")
"""pgdat->node_size_lock: include/linux/memory_hotplug.h, v4.19."""

span_seqlock = Seqlock("span_seqlock")
"""zone->span_seqlock, over zone_start_pfn and spanned_pages."""

section_index_lock = Spinlock("section_index_lock")
"""A repair: the lock that the comment above sparse_index_init() claims it has (mm/sparse.c)."""

PRESENT = "present"
"""A section that is found from the root, mem_section: pfn_valid() is true."""

POISON = "poison"
"""page->flags of a memmap that was allocated and not initialised: PAGE_POISON_PATTERN."""

ZEROED = "zeroed"
"""page->flags after the memset in __init_single_page(): node 0, zone 0."""

LINKED = "linked"
"""page->flags after set_page_links(): the page belongs to its zone."""

LIST = "list pointer"
"""What INIT_LIST_HEAD(&page->lru) leaves in the words that pgmap and hmm_data overlay."""

LIST_POISON = "list poison"
"""What list_del(&page->lru) leaves there."""


class HighestPfn(Cell):
    """highest_memmap_pfn, with the atomic maximum that would repair its update."""

    @access(writes=True, marked=True)
    def atomic_max(self, value: int, me: str, pfn: int) -> Outcome:
        """Nothing; the value is at least `pfn`."""
        return max(value, pfn), None


class Memory:
    """The cells of `pfns`, of which `present` belong to the zone when the scenario starts.

    Those of `online` are blocks of ordinary memory, in use; all others are ZONE_DEVICE. A
    `section` is `PRESENT` while it can be found from the root, `mem_section`, and else None.
    """

    def __init__(
        self, pfns: tuple[int, ...], present: tuple[int, ...], online: tuple[int, ...] = ()
    ) -> None:
        self.pfns = pfns
        self.online = online
        self.mem_section = Cell("mem_section", "array" if present else None)
        self.section = {
            pfn: Cell(f"section{pfn}", PRESENT if pfn in present else None) for pfn in pfns
        }
        self.page = {pfn: page(pfn, pfn in present) for pfn in pfns}
        self.zone = Record(
            "zone",
            zone_start_pfn=min(present, default=0),
            spanned_pages=max(present) + 1 - min(present) if present else 0,
            present_pages=len(present),
        )
        self.highest_memmap_pfn = HighestPfn("highest_memmap_pfn", max(present, default=0))

    @property
    def objects(self) -> list[Any]:
        """Every shared object, locks included."""
        return [
            mem_hotplug_lock,
            device_hotplug_lock,
            pgdat_resize_lock,
            span_seqlock,
            section_index_lock,
            self.mem_section,
            *self.section.values(),
            *self.page.values(),
            self.zone,
            self.highest_memmap_pfn,
        ]


def page(pfn: int, initialised: bool) -> Record:
    """A struct page: page->flags, and the two words that pgmap and hmm_data overlay on lru."""
    start: tuple[Hashable, ...] = (LINKED, pgmap(pfn), 0) if initialised else (None, None, None)
    return Record(f"page{pfn}", **dict(zip(("flags", "pgmap", "hmm_data"), start, strict=True)))


def pgmap(pfn: int) -> str:
    """The dev_pagemap of the device that owns `pfn`."""
    return f"pgmap of {pfn}"


@dataclass(frozen=True)
class Range:
    """What a role works on: `pfns`, which are its own, and how finely a resize is modelled.

    `hmm` says that the range is added by hmm_devmem_pages_create(), not devm_memremap_pages().
    """

    memory: Memory
    owner: str
    pfns: tuple[int, ...]
    one_step_resize: bool = False
    hmm: bool = False

    @property
    def start(self) -> int:
        """The first pfn."""
        return self.pfns[0]

    @property
    def end(self) -> int:
        """The pfn after the last."""
        return self.pfns[-1] + 1
