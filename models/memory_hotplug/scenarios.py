"""Which roles run against each other, and what the zone holds when they begin.

A scenario is a mix of roles, and one builder makes the system of any mix: of those that have a name
here, and of every other that `CAST` allows. Devices start at pfn 10 and lie twice their own length
apart, so that there are holes. From the lowest pfn up they are:

- the device of the remover, which is there. zone.py leaves out a removal at the upper end of the
  zone's span; so there is one remover at most, and it goes from the lower end;
- blocks of ordinary memory in use: two where blocks go online or offline, else one where somebody
  looks at pages, else none;
- a device for each adder, which is not there yet;
- the device of the bystander, which is there and stays, so that what is added below it is added in
  a hole. A bystander is no thread;
- a block for each role that takes one online or offline.

A role that looks at pages looks at all of these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from locking import Case, Property, Region, Scenario, System, Thread, perform
from locking.models.memory_hotplug import properties as that
from locking.models.memory_hotplug.memory import Memory, Range, cpu_hotplug_lock, mem_hotplug_lock
from locking.models.memory_hotplug.placements import BASELINE, V4_19

FIRST = 10

MOST_STAGES = 64
"""Mixes of roles whose memory is cached, each with its number of pages."""

ADDERS = ("adder", "hmm_adder")
LOOKERS = ("walker", "reader")

BLOCKS = {"onliner": 1, "sysfs_onliner": 1, "offliner": -1}
"""The number of blocks by which a role changes what is present."""

CAST = {
    "adder": 8,
    "hmm_adder": 5,
    "remover": 1,
    "walker": 4,
    "reader": 4,
    "onliner": 4,
    "sysfs_onliner": 4,
    "offliner": 2,
    "bystander": 1,
}
"""How many of each role there may be. Only two blocks are there that could go offline."""

ADD_VS_ADD = Scenario(
    "add-vs-add", "adders (two, or as the scope says) into an empty zone", ("adder", "adder")
)

SCENARIOS = (
    ADD_VS_ADD,
    Scenario(
        "add-vs-remove",
        "12 is added while 10, all that the zone holds, is removed",
        ("adder", "remover"),
    ),
    Scenario(
        "add-in-hole-vs-remove",
        "12 is added between 10 and 14 while 10 is removed",
        ("adder", "remover", "bystander"),
    ),
    Scenario(
        "add-vs-walker",
        "12 is added while a task without the lock looks at every page",
        ("adder", "walker"),
    ),
    Scenario("add-vs-reader", "the same, the task in get_online_mems()", ("adder", "reader")),
    Scenario(
        "hmm-add-vs-add",
        "hmm_devmem_pages_create() and devm_memremap_pages() at the same time",
        ("hmm_adder", "adder"),
    ),
    Scenario(
        "online-vs-online", "two blocks go online, both under the lock", ("onliner", "onliner")
    ),
    Scenario(
        "online-vs-sysfs-online",
        "the same, one through sysfs .online, unlocked in v4.19",
        ("onliner", "sysfs_onliner"),
    ),
    Scenario(
        "online-vs-offline", "one block goes online, another offline", ("onliner", "offliner")
    ),
)


@dataclass(frozen=True)
class Device:
    """Pages in a row, or a block; `owner` is the number of a role, None for memory in use."""

    owner: int | None
    pfns: tuple[int, ...]
    present: bool


def build(case: Case) -> System:
    """The system of a case."""
    roles = case.scenario.roles
    if case.scenario == ADD_VS_ADD:
        roles = ("adder",) * int(case.scope["adders"])
    one_step = case.scope["resize"] == "one-step"
    devices, memory, acting = stage(roles, int(case.scope["pages"]), one_step=one_step)
    cpus = case.scope["cpus"] == "locked"
    return System(
        [*memory.objects, *([cpu_hotplug_lock] if cpus else [])],
        [
            Thread(own.owner, perform, (under_cpus(placed) if cpus else placed, own))
            for role, own in acting
            for placed in [trees(case, role)]
        ],
        list(properties(acting, devices, memory)),
    )


@lru_cache(MOST_STAGES)
def stage(
    roles: tuple[str, ...], pages: int, *, one_step: bool
) -> tuple[Sequence[Device], Memory, Sequence[tuple[str, Range]]]:
    """What there is and what is to come, its memory, and who acts on what: one for all placements.

    Objects only say what there is; what they hold is in the states of a search.
    """
    devices = line_up(roles, pages)
    memory = memory_of(devices)
    return devices, memory, tuple(ranges(roles, devices, memory, one_step=one_step))


def line_up(roles: Sequence[str], pages: int) -> list[Device]:
    """What there is, and what is to come, from the lowest pfn up."""

    def of(*wanted: str) -> list[int]:
        return [number for number, role in enumerate(roles) if role in wanted]

    in_use = 2 if of(*BLOCKS) else 1 if of(*LOOKERS) else 0
    there = [*of("remover"), *[None] * in_use, *of("bystander")]
    order = [*of("remover"), *[None] * in_use, *of(*ADDERS), *of("bystander"), *of(*BLOCKS)]
    starts = [FIRST + 2 * pages * number for number in range(len(order))]
    return [
        Device(owner, tuple(range(start, start + pages)), owner in there)
        for owner, start in zip(order, starts, strict=True)
    ]


def memory_of(devices: Sequence[Device]) -> Memory:
    """Their memory, in which those are present that are there to begin with."""

    def pfns(chosen: Sequence[Device]) -> tuple[int, ...]:
        return tuple(pfn for device in chosen for pfn in device.pfns)

    return Memory(
        pfns(devices),
        pfns([device for device in devices if device.present]),
        pfns([device for device in devices if device.owner is None]),
    )


def ranges(
    roles: Sequence[str], devices: Sequence[Device], memory: Memory, *, one_step: bool
) -> Iterator[tuple[str, Range]]:
    """Every role that acts, with what it works on."""
    owned = {device.owner: device.pfns for device in devices}
    for number, role in enumerate(roles):
        if role != "bystander":
            pfns = owned.get(number, memory.pfns)
            yield (
                role,
                Range(
                    memory,
                    name(roles, number, pfns[0]),
                    pfns,
                    one_step_resize=one_step,
                    hmm=role == "hmm_adder",
                ),
            )


def name(roles: Sequence[str], number: int, start: int) -> str:
    """What the thread is called that plays a role: by its first pfn, or by a number."""
    role, before = roles[number], roles[:number]
    if role in BLOCKS:
        return f"{role}-{1 + sum(each in BLOCKS for each in before)}"
    if role in LOOKERS:
        return f"{role}-{1 + before.count(role)}" if role in before else role
    return f"{'hmm' if role == 'hmm_adder' else role}-{start}"


def trees(case: Case, role: str) -> tuple[object, ...]:
    """What the placement says of `role`; v4.19, where it says nothing."""
    roles = case.placement.roles if case.placement else BASELINE.roles
    fallback = roles.get("adder", BASELINE.roles["adder"])
    return roles[role] if role in roles else V4_19.roles.get(role, fallback)


def under_cpus(placed: tuple[object, ...]) -> tuple[object, ...]:
    """Trees in which mem_hotplug_lock is taken for writing as mem_hotplug_begin() does it.

    That is inside of cpu_hotplug_lock, held for reading. Where a placement takes the lock without
    a region, that is left as it is.
    """
    found: list[object] = []
    for tree in placed:
        if isinstance(tree, Region):
            tree = replace(tree, body=under_cpus(tree.body))
            if tree.lock is mem_hotplug_lock and tree.mode == "write":
                tree = replace(cpu_hotplug_lock.read(tree), site=tree.site)
        found.append(tree)
    return tuple(found)


def properties(
    acting: Sequence[tuple[str, Range]], devices: Sequence[Device], memory: Memory
) -> Iterator[Property]:
    """Those that speak of something that these roles do."""
    added = [own for role, own in acting if role in ADDERS]
    changing = {own.owner: own.pfns for role, own in acting if role not in LOOKERS}
    removed = [pfn for role, own in acting if role == "remover" for pfn in own.pfns]
    there = [pfn for device in devices if device.present for pfn in device.pfns]
    if added:
        everything = [*there, *(pfn for own in added for pfn in own.pfns)]
        kept = [pfn for pfn in everything if pfn not in removed]
        yield from that.of_adding(memory, added, kept)
    if added and len(changing) > 1:
        yield from that.of_writers(memory, changing)
    if len(added) > 1:
        yield from that.of_initialising_together()
    if any(role in ("remover", *LOOKERS) for role, _ in acting):
        yield from that.of_looking()
    if any(role in BLOCKS for role, _ in acting):
        change = sum(BLOCKS.get(role, 0) * len(own.pfns) for role, own in acting)
        yield from that.of_onlining(memory, len(there) + change)
    yield from that.everywhere()
