"""Total store order: stores wait in a buffer of their thread until they are visible to others.

Every operation of every object is done through the buffer, in place of what the model awaits. So
what threads are, and how a search goes through them, stays as it is. Words of memory work as on
x86 (Owens, Sarkar and Sewell, TPHOLs 2009): a load sees what its own thread has stored; an atomic
read-modify-write is a locked instruction, which first waits until the buffer is empty, and so is
an atomic block that stores. Other objects order what the kernel promises of them and no more: an
acquire does not wait for the buffer, a release goes through it, what is fully ordered waits.

A thread ends once its buffer is empty: what it stored is then seen by `at_end`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.objects.in_force import InForce
from locking.objects.observed import observed
from locking.objects.operation import ASK, DELAYED, OBSERVE, Object, Operation, Site
from locking.objects.order import Order
from locking.objects.region import region_in_mode, region_modes
from locking.objects.store_buffer import PendingStore, PendingStores, StoreBuffer
from locking.programs.algorithm import Performed, own_step
from locking.programs.constructs import atomic, forever, procedure
from locking.programs.frames import defined_at
from locking.programs.thread import Program, Thread
from locking.programs.traps import Instead

BUFFER_SUFFIX = ".stores"
"""What the name of a thread's buffer has after that of the thread; its own thread has it too."""


NOTHING_PENDING: PendingStores = ()


class Timing(Enum):
    """How an operation is done."""

    LOAD = "of what the thread has stored last, else of memory"
    STORE = "it goes into the buffer"
    RELEASE = "it goes into the buffer, and is done in the name of its thread"
    ACQUIRE = "at once, after what the thread has pending on the same object"
    LOCKED = "at once, when the buffer is empty"


class RegionNames(NamedTuple):
    """The operations by which an object is taken and let go as a region, by their names."""

    takes: frozenset[str]
    lets_go: frozenset[str]


def region_names(target: Object) -> RegionNames:
    """Those of an object. A thread must not ask for them: they would be steps that it forgot."""
    modes = [region_in_mode(target, mode, ()) for mode in region_modes(target)]
    takes = frozenset(each.acquire().name for each in modes)
    return RegionNames(takes, frozenset(each.release().name for each in modes))


def way_of(step: Operation, names: RegionNames) -> Timing:
    """How an operation is done, of an object with these operations as a region."""
    call = step.target.call(step.name)
    if call.access:
        stores = Timing.STORE if call.access.overwrites else Timing.LOCKED
        return stores if call.access.writes else Timing.LOAD
    if isinstance(call.ordering, Order):
        if call.ordering.full:
            return Timing.LOCKED
        if call.ordering.releases:
            return Timing.LOCKED if call.ordering.acquires else Timing.RELEASE
        return Timing.ACQUIRE
    if step.name in names.lets_go:
        return Timing.RELEASE
    takes = call.ordering is None and step.name.removeprefix(ASK) in names.takes
    return Timing.ACQUIRE if takes else Timing.LOCKED


@dataclass(frozen=True, slots=True)
class ThroughBuffer(Operation):
    """An operation of a store buffer, shown as it `says`; `meant` is what the thread awaits."""

    says: str = ""
    meant: Operation | None = None

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True)
class UntilDrained:
    """A program that ends once what its thread has stored is visible."""

    program: Program
    buffer: StoreBuffer
    site: Site

    @property
    def __wrapped__(self) -> Program:
        """The program itself, whose lines are shown."""
        return self.program

    async def __call__(self, *args: Any) -> None:
        """Run the program, then wait."""
        await self.program(*args)
        await drain(self.buffer, self.site)


async def drain(
    buffer: StoreBuffer, site: Site | None = None, meant: Operation | None = None
) -> None:
    """Wait until a buffer is empty; `site` is the line that is shown, where no line waits."""
    says = f"drain({buffer.name})"
    await own_step(ThroughBuffer(buffer, "drained", site=site, says=says, meant=meant))


def own_buffer() -> StoreBuffer | None:
    """The store buffer of the thread that runs now, if threads have buffers."""
    found: StoreBuffer | None = InForce.rules.buffers.get(observed.current.name)
    return found


