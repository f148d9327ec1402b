"""The span of a node is computed from pages that nobody has initialised.

To shrink a node, the remover looks through all valid sections for those of the node. The section of
a device that is being added is valid, but what its memmap says of a node is nothing that anybody
wrote. So it does not count, and the node that is left ends before it.

Commit: 00d6c019b5bc "mm/memory_hotplug: don't access uninitialized memmaps in shrink_pgdat_span()",
v5.4-rc5. The fix computes the span of the node from those of its zones.
Left out: blocks that were added and never went online, which have the same kind of memmap; all
zones but one; the locks of the spans. Whoever writes to a span here holds mem_hotplug_lock.
"""

from locking import Case, Cell, Expect, Model, PercpuRwSem, System, Thread, at_end, deadlock_free

mem_hotplug_lock = PercpuRwSem("mem_hotplug_lock")
node, zone = Cell("node.span", (0, 2)), Cell("zone.span", (0, 2))
valid, nid = Cell("section[2].valid", False), Cell("page[2].nid", "poison")


async def add() -> None:
    """devm_memremap_pages() of pfn 2, and memmap_init_zone_device()."""
    async with mem_hotplug_lock.write():
        await valid.write(True)
        for each in (zone, node):
            start, _ = await each.read()
            await each.write((start, 3))
    await nid.write(0)


async def remove(looks_at_pages: bool) -> None:
    """__remove_zone() of pfn 0; pfn 1 stays."""
    async with mem_hotplug_lock.write():
        _, end = await zone.read()
        await zone.write((1, end))
        if looks_at_pages:
            end = 3 if await valid.read() and await nid.read() == 0 else 2
        await node.write((1, end))


def build(case: Case) -> System:
    """A device is added while memory is removed."""
    threads = [Thread("adder", add), Thread("remover", remove, (case.variant == "before",))]
    spans = at_end("node-span", lambda s: s[node] == (1, 3), "pfns 1 and 2 are in the node")
    objects = [mem_hotplug_lock, node, zone, valid, nid]
    return System(objects, threads, [spans, deadlock_free()])


MODEL = Model(
    "kernel_bugs.shrink_pgdat_span",
    "A node that is shrunk by what uninitialised pages say",
    build,
    variants=("before", "after"),
    expected=(Expect("node-span", "the new page is not known to be in it", variants=("before",)),),
)
