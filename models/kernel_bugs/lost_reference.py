"""A device holds one reference for all its pages, and lets go of one for each.

devm_memremap_pages() took a reference on its pgmap for every page, in the loop that initialised
them. A patch moved that loop elsewhere and took the references with it, but for one. The release
still gives one back for each page: the count falls below what the device itself holds, and whoever
waits for it to reach 0 may wait for ever. One run suffices; nobody else takes part.

Commit: 966cf44f637e, v4.20, the patch "mm: Defer ZONE_DEVICE page initialization to the point where
we init pgmap". The bug was in the patch as posted; percpu_ref_get_many() was folded in.
Left out: what else the pages are. Only how often the count is raised and lowered matters here.
"""

from locking import Case, Expect, Model, PercpuRef, System, Thread, deadlock_free, no_misuse

PAGES = 3
ref = PercpuRef("pgmap.ref")


async def device(references: int) -> None:
    """devm_memremap_pages(), then devm_memremap_pages_release()."""
    for _ in range(references):
        await ref.percpu_ref_get()
    await ref.percpu_ref_kill()
    for _ in range(PAGES):
        await ref.percpu_ref_put()


async def grace_period() -> None:
    """The switch to one count, some time after the kill."""
    await ref.percpu_ref_confirm_kill()


def build(case: Case) -> System:
    """A device of three pages that comes and goes."""
    references = 1 if case.variant == "before" else PAGES
    threads = [Thread("device", device, (references,)), Thread("rcu", grace_period)]
    return System([ref], threads, [no_misuse(), deadlock_free()])


MODEL = Model(
    "kernel_bugs.lost_reference",
    "References that a moved loop no longer takes",
    build,
    variants=("before", "after"),
    expected=(
        Expect("no-misuse", "one was taken, and one is put for each page", variants=("before",)),
    ),
)
