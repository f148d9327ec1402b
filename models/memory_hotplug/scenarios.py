"""Which roles run against each other, and what the zone holds when they begin.

Devices start at pfn 10 and lie twice their own length apart, so that there are holes.
"""

from collections.abc import Callable

from locking import Case, Property, Scenario, System, Thread, perform
from locking.models.memory_hotplug import properties as that
from locking.models.memory_hotplug.memory import Memory, Range
from locking.models.memory_hotplug.placements import BASELINE, V4_19

FIRST = 10


class Stage:
    """A case being set up: its memory, of which the devices numbered in `present` are there."""

    def __init__(
        self, case: Case, devices: int, present: tuple[int, ...] = (), *, online: bool = False
    ) -> None:
        self.case = case
        self.pages = int(case.scope["pages"])
        everything = [self.pfns(device) for device in range(devices)]
        there = tuple(pfn for device in present for pfn in everything[device])
        all_pfns = tuple(pfn for pfns in everything for pfn in pfns)
        self.memory = Memory(all_pfns, there, there if online else ())
        self.threads: list[Thread] = []
        self.ranges: list[Range] = []

    def pfns(self, device: int) -> tuple[int, ...]:
        """The pfns of a device."""
        start = FIRST + 2 * self.pages * device
        return tuple(range(start, start + self.pages))

    def act(self, role: str, name: str, pfns: tuple[int, ...]) -> Range:
        """Let a thread play `role` on `pfns`; what it works on."""
        own = Range(
            self.memory,
            name,
            pfns,
            one_step_resize=self.case.scope["resize"] == "one-step",
            hmm=role == "hmm_adder",
        )
        self.threads.append(Thread(name, perform, (self.trees(role), own)))
        self.ranges.append(own)
        return own

    def trees(self, role: str) -> tuple[object, ...]:
        """What the placement says of `role`; v4.19, where it says nothing."""
        roles = self.case.placement.roles if self.case.placement else BASELINE.roles
        fallback = roles.get("adder", BASELINE.roles["adder"])
        return roles[role] if role in roles else V4_19.roles.get(role, fallback)

    def add(self, device: int, role: str = "adder") -> Range:
        """An adder of a device."""
        pfns = self.pfns(device)
        return self.act(role, f"{'hmm' if role == 'hmm_adder' else 'adder'}-{pfns[0]}", pfns)

    def system(self, *properties: list[Property]) -> System:
        """The system, with the properties of every scenario and these."""
        chosen = [each for group in (*properties, that.everywhere()) for each in group]
        return System(self.memory.objects, self.threads, chosen)

    def owned(self) -> dict[str, tuple[int, ...]]:
        """For every thread the pfns that are its own."""
        return {own.owner: own.pfns for own in self.ranges}


def adding(case: Case, *roles: str) -> System:
    """Adders of these roles into an empty zone."""
    stage = Stage(case, len(roles))
    added = [stage.add(device, role) for device, role in enumerate(roles)]
    kept = [pfn for own in added for pfn in own.pfns]
    return stage.system(
        that.of_adding(stage.memory, added, kept),
        that.of_writers(stage.memory, stage.owned()),
        that.of_initialising_together(),
    )


def add_vs_add(case: Case) -> System:
    """As many adders as the scope says."""
    return adding(case, *["adder"] * int(case.scope["adders"]))


def hmm_add_vs_add(case: Case) -> System:
    """One adder of each path."""
    return adding(case, "hmm_adder", "adder")


def removing(case: Case, devices: int, present: tuple[int, ...]) -> System:
    """Device 1 is added while device 0 is removed."""
    stage = Stage(case, devices, present)
    added = stage.add(1)
    removed = stage.pfns(0)
    stage.act("remover", f"remover-{removed[0]}", removed)
    kept = [pfn for pfn in stage.memory.pfns if pfn not in removed]
    return stage.system(
        that.of_adding(stage.memory, [added], kept),
        that.of_writers(stage.memory, stage.owned()),
        that.of_looking(),
    )


def add_vs_remove(case: Case) -> System:
    """The zone holds nothing but the device that goes."""
    return removing(case, 2, (0,))


def add_in_hole_vs_remove(case: Case) -> System:
    """The zone holds the device that goes and one behind the hole."""
    return removing(case, 3, (0, 2))


def looking(case: Case, role: str) -> System:
    """A device is added, beside a block of memory in use, while `role` looks at every page."""
    stage = Stage(case, 2, (0,), online=True)
    added = stage.add(1)
    stage.act(role, role, stage.memory.pfns)
    return stage.system(that.of_adding(stage.memory, [added], stage.memory.pfns), that.of_looking())


def onlining(case: Case, first: str, second: str) -> System:
    """Two blocks go online or offline; the zone has two present to begin with."""
    stage = Stage(case, 4, (0, 1))
    stage.act(first, f"{first}-1", stage.pfns(2))
    stage.act(second, f"{second}-2", stage.pfns(3))
    change = {"onliner": 1, "sysfs_onliner": 1, "offliner": -1}
    blocks = 2 + change[first] + change[second]
    return stage.system(that.of_onlining(stage.memory, blocks * stage.pages))


BUILD: dict[str, Callable[[Case], System]] = {
    "add-vs-add": add_vs_add,
    "add-vs-remove": add_vs_remove,
    "add-in-hole-vs-remove": add_in_hole_vs_remove,
    "add-vs-walker": lambda case: looking(case, "walker"),
    "add-vs-reader": lambda case: looking(case, "reader"),
    "hmm-add-vs-add": hmm_add_vs_add,
    "online-vs-online": lambda case: onlining(case, "onliner", "onliner"),
    "online-vs-sysfs-online": lambda case: onlining(case, "onliner", "sysfs_onliner"),
    "online-vs-offline": lambda case: onlining(case, "onliner", "offliner"),
}

SCENARIOS = (
    Scenario("add-vs-add", "adders (two, or as the scope says) into an empty zone"),
    Scenario("add-vs-remove", "12 is added while 10, all that the zone holds, is removed"),
    Scenario("add-in-hole-vs-remove", "12 is added between 10 and 14 while 10 is removed"),
    Scenario("add-vs-walker", "12 is added while a task without the lock looks at every page"),
    Scenario("add-vs-reader", "the same, the task in get_online_mems()"),
    Scenario("hmm-add-vs-add", "hmm_devmem_pages_create() and devm_memremap_pages() at once"),
    Scenario("online-vs-online", "two blocks go online, both under the lock"),
    Scenario("online-vs-sysfs-online", "the same, one through sysfs .online, unlocked in v4.19"),
    Scenario("online-vs-offline", "one block goes online, another offline"),
)
