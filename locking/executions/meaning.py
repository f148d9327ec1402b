"""What an operation is to a memory model: the events of one step, and their tags.

Tags are those of tools/memory-model/linux-kernel.bell. Read-modify-writes are as herd7 makes them
of linux-kernel.def: a full one is a read and a write between two full fences, one that returns
nothing has a read that orders nothing, and one that is conditional and does not change the word is
a read without order.
"""

from collections.abc import Callable, Hashable
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.objects.atomic import Atomic
from locking.objects.fences import Fences
from locking.objects.operation import WAIT, Call, Misuse, Object, Operation, Queue
from locking.objects.order import NO_ORDER, Order
from locking.objects.word import Word
from locking.programs.keys import typed

FENCE_TAGS = {
    "smp_mb": "mb",
    "smp_rmb": "rmb",
    "smp_wmb": "wmb",
    "smp_mb__before_atomic": "before-atomic",
    "smp_mb__after_atomic": "after-atomic",
    "smp_mb__after_spinlock": "after-spinlock",
}
"""The tag of each fence."""

DEREFERENCES = {"rcu_dereference"}
"""Loads that order only what is reached through their result: no more than other marked loads."""

KEPT_WITHOUT_WRITE = {"refcount_inc_not_zero", "atomic_max"}
"""Operations without order that do not write if they leave the word as it is."""

KERNELS_WORDS = (Word, Atomic)
"""Words whose operations that acquire and release are full barriers, Documentation/atomic_t.txt."""


class Touching(Enum):
    """How an operation touches memory."""

    LOAD = "it reads"
    STORE = "it writes, whatever was there"
    UPDATE = "it reads and writes"
    FENCE = "it orders only"
    OWN = "it asks what its own thread did before"


class DraftEvent(NamedTuple):
    """An event without its place in an execution. `key` is its value, as one is compared."""

    kind: str
    tags: tuple[str, ...]
    location: str = ""
    value: Any = None
    key: Hashable = None
    ends_update: bool = False
    """Whether it is the write of a read-modify-write whose read is the last one before."""


class SeenValue(NamedTuple):
    """A value of a word, and as one is compared."""

    value: Any
    key: Hashable


class StepDone(NamedTuple):
    """A step that was taken: its result and the events.

    `state` is what the rule of the object keeps of the thread, if it is asked for that alone.
    """

    result: Any
    events: tuple[DraftEvent, ...]
    state: Any = None


class Meaning(NamedTuple):
    """What an operation is: the word that it is about, and what it does to a value of that.

    `do` is given the thread and the value. It returns None if the thread has to wait.
    """

    word: str
    touching: Touching
    do: Callable[[str, Any], StepDone | Misuse | None]
    looks: str = "R"
    """The kind of event by which a thread sees that it misuses an object."""
    own: Callable[[Any], Hashable] = lambda _: None
    """The part of a value that nobody but its own thread changes."""


def outcome_of(step: Operation, me: str, state: Any) -> tuple[Any, Any] | Misuse | None:
    """The new state and the result of an operation; None where it has to wait, or queue up."""
    outcome = step.target.step(step.name, state, me, step.args)
    return None if outcome is WAIT or isinstance(outcome, Queue) else outcome


def meaning_in_memory(step: Operation) -> Meaning | None:
    """What an access to memory or a barrier is; None for any other operation."""
    name = step.target.name
    if isinstance(step.target, Fences):
        fence = StepDone(None, (DraftEvent("F", (FENCE_TAGS[step.name],)),))
        return Meaning(name, Touching.FENCE, lambda _me, _state: fence)
    call = step.target.call(step.name)
    if call.access is None:
        return None
    way = Touching.LOAD
    if call.access.writes:
        way = Touching.STORE if call.access.overwrites else Touching.UPDATE
    return Meaning(name, way, partial(access_done, step, way))


def access_done(step: Operation, way: Touching, me: str, state: Any) -> StepDone | Misuse | None:
    """An access of thread `me` that finds its word in `state`; None if it has to wait.

    Errors: `ModelError`.
    """
    outcome = step.target.step(step.name, state, me, step.args)
    if outcome is WAIT:
        return None
    if isinstance(outcome, Misuse):
        return outcome
    if isinstance(outcome, Queue):
        raise ModelError(f"{step} queues up, which --memory lkmm does not know")
    new, result = outcome
    call, word = step.target.call(step.name), step.target.name
    order = ordered_by(call, result, step.args)
    if way is Touching.LOAD:
        return StepDone(result, (access_at(word, "R", load_tags(call, order, step.name), state),))
    if way is Touching.STORE:
        return StepDone(result, (access_at(word, "W", store_tags(call, order), new),))
    return StepDone(result, update_events(step, order, state, new, result))


def access_at(word: str, kind: str, tags: tuple[str, ...], value: Any) -> DraftEvent:
    """An event at a word."""
    return DraftEvent(kind, tags, word, value, typed(value))


def ordered_by(call: Call[Any], result: Any, args: tuple[Hashable, ...]) -> Order:
    """What an operation orders that returned `result`."""
    ordering = call.ordering or NO_ORDER
    return ordering if isinstance(ordering, Order) else ordering(result, args)


def is_marked(call: Call[Any]) -> bool:
    """Whether an access is marked."""
    return call.access is not None and call.access.marked


def load_tags(call: Call[Any], order: Order, name: str) -> tuple[str, ...]:
    """The tags of a load."""
    if order.acquires and name not in DEREFERENCES:
        return ("acquire",)
    return ("once",) if is_marked(call) else ("plain",)


def store_tags(call: Call[Any], order: Order) -> tuple[str, ...]:
    """The tags of a store."""
    if order.releases:
        return ("release",)
    return ("once",) if is_marked(call) else ("plain",)


def update_events(
    step: Operation, order: Order, old: Any, new: Any, result: Any
) -> tuple[DraftEvent, ...]:
    """The events of a read-modify-write. Errors: `ModelError` for one that is not marked."""
    target = step.target
    call = target.call(step.name)
    if not is_marked(call):
        raise ModelError(f"{step} reads and writes in one step, and is not marked")
    if not has_written(step, call, order, old, new):
        return (access_at(target.name, "R", ("once", "rmw"), old),)
    full = is_full(target, call, order)
    reads, ends = ("once", "once") if full else update_tags(order, result)
    read = access_at(target.name, "R", (reads, "rmw"), old)
    write = access_at(target.name, "W", (ends, "rmw"), new)._replace(ends_update=True)
    if full:
        fence = DraftEvent("F", ("mb",))
        return (fence, read, write, fence)
    return (read, write)


def is_full(target: Object, call: Call[Any], order: Order) -> bool:
    """Whether full barriers are around a read-modify-write."""
    ours = isinstance(target, KERNELS_WORDS) and call.rule.__module__.startswith("locking.objects")
    return ours and order.acquires and order.releases


def has_written(step: Operation, call: Call[Any], order: Order, old: Any, new: Any) -> bool:
    """Whether a read-modify-write has written: one that is conditional may only have read."""
    if typed(old) != typed(new):
        return True
    if order != NO_ORDER or not (callable(call.ordering) or step.name in KEPT_WITHOUT_WRITE):
        return True
    return "cmpxchg" in step.name and typed(step.args[0]) == typed(old)


def update_tags(order: Order, result: Any) -> tuple[str, str]:
    """The tags of the read and the write of a read-modify-write that has written."""
    acquires, releases = order.acquires, order.releases
    silent = result is None and not acquires
    read = "acquire" if acquires else "noreturn" if silent else "once"
    return read, "release" if releases else "once"
