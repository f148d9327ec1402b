"""Where does the memory hotplug lock belong? The question of the mail thread of September 2018.

Kernel: v4.19 where not said otherwise. What each file leaves out, and why that is sound, is in its
own first lines. The locks and the steps, with which placements are written, are exported here.
"""

from locking import Model, Parameter
from locking.models.memory_hotplug.expected import EXPECTED
from locking.models.memory_hotplug.memory import (
    device_hotplug_lock,
    mem_hotplug_lock,
    pgdat_resize_lock,
    section_index_lock,
)
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
from locking.models.memory_hotplug.placements import PLACEMENTS, SPACE, STEPS
from locking.models.memory_hotplug.scenarios import CAST, SCENARIOS, build
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

__all__ = [
    "ADD_SECTIONS",
    "ADD_SECTIONS_INDEX_LOCK",
    "ADD_SECTIONS_MARKED",
    "INIT_DEVICE_PAGES",
    "INIT_DEVICE_PAGES_SEQLOCK",
    "INIT_PAGES",
    "KEEP_SPAN",
    "OFFLINE_PAGES",
    "ONLINE_PAGES",
    "RAISE_HIGHEST",
    "RAISE_HIGHEST_ATOMIC",
    "REMOVE_SECTIONS",
    "REMOVE_SECTIONS_MARKED",
    "RESIZE_ZONE",
    "RESIZE_ZONE_LOCKED",
    "RESIZE_ZONE_MARKED",
    "SECOND_LOOP",
    "SET_CONTIGUOUS",
    "SET_CONTIGUOUS_LOCKED",
    "SHRINK_ZONE",
    "WALK_ONLINE_PFNS",
    "WALK_PFNS",
    "device_hotplug_lock",
    "hotplug",
    "mem_hotplug_lock",
    "pgdat_resize_lock",
    "section_index_lock",
]

hotplug = mem_hotplug_lock
"""`mem_hotplug_lock` by a name short enough for a placement."""


MODEL = Model(
    "memory_hotplug",
    "Where does the memory hotplug lock belong?",
    build,
    scenarios=SCENARIOS,
    placements=PLACEMENTS,
    parameters=(
        Parameter("adders", 2, "devices added in parallel in add-vs-add", least=2, most=5),
        Parameter("pages", 1, "pages (and sections) of a device", least=1, most=4),
        Parameter(
            "resize",
            "stepwise",
            "whether a resize of the zone's span is one step",
            words=("stepwise", "one-step"),
        ),
        Parameter(
            "cpus",
            "left-out",
            "whether writers of mem_hotplug_lock read cpu_hotplug_lock around it, as from v4.13",
            words=("left-out", "locked"),
            in_lockorder="locked",
        ),
    ),
    expected=EXPECTED,
    steps=STEPS,
    cast=CAST,
    space=SPACE,
    notes={step.name: step.kernel for steps in STEPS.values() for step in steps},
)
