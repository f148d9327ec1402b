"""Total store order: stores wait in a buffer of their thread until they are visible to others.

Every operation of every object is done through the buffer, in place of what the model awaits. So
what threads are, and how a search goes through them, stays as it is. Words of memory work as on
x86 (Owens, Sarkar and Sewell, TPHOLs 2009): a load sees what its own thread has stored, and an
atomic read-modify-write that changes the word waits until the buffer is empty. Other objects order
what they say that they order: who acquires does not wait for the buffer, a release goes through it,
and a full barrier waits. An atomic block that does more than load waits too.

A thread ends once its buffer is empty: what it stored is then seen by `at_end`.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, TypeGuard

from locking.errors import ModelError
from locking.objects.in_force import InForce
from locking.objects.observed import observed
from locking.objects.operation import (
    ASK,
    DELAYED,
    OBSERVE,
    OF_EVERY_OBJECT,
    WAIT,
    Misuse,
    Object,
    Operation,
    Outcome,
    Queue,
    Site,
)
from locking.objects.order import Order
from locking.objects.region import region_in_mode, region_modes
from locking.objects.store_buffer import PendingStore, PendingStores, StoreBuffer
from locking.programs.algorithm import Performed, own_step
from locking.programs.constructs import CancelledError, atomic, forever, procedure
from locking.programs.frames import defined_at
from locking.programs.keys import typed
from locking.programs.thread import Program, Thread
from locking.programs.traps import Instead
from locking.scope import fix

BUFFER_SUFFIX = ".stores"
"""What the name of a thread's buffer has after that of the thread; its own thread has it too."""


LOOKS = ("pending", OBSERVE)
"""Operations by which a thread looks what it would see, in the step in which it then acts."""


class Timing(Enum):
    """When an operation is done, beside what its thread has pending."""

    LOAD = "immediately: it sees what the thread has pending"
    STORE = "later: it is pending"
    RELEASE = "later, unless it has to wait or returns something"
    QUIET = "later, if it changes something and returns nothing"
    ACQUIRE = "immediately, after what the thread has pending on the same object"
    CHANGE = "immediately where it changes nothing, else when nothing is pending"
    FENCE = "when nothing is pending"


class RegionNames(NamedTuple):
    """The operations by which an object is taken and let go as a region, by their names."""

    takes: frozenset[str]
    lets_go: frozenset[str]


def region_names(target: Object) -> RegionNames:
    """Those of an object. A thread must not ask for them: they would be steps that it forgot."""
    modes = [region_in_mode(target, mode, ()) for mode in region_modes(target)]
    takes = frozenset(each.acquire().name for each in modes)
    return RegionNames(takes, frozenset(each.release().name for each in modes))


def timing_of(step: Operation, names: RegionNames) -> Timing:
    """When an operation is done, of an object with these operations as a region."""
    call = step.target.call(step.name)
    order = call.ordering if isinstance(call.ordering, Order) else None
    if order and (order.full or (order.acquires and order.releases)):
        return Timing.FENCE  # also where it changes nothing
    if call.access:
        if not call.access.writes:
            return Timing.LOAD
        return Timing.STORE if call.access.overwrites else Timing.CHANGE
    if step.name.removeprefix(ASK) in names.takes or step.name in OF_EVERY_OBJECT:
        return Timing.ACQUIRE
    if step.name in names.lets_go:
        return Timing.RELEASE
    if order is None:
        return Timing.CHANGE
    quiet = Timing.ACQUIRE if order.acquires else Timing.QUIET
    return Timing.RELEASE if order.releases else quiet


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
        """Run the program, then wait; also if it ends because it is cancelled."""
        try:
            await self.program(*args)
        except CancelledError:
            await drain(self.buffer, self.site)
            raise
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
    timing = timing_of(step, names)
    if timing is Timing.LOAD:
        return await loaded(buffer, step)
    if timing is Timing.STORE and not observed.in_block:
        return await delay(buffer, step)
    if timing in (Timing.RELEASE, Timing.QUIET, Timing.CHANGE):
        later = timing is not Timing.CHANGE and not observed.in_block
        done, result = await attempted(buffer, step, later=later)
        if done:
            return result
    if timing in (Timing.ACQUIRE, Timing.QUIET):
        return await ordered_alone(buffer, step)
    return await fenced(buffer, step)


