"""The proposals of the mail thread, as placements.

`W` below is mem_hotplug_lock held for writing, `R` for reading. A, Z, H, I, C, L2 are the steps
ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, INIT_PAGES, SET_CONTIGUOUS, SECOND_LOOP; I' is the single
pass INIT_DEVICE_PAGES of v4.20. Roles that a placement leaves out are those of v4.19: `V4_19`.
"""

from locking import Placement, Space
from locking.models.memory_hotplug.memory import device_hotplug_lock, pgdat_resize_lock
from locking.models.memory_hotplug.memory import mem_hotplug_lock as hotplug
from locking.models.memory_hotplug.others import (
    OFFLINE_PAGES,
    ONLINE_PAGES,
    WALK_ONLINE_PFNS,
    WALK_PFNS,
)
from locking.models.memory_hotplug.pages import (
    INIT_DEVICE_PAGES,
    INIT_DEVICE_PAGES_SEQLOCK,
    INIT_PAGES,
    RAISE_HIGHEST,
    RAISE_HIGHEST_ATOMIC,
    SECOND_LOOP,
)
from locking.models.memory_hotplug.sections import (
    ADD_SECTIONS,
    ADD_SECTIONS_INDEX_LOCK,
    ADD_SECTIONS_MARKED,
    REMOVE_SECTIONS,
    REMOVE_SECTIONS_MARKED,
)
from locking.models.memory_hotplug.zone import (
    KEEP_SPAN,
    RESIZE_ZONE,
    RESIZE_ZONE_LOCKED,
    RESIZE_ZONE_MARKED,
    SET_CONTIGUOUS,
    SET_CONTIGUOUS_LOCKED,
    SHRINK_ZONE,
)

ADDER = (
    ADD_SECTIONS,
    ADD_SECTIONS_INDEX_LOCK,
    ADD_SECTIONS_MARKED,
    RESIZE_ZONE,
    RESIZE_ZONE_LOCKED,
    RESIZE_ZONE_MARKED,
    RAISE_HIGHEST,
    RAISE_HIGHEST_ATOMIC,
    INIT_PAGES,
    INIT_DEVICE_PAGES,
    INIT_DEVICE_PAGES_SEQLOCK,
    SET_CONTIGUOUS,
    SET_CONTIGUOUS_LOCKED,
    SECOND_LOOP,
)
BLOCK = (ONLINE_PAGES, OFFLINE_PAGES)
WALK = (WALK_PFNS, WALK_ONLINE_PFNS)

STEPS = {
    "adder": ADDER,
    "hmm_adder": ADDER,
    "remover": (SHRINK_ZONE, KEEP_SPAN, REMOVE_SECTIONS, REMOVE_SECTIONS_MARKED),
    "onliner": BLOCK,
    "sysfs_onliner": BLOCK,
    "offliner": BLOCK,
    "walker": WALK,
    "reader": WALK,
}
"""The roles, and the steps that a placement may arrange in each.

`hmm_adder` is like `adder`, unless the placement says otherwise."""

V4_19 = Placement(
    "v4.19",
    remover=[hotplug.write(SHRINK_ZONE, REMOVE_SECTIONS)],
    onliner=[hotplug.write(ONLINE_PAGES)],
    sysfs_onliner=[device_hotplug_lock.hold(ONLINE_PAGES)],
    offliner=[hotplug.write(OFFLINE_PAGES)],
    walker=[WALK_PFNS],
    reader=[hotplug.read(WALK_PFNS)],
)

SYSFS_LOCKED = device_hotplug_lock.hold(hotplug.write(ONLINE_PAGES))
"""online_pages() takes mem_hotplug_lock itself, since v4.20 (381eab4a6ee8)."""

BASELINE = Placement(
    "baseline",
    about="v4.19: all but the second loop over the pages is under the write lock",
    adder=[
        hotplug.write(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, INIT_PAGES, SET_CONTIGUOUS),
        SECOND_LOOP,
    ],
)

DUYCK = Placement(
    "duyck",
    about="v4.20, 966cf44f637e: pages are initialised without the lock",
    adder=[
        hotplug.write(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, SET_CONTIGUOUS),
        INIT_DEVICE_PAGES,
    ],
    sysfs_onliner=[SYSFS_LOCKED],
)

DUYCK_NOSHRINK = Placement(
    "duyck-noshrink",
    about="v5.4: as duyck, and ZONE_DEVICE is not shrunk",
    adder=DUYCK.roles["adder"],
    remover=[hotplug.write(KEEP_SPAN, REMOVE_SECTIONS)],
    sysfs_onliner=[SYSFS_LOCKED],
)

