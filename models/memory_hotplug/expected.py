"""The verdicts that are not *holds*, each with its reason; `locking check` compares.

Those for a one-step resize are the published answers of the thread's analysis; what a stepwise
resize adds is marked STEPWISE, and docs/findings.md shows the runs.
"""

from itertools import chain

from locking import Expect

STEPWISE = {"resize": ("stepwise",)}

ADDS = ("add-vs-add", "hmm-add-vs-add")
REMOVE = ("add-vs-remove",)
HOLE = ("add-in-hole-vs-remove",)
WALKER = ("add-vs-walker",)
READER = ("add-vs-reader",)
SYSFS = ("online-vs-sysfs-online",)

HOCKO = ("hocko", "hocko-oscar")
DEEPER = ("williams-deeper", "williams-deeper-idxlock")
DUYCK = ("duyck", "duyck-noshrink")
GAP = ("williams-rwsem-gap",)
DOWNGRADE = ("williams-rwsem-downgrade",)
SHARED = ("shared", "shared-oscar-idxlock")
V4_19 = ("baseline", *HOCKO, *DEEPER)
UNREPAIRED = (*V4_19, *DUYCK, *GAP, *DOWNGRADE, *SHARED)


def fails(
    property_: str, scenarios: tuple[str, ...], placements: tuple[str, ...], because: str
) -> Expect:
    """A property that fails, whatever the scope."""
    return Expect(property_, because, scenarios=scenarios, placements=placements)


def fails_stepwise(
    property_: str, scenarios: tuple[str, ...], placements: tuple[str, ...], because: str
) -> Expect:
    """A property that fails because a resize is not one step."""
    return Expect(property_, because, scenarios=scenarios, placements=placements, scope=STEPWISE)


PARALLELISM = (
    fails(
        "parallel-init",
        ADDS,
        ("baseline", *DEEPER),
        "pages are initialised under the write lock",
    ),
    fails(
        "parallel-init",
        ADDS,
        DOWNGRADE,
        "the next adder's down_write waits for the initialiser, which holds the lock for reading",
    ),
    fails(
        "init-once",
        (),
        V4_19,
        "v4.19 walks the memmap twice: list pointers first, the pgmap in a second loop",
    ),
)

WRITERS = (
    fails(
        "writer-excludes-init",
        (),
        (*DUYCK, *HOCKO),
        "pages are initialised with no lock held",
    ),
    fails(
        "sync-point",
        (),
        (*DUYCK, *HOCKO),
        "a writer meets a span that covers pages not initialised yet",
    ),
    fails(
        "sync-point",
        (),
        GAP,
        "a writer gets in between up_write and down_read, and the page is not initialised yet",
    ),
    fails(
        "sync-point",
        HOLE,
        DEEPER,
        "a section in a hole of the span is valid before its page is initialised",
    ),
    Expect(
        "sync-point",
        "with three adders there is a hole: the same as in add-in-hole-vs-remove",
        scenarios=("add-vs-add",),
        placements=DEEPER,
        scope={"adders": (3, 4, 5)},
    ),
)

SPAN = (
    fails(
        "zone-span",
        ADDS,
        ("hocko", "shared"),
        "init_currently_empty_zone() stores zone_start_pfn over another's resize",
    ),
    fails_stepwise(
        "zone-span",
        (*REMOVE, *HOLE),
        ("duyck", *HOCKO),
        "the remover stores a span that it computed before the page was initialised",
    ),
    fails(
        "init-inside-span",
        ADDS,
        ("hocko", "shared"),
        "the span was lost to another adder's store of zone_start_pfn",
    ),
    fails(
        "init-inside-span",
        REMOVE,
        ("duyck", *HOCKO, *GAP),
        "the remover doesn't recognise the page and cuts it out of the span",
    ),
    fails_stepwise(
        "init-inside-span",
        ADDS,
        (*DUYCK, "hocko-oscar", "shared-oscar-idxlock"),
        "zone_spans_pfn() reads the span between the two stores of another's resize",
    ),
    fails_stepwise(
        "init-inside-span",
        HOLE,
        ("duyck", *HOCKO, *GAP),
        "the remover doesn't recognise the page and moves zone_start_pfn past it",
    ),
)

LOST = (
    fails(
        "highest-pfn",
        ADDS,
        (*HOCKO, *SHARED),
        "highest_memmap_pfn is read, compared and written with no lock",
    ),
    fails(
        "no-lost-section",
        ADDS,
        ("williams-deeper", "shared"),
        "sparse_index_init() checks and sets mem_section with no lock",
    ),
    fails(
        "present-pages",
        SYSFS,
        (*V4_19, *GAP, *DOWNGRADE, *SHARED),
        "sysfs .online does not take mem_hotplug_lock in v4.19 (381eab4a6ee8)",
    ),
)

POISON = (
    fails(
        "no-poison-read",
        (*REMOVE, *HOLE),
        ("duyck", *HOCKO, *GAP),
        "the remover looks at a page in the span that is not initialised yet",
    ),
    fails(
        "no-poison-read",
        HOLE,
        DEEPER,
        "the section is valid, and in a hole of the span, before the adder has the lock",
    ),
    fails(
        "no-poison-read",
        WALKER,
        UNREPAIRED,
        "pfn_valid() is true before the page is initialised (aad5f69bc161)",
    ),
    fails(
        "no-poison-read",
        READER,
        tuple(name for name in UNREPAIRED if name != "baseline"),
        "get_online_mems() excludes writers, and the page is not initialised by one",
    ),
)

RACES = (
    fails(
        "data-race",
        ADDS,
        (*DUYCK, *HOCKO, *SHARED),
        "the span, or highest_memmap_pfn, is read with no lock while another adder stores it",
    ),
    fails("data-race", ADDS, ("williams-deeper",), "sparse_index_init() stores with no lock"),
    fails(
        "data-race",
        (*REMOVE, *HOLE),
        ("duyck", *HOCKO),
        "the remover reads page->flags while they are being initialised",
    ),
    fails("data-race", WALKER, UNREPAIRED, "the walker reads with no lock"),
    fails(
        "data-race",
        READER,
        tuple(name for name in UNREPAIRED if name != "baseline"),
        "a reader of the lock doesn't exclude an adder that does not hold it for writing",
    ),
    fails(
        "data-race",
        SYSFS,
        (*V4_19, *GAP, *DOWNGRADE, *SHARED),
        "present_pages is written with and without mem_hotplug_lock",
    ),
)

EXPECTED = tuple(chain(PARALLELISM, WRITERS, SPAN, LOST, POISON, RACES))