async def delay(buffer: StoreBuffer, step: Operation) -> None:
    """Let a step be pending, in the name of its thread."""
    entry = (step.target.name, observed.current.name, step.name, step.args)
    says = f"{step} into {buffer.name}"
    await own_step(ThroughBuffer(buffer, "put", entry, step.site, says, step))


class Seen(NamedTuple):
    """What a thread sees of an object with what it has pending: its state, and the outcome."""

    state: Any
    outcome: Any


async def seen_by_thread(buffer: StoreBuffer, step: Operation, *, always: bool) -> Seen | None:
    """What the thread would see of the object of a step; None where what is pending can't be.

    It is None as well where nothing is pending, unless the thread looks `always`.
    """
    look = (step.site, f"look for {step}", step)
    pending: PendingStores
    pending = await own_step(ThroughBuffer(buffer, "pending", (step.target.name,), *look))
    if not pending and not always:
        return None
    state = await own_step(ThroughBuffer(step.target, OBSERVE, (), *look))
    for each in pending:
        outcome = step.target.step(each.name, state, each.whose, each.args)
        if not is_taken(outcome):
            return None
        state = outcome[0]
    return Seen(state, step.target.step(step.name, state, observed.current.name, step.args))


def is_taken(outcome: Outcome) -> TypeGuard[tuple[Any, Any]]:
    """Whether a step is taken that has this outcome: it neither waits nor is a misuse."""
    return outcome is not WAIT and not isinstance(outcome, Queue | Misuse)


async def answered(buffer: StoreBuffer, step: Operation, result: Any) -> Any:
    """The result of a step that was done with what is pending, as one that a trace shows."""
    says = f"{step} of {buffer.name}"
    return await own_step(ThroughBuffer(buffer, "told", (result,), step.site, says, step))


@procedure
async def loaded(buffer: StoreBuffer, step: Operation) -> Any:
    """The result of a load: of memory as it is once what the thread has pending is in it."""
    async with atomic():
        seen = await seen_by_thread(buffer, step, always=False)
        if seen and is_taken(seen.outcome):
            return await answered(buffer, step, seen.outcome[1])
        return await own_step(step)


@procedure
async def attempted(buffer: StoreBuffer, step: Operation, *, later: bool) -> tuple[bool, Any]:
    """Whether a step is done without waiting for the buffer, and its result.

    It is if it changes nothing and orders nothing, as a load; and if it may come `later`, if it
    neither waits nor returns anything.
    """
    async with atomic():
        seen = await seen_by_thread(buffer, step, always=True)
        if seen is None or not is_taken(seen.outcome):
            return False, None
        state, result = seen.outcome
        if typed(state) == typed(seen.state) and orders_nothing(step, result):
            return True, await answered(buffer, step, result)
        if later and result is None:
            await delay(buffer, step)
            return True, None
    return False, None


def orders_nothing(step: Operation, result: Any) -> bool:
    """Whether a step that changed nothing and returned `result` orders nothing."""
    ordering = step.target.call(step.name).ordering
    order = ordering(result, step.args) if callable(ordering) else ordering
    return order is None or not (order.acquires or order.releases or order.full)


async def ordered_alone(buffer: StoreBuffer, step: Operation) -> Any:
    """The result of an operation that waits for no store but those on the same object."""
    name = step.target.name
    says = f"drain({buffer.name} of {name})"
    await own_step(ThroughBuffer(buffer, "drained_of", (name,), step.site, says, step))
    return await own_step(step)


@procedure
async def fenced(buffer: StoreBuffer, step: Operation) -> Any:
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
        target, args = objects[taken.target], (taken.whose, taken.name, taken.args)
        result = await own_step(ThroughBuffer(target, DELAYED, args, site, repr(taken)))
    if result is not None:
        raise ModelError(f"{taken} returned {result!r}: what returns something can't be delayed")


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
        ended = copy(each)  # a `Child` has no other way to be changed
        fix(ended, program=UntilDrained(each.program, buffer, site))
        ending.append(ended)
        draining.append(Thread(buffer.name, become_visible, (buffer, named, site), daemon=True))
    performs = {each: partial(through_buffer, region_names(each)) for each in objects}
    return Buffers((*objects, *buffers.values()), (*ending, *draining), buffers, performs)
