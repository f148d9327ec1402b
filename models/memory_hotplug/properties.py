"""What must be true of memory hotplug; every property by the name that reports use."""

from collections.abc import Mapping, Sequence

from locking import (
    Property,
    View,
    always,
    at_end,
    data_race_free,
    deadlock_free,
    never,
    no_misuse,
    required,
    sometimes_together,
)
from locking.models.memory_hotplug.memory import (
    LINKED,
    LIST,
    LIST_POISON,
    PRESENT,
    Memory,
    Range,
    mem_hotplug_lock,
    pgmap,
)


def everywhere() -> list[Property]:
    """Properties of every scenario."""
    return [deadlock_free(), no_misuse(), data_race_free()]


def of_adding(memory: Memory, added: Sequence[Range], kept: Sequence[int]) -> list[Property]:
    """Properties of scenarios in which ranges are `added`; the pfns `kept` are there at the end."""
    highest = max(pfn for own in added for pfn in own.pfns)
    return [
        required("init-inside-span", "a page is in the zone's span when it is initialised"),
        at_end(
            "zone-span",
            lambda s: all(spanned(s, memory, pfn) for pfn in kept),
            "at the end, the zone's span covers every page that is left in it",
        ),
        at_end(
            "no-lost-section",
            lambda s: all(s[memory.section[pfn]] == PRESENT for pfn in kept),
            "at the end, every section that was added is valid",
        ),
        at_end(
            "highest-pfn",
            lambda s: s[memory.highest_memmap_pfn] >= highest,
            f"at the end, highest_memmap_pfn is at least {highest}",
        ),
        at_end(
            "pgmap-set",
            lambda s: all(
                s[memory.page[pfn].pgmap] == pgmap(own.start) for own in added for pfn in own.pfns
            ),
            "at the end, page->pgmap of every added page is its device's",
        ),
        never(
            "init-once",
            lambda s: any(initialised_again(s, memory, pfn) for own in added for pfn in own.pfns),
            "no word of a struct page that was initialised is initialised again",
        ),
    ]


def of_initialising_together() -> list[Property]:
    """Properties of scenarios with several adders."""
    return [
        sometimes_together(
            "parallel-init", "page-init", "page-init", "page initialisations run in parallel"
        )
    ]


def of_writers(memory: Memory, owned: Mapping[str, tuple[int, ...]]) -> list[Property]:
    """Properties of what a task that holds the lock for writing may rely on.

    `owned` are, for every thread, the pfns that it adds or removes itself.
    """
    return [
        never(
            "writer-excludes-init",
            lambda s: any(
                name != s[mem_hotplug_lock].writer
                for name in s.inside("page-init")
                if s[mem_hotplug_lock].writer is not None
            ),
            "nobody initialises pages while another holds mem_hotplug_lock for writing",
        ),
        always(
            "sync-point",
            lambda s: (
                (writer := s[mem_hotplug_lock].writer) is None
                or all(
                    s[memory.page[pfn].flags] == LINKED
                    for pfn in memory.pfns
                    if pfn not in owned.get(writer, ()) and in_use(s, memory, pfn)
                )
            ),
            "while a task holds mem_hotplug_lock for writing, every page in the zone's span that "
            "is not its own is initialised",
        ),
    ]


def of_looking() -> list[Property]:
    """Properties of scenarios in which somebody reads pages that another may be adding."""
    return [required("no-poison-read", "page->flags is read of initialised pages only")]


def of_onlining(memory: Memory, present: int) -> list[Property]:
    """Properties of scenarios in which memory blocks go online and offline."""
    return [
        at_end(
            "present-pages",
            lambda s: s[memory.zone.present_pages] == present,
            f"at the end, zone->present_pages is {present}",
        )
    ]


def spanned(s: View, memory: Memory, pfn: int) -> bool:
    """Whether the zone's span covers `pfn`: zone_spans_pfn()."""
    start = s[memory.zone.zone_start_pfn]
    return bool(start <= pfn < start + s[memory.zone.spanned_pages])


def in_use(s: View, memory: Memory, pfn: int) -> bool:
    """Whether `pfn` is in the span and has a memmap."""
    return spanned(s, memory, pfn) and s[memory.section[pfn]] is not None


def initialised_again(s: View, memory: Memory, pfn: int) -> bool:
    """Whether somebody is about to initialise words that an earlier pass has initialised."""
    cells = memory.page[pfn]
    if s[cells.flags] == LINKED and s.about_to(cells.flags, "write"):
        return True
    return s[cells.pgmap] in (LIST, LIST_POISON, pgmap(pfn)) and bool(
        s.about_to(cells.pgmap, "write")
    )