async def through_buffer(names: RegionNames, step: Operation) -> Any:
    """What is done in place of an operation, by a thread that has a buffer."""
    await Instead(step)
    buffer = own_buffer()
    assert buffer
    way = way_of(step, names)
    if way is Timing.LOAD:
        return await loaded(buffer, step)
    if way is Timing.ACQUIRE:
        return await ordered_alone(buffer, step)
    if way is Timing.LOCKED or observed.in_block:
        return await locked(buffer, step)
    entry: tuple[Any, ...] = (step.target.name, step.name, step.args)
    if way is Timing.RELEASE:
        entry = (step.target.name, DELAYED, (observed.current.name, step.name, step.args))
    says = f"{step} into {buffer.name}"
    return await own_step(ThroughBuffer(buffer, "put", entry, step.site, says, step))


@procedure
async def loaded(buffer: StoreBuffer, step: Operation) -> Any:
    """The result of a load: of memory as it is once what the thread has pending is in it."""
    async with atomic():
        says = f"{step} in {buffer.name}"
        name, site = step.target.name, step.site
        look = ThroughBuffer(buffer, "pending", (name,), site, says, step)
        if pending := await own_step(look):
            memory = await own_step(Operation(step.target, OBSERVE, site=site))
            outcome = forwarded(step, memory, pending)
            if isinstance(outcome, tuple):
                return outcome[1]
        return await own_step(step)


def forwarded(step: Operation, memory: Any, pending: PendingStores) -> Any:
    """The outcome of a load, once what is pending is in memory."""
    me = observed.current.name
    for each in pending:
        outcome = step.target.step(each.name, memory, me, each.args)
        if not isinstance(outcome, tuple):
            return outcome
        memory = outcome[0]
    return step.target.step(step.name, memory, me, step.args)


async def ordered_alone(buffer: StoreBuffer, step: Operation) -> Any:
    """The result of an operation that waits for no store but those on the same object."""
    name = step.target.name
    says = f"drain({buffer.name} of {name})"
    await own_step(ThroughBuffer(buffer, "drained_of", (name,), step.site, says, step))
    return await own_step(step)


@procedure
async def locked(buffer: StoreBuffer, step: Operation) -> Any:
    """The result of an operation that finds the buffer empty."""
    await drain(buffer, step.site, step)
    return await own_step(step)


async def become_visible(buffer: StoreBuffer, objects: Mapping[str, Object], site: Site) -> None:
    """Bring what is pending to memory, one after the other, for ever."""
    await forever(oldest_to_memory, buffer, objects, site)


async def oldest_to_memory(buffer: StoreBuffer, objects: Mapping[str, Object], site: Site) -> None:
    """Bring the oldest step that is pending to memory. Errors: `ModelError`."""
    async with atomic():
        taken: PendingStore = await own_step(
            ThroughBuffer(buffer, "take", site=site, says=f"take({buffer.name})")
        )
        target = objects[taken.target]
        result = await own_step(Operation(target, taken.name, taken.args, site))
    if result is not None:
        raise ModelError(f"{taken} returned {result!r}, so it can't be delayed")


class Buffers(NamedTuple):
    """A system with store buffers: of threads by name; and what is done in place of operations."""

    objects: tuple[Object, ...]
    threads: tuple[Thread, ...]
    buffers: dict[str, StoreBuffer]
    performs: Mapping[Object, Performed]


def with_buffers(objects: Sequence[Object], threads: Sequence[Thread]) -> Buffers:
    """The system of these objects and threads, with store buffers."""
    buffers = {each.name: StoreBuffer(f"{each.name}{BUFFER_SUFFIX}") for each in threads}
    named = {each.name: each for each in objects}
    ending, draining = list[Thread](), list[Thread]()
    for each in threads:
        buffer, site = buffers[each.name], defined_at(each)
        ending.append(replace(each, program=UntilDrained(each.program, buffer, site)))
        draining.append(Thread(buffer.name, become_visible, (buffer, named, site), daemon=True))
    performs = {each: partial(through_buffer, region_names(each)) for each in objects}
    return Buffers((*objects, *buffers.values()), (*ending, *draining), buffers, performs)