HOCKO = Placement(
    "hocko",
    about="move_pfn_range_to_zone() out of the lock",
    adder=[
        hotplug.write(ADD_SECTIONS),
        RESIZE_ZONE,
        RAISE_HIGHEST,
        INIT_PAGES,
        SET_CONTIGUOUS,
        SECOND_LOOP,
    ],
)

HOCKO_OSCAR = Placement(
    "hocko-oscar",
    about="as hocko, and the start of an empty zone is set under the resize lock",
    adder=[
        hotplug.write(ADD_SECTIONS),
        RESIZE_ZONE_LOCKED,
        RAISE_HIGHEST,
        INIT_PAGES,
        SET_CONTIGUOUS,
        SECOND_LOOP,
    ],
)

WILLIAMS_DEEPER = Placement(
    "williams-deeper",
    about="the lock is taken later: sections are added before it",
    adder=[
        ADD_SECTIONS,
        hotplug.write(RESIZE_ZONE, RAISE_HIGHEST, INIT_PAGES, SET_CONTIGUOUS),
        SECOND_LOOP,
    ],
)

WILLIAMS_DEEPER_IDXLOCK = Placement(
    "williams-deeper-idxlock",
    about="as williams-deeper, and sparse_index_init() has a lock",
    adder=[
        ADD_SECTIONS_INDEX_LOCK,
        hotplug.write(RESIZE_ZONE, RAISE_HIGHEST, INIT_PAGES, SET_CONTIGUOUS),
        SECOND_LOOP,
    ],
)

WILLIAMS_RWSEM_GAP = Placement(
    "williams-rwsem-gap",
    about="the rwsem: write is released before read is taken",
    adder=[
        hotplug.write(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, SET_CONTIGUOUS),
        hotplug.read(INIT_DEVICE_PAGES),
    ],
)

WILLIAMS_RWSEM_DOWNGRADE = Placement(
    "williams-rwsem-downgrade",
    about="the rwsem: write is downgraded to read",
    adder=[
        hotplug.write(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, SET_CONTIGUOUS).downgrade(
            INIT_DEVICE_PAGES
        ),
    ],
)

SHARED = Placement(
    "shared",
    about="adders hold the lock for reading over the whole add; others write",
    adder=[
        hotplug.read(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, INIT_DEVICE_PAGES, SET_CONTIGUOUS)
    ],
)

SHARED_OSCAR_IDXLOCK = Placement(
    "shared-oscar-idxlock",
    about="as shared, with two repairs of the discussion: lock for zone start, lock for the index",
    adder=[
        hotplug.read(
            ADD_SECTIONS_INDEX_LOCK,
            RESIZE_ZONE_LOCKED,
            RAISE_HIGHEST,
            INIT_DEVICE_PAGES,
            SET_CONTIGUOUS,
        )
    ],
)

SHARED_REPAIRED = Placement(
    "shared-repaired",
    about="as shared, with every race repaired",
    adder=[
        hotplug.read(
            ADD_SECTIONS_MARKED,
            RESIZE_ZONE_MARKED,
            RAISE_HIGHEST_ATOMIC,
            INIT_DEVICE_PAGES_SEQLOCK,
            SET_CONTIGUOUS_LOCKED,
        )
    ],
    remover=[hotplug.write(SHRINK_ZONE, REMOVE_SECTIONS_MARKED)],
    sysfs_onliner=[SYSFS_LOCKED],
    walker=[WALK_ONLINE_PFNS],
    reader=[hotplug.read(WALK_ONLINE_PFNS)],
)

PLACEMENTS = (
    BASELINE,
    DUYCK,
    DUYCK_NOSHRINK,
    HOCKO,
    HOCKO_OSCAR,
    WILLIAMS_DEEPER,
    WILLIAMS_DEEPER_IDXLOCK,
    WILLIAMS_RWSEM_GAP,
    WILLIAMS_RWSEM_DOWNGRADE,
    SHARED,
    SHARED_OSCAR_IDXLOCK,
    SHARED_REPAIRED,
)

SPACE = Space(
    "adder",
    steps=(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, INIT_DEVICE_PAGES),
    locks=(hotplug, pgdat_resize_lock),
    base=SHARED_REPAIRED,
    scenarios=(
        "add-vs-add",
        "add-vs-remove",
        "add-in-hole-vs-remove",
        "add-vs-walker",
        "add-vs-reader",
        "hmm-add-vs-add",
    ),
)
"""What the thread is about: A, Z, H and I', and where they stand under the hotplug lock.

`pgdat_resize_lock` is offered too, because the thread says that resizing has a lock of its own.
Step C, which reads the span and stores nothing, is left out. The scenarios are those with an adder.
"""
