"""What one thread has of a lock: so that the lock's own rule can be asked what others decide.

The state of such a lock is what every thread has of it, and nothing else. What its rule answers
depends on what the asking thread has, and on which things some other thread has; never on how many
others have them, nor on who they are. So a rule that is asked beside one other thread for each
thing that others have answers for any number of threads. Only kinds of locks of which that is known
are here, by their exact class: tests compare their rules with up to three other threads.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from locking.objects.exclusive import Spinlock
from locking.objects.operation import Holding, Object
from locking.objects.reader_writer import Fairness, PercpuRwSem, ReaderWriter, RwState
from locking.objects.seqlock import Looking, Seqcount, Seqlock
from locking.objects.seqlock import Sequence as SequenceLock
from locking.programs.sleeping.mutex import Mutex
from locking.programs.sleeping.rwsem import RwSem

Had = tuple[str, ...]
"""What a thread has of a lock, sorted: the modes in which it holds it, and how it waits for it."""


class LockParts(NamedTuple):
    """How the state of a kind of lock is taken apart by threads, and put together.

    `things` are all that a thread can have, `alone` the one that only one thread has. `joined` is
    None where no run leads to such a state. `outside` says why a lock does not fit, if it does not.
    """

    things: tuple[str, ...]
    alone: str
    apart: Callable[[Any], dict[str, list[str]]]
    joined: Callable[[Mapping[str, Had]], Any]
    outside: Callable[[Any], str]


def owner_apart(owner: str | None) -> dict[str, list[str]]:
    """An exclusive lock: its owner has it."""
    return {} if owner is None else {owner: ["held"]}


def owner_joined(had: Mapping[str, Had]) -> tuple[str | None] | None:
    """The owner, in a tuple; None for two."""
    owners = [name for name, things in had.items() if things]
    return None if len(owners) > 1 else (owners[0] if owners else None,)


def readers_apart(state: RwState) -> dict[str, list[str]]:
    """A lock of readers and writers: who holds it, and which writers wait."""
    found: dict[str, list[str]] = {}
    for name in state.readers:
        found.setdefault(name, []).append("read")
    for waiter in state.queue:
        found.setdefault(waiter.thread, []).append(f"waits to {waiter.mode}")
    if state.writer is not None:
        found.setdefault(state.writer, []).append("write")
    return found


def readers_joined(had: Mapping[str, Had]) -> tuple[RwState] | None:
    """Its state; None for two writers, or a writer beside readers."""
    writers = [name for name, things in had.items() if "write" in things]
    readers = sorted(name for name, things in had.items() for each in things if each == "read")
    queue = sorted(Holding(name, "write") for name, things in had.items() if WAITS in things)
    if len(writers) > 1 or (writers and readers):
        return None
    return (RwState(writers[0] if writers else None, tuple(readers), tuple(queue)),)


WAITS = "waits to write"


def sequence_apart(state: Looking) -> dict[str, list[str]]:
    """A sequence without a count: who writes, and who has begun to read since."""
    found = {name: ["looking"] for name in state.looking}
    if state.writer is not None:
        found.setdefault(state.writer, []).append("write")
    return found


def sequence_joined(had: Mapping[str, Had]) -> tuple[Looking] | None:
    """Its state; None for two writers, or a writer beside who has just begun to read."""
    writers = [name for name, things in had.items() if "write" in things]
    looking = frozenset(name for name, things in had.items() if "looking" in things)
    if len(writers) > 1 or (writers and looking):
        return None
    return (Looking(writers[0] if writers else None, looking),)


def fits_always(_: Object) -> str:
    """Nothing is wrong with a lock of this kind."""
    return ""


def first_come(lock: ReaderWriter) -> str:
    """What is wrong with a lock that keeps the order in which threads came."""
    fifo = lock.fairness is Fairness.FIFO
    return "keeps its waiters in a row, whose length grows with the threads" if fifo else ""


def counting_sequence(lock: SequenceLock) -> str:
    """What is wrong with a sequence that counts."""
    return "" if lock.unbounded else "counts its writers; declare it with unbounded=True"


EXCLUSIVE_PARTS = LockParts(("held",), "held", owner_apart, owner_joined, fits_always)
READERS_PARTS = LockParts(
    ("read", "write", WAITS), "write", readers_apart, readers_joined, first_come
)

SEQUENCE_PARTS = LockParts(
    ("looking", "write"), "write", sequence_apart, sequence_joined, counting_sequence
)

LOCK_PARTS: dict[type, LockParts] = {
    Spinlock: EXCLUSIVE_PARTS,
    Mutex: EXCLUSIVE_PARTS,
    RwSem: READERS_PARTS,
    PercpuRwSem: READERS_PARTS,
    Seqlock: SEQUENCE_PARTS,
    Seqcount: SEQUENCE_PARTS,
}
"""The kinds of locks that fit, each with how it is taken apart."""


ALL_THINGS = frozenset(thing for parts in LOCK_PARTS.values() for thing in parts.things)
"""All that a thread can have of any lock."""


def had_by(lock: Object, state: Hashable, name: str) -> Had:
    """What a thread has of a lock in a state of it."""
    return tuple(sorted(LOCK_PARTS[type(lock)].apart(state).get(name, ())))


def state_of(lock: Object, had: Mapping[str, Had]) -> tuple[Any] | None:
    """The state in which threads have these things, in a tuple; None where no run leads to it."""
    found: tuple[Any] | None = LOCK_PARTS[type(lock)].joined(had)
    return found


def things_of(lock: Object) -> Sequence[str]:
    """What a thread can have of a lock."""
    things = LOCK_PARTS[type(lock)].things
    queues = isinstance(lock, ReaderWriter) and lock.fairness is Fairness.WRITER_BLOCKS_READERS
    return things if queues or WAITS not in things else [each for each in things if each != WAITS]


def alone_of(lock: Object) -> str:
    """What only one thread can have of a lock."""
    return LOCK_PARTS[type(lock)].alone


def things_apart(lock: Object, state: Any) -> list[list[str]]:
    """What each thread has of a lock that has anything."""
    return list(LOCK_PARTS[type(lock)].apart(state).values())
