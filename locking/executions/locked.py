"""What locks keep in order, so that fewer orders are left to choose.

The theorems and their proofs are in docs/memory-models.md, "Where locks order everything". Their
conditions are asked of the trees, so of all that threads may do for any value that others write.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.executions.guarding import Guarding
from locking.executions.meaning import DraftEvent
from locking.executions.orderings import is_misuse
from locking.executions.trees import TakenWay, ThreadTree
from locking.memory_models.sources import READ_KINDS, WRITE_KINDS
from locking.objects.fences import Fences
from locking.objects.lockdep import SHARED
from locking.objects.operation import Object, Operation
from locking.programs.sleeping.rwsem import RwSem
from locking.properties.ordering import modes_held

LocksByName = Mapping[str, Object]
"""The locks that may guard words, by their names."""

HeldLocks = frozenset[tuple[str, bool]]
"""The locks that a thread holds, each with whether it holds it alone."""


@dataclass
class WordUse:
    """How threads use a word, and the locks that are held whenever they do."""

    threads: set[int] = field(default_factory=set)
    written: bool = False
    plain: bool = False
    locks: frozenset[str] | None = None

    def add(self, thread: int, event: DraftEvent, held: HeldLocks) -> None:
        """Add an access. A store is guarded by locks that are held alone."""
        writes = event.kind in WRITE_KINDS
        locks = frozenset(name for name, alone in held if alone or not writes)
        self.threads.add(thread)
        self.written |= writes
        self.plain |= "plain" in event.tags
        self.locks = locks if self.locks is None else self.locks & locks

    @property
    def unguarded(self) -> bool:
        """Whether threads share it, one of them writes it, and no lock guards it."""
        return len(self.threads) > 1 and self.written and not self.locks


class LockedUse(NamedTuple):
    """What is known of threads and locks.

    `locks` are those that may guard words. `unguarded` are the words that are shared, and that no
    lock guards; `marked` is whether all accesses to these are. `in_order` says that every step is
    an access, a fence, or an operation of these locks that takes them or lets them go.
    """

    locks: frozenset[str]
    unguarded: frozenset[str]
    marked: bool
    in_order: bool
    locks_in_order: bool
    """Whether the operations of all locks are one order, which agrees with each thread."""

    @property
    def words_in_turns(self) -> frozenset[str]:
        """The words of which it counts which thread is first; of others a lock decides that."""
        return self.locks | self.unguarded

    @property
    def interleaved(self) -> bool:
        """Whether there are no executions but those of interleavings."""
        return self.in_order and self.marked and len(self.unguarded) <= 1


def locked_use(roots: Sequence[ThreadTree], names: Sequence[str], guarding: Guarding) -> LockedUse:
    """How threads with these names and trees use their locks, and words."""
    locks = guarding.locks
    uses: dict[str, WordUse] = {}
    in_order = locks_in_order = True
    for thread, root in enumerate(roots):
        for tree, way, held in held_at_ways(root, names[thread], locks):
            in_order &= keeps_order(tree, way, locks)
            locks_in_order &= not looks_only(way, locks)
            for each in way.events:
                if each.location:
                    uses.setdefault(each.location, WordUse()).add(thread, each, held)
    unguarded = {name for name, use in uses.items() if name not in locks and use.unguarded}
    shared = [uses[name] for name, each in locks.items() if name in uses and is_shared(each)]
    return LockedUse(
        frozenset(locks),
        frozenset(unguarded),
        not any(uses[name].plain for name in unguarded),
        in_order and not guarding.taken_again,
        locks_in_order and len(shared) <= 1 and all(len(each.threads) <= 2 for each in shared),
    )


def is_shared(lock: Object) -> bool:
    """Whether several threads may hold a lock."""
    return isinstance(lock, RwSem)


def looks_only(way: TakenWay, locks: LocksByName) -> bool:
    """Whether a step looks at a lock and does not change it: a try that fails, or a misuse."""
    kinds = {each.kind for each in way.events if each.location in locks}
    return bool(kinds & READ_KINDS) and not kinds & WRITE_KINDS


def keeps_order(tree: ThreadTree, way: TakenWay, locks: LocksByName) -> bool:
    """Whether a step is in order if the words are guarded that it touches."""
    step = tree.position.next
    if not isinstance(step, Operation) or isinstance(step.target, Fences):
        return True
    if is_misuse(way):
        return False
    if step.target.call(step.name).access is not None:
        return True
    return step.target.name in locks and not looks_only(way, locks)


def held_at_ways(
    root: ThreadTree, me: str, locks: LocksByName
) -> Iterator[tuple[ThreadTree, TakenWay, HeldLocks]]:
    """All ways of a tree, each with the locks that the thread may hold there.

    A step that takes a lock, or lets it go, holds it: what else it does, as to count a sequence, it
    does inside.
    """
    waiting: list[tuple[ThreadTree, HeldLocks]] = [(root, frozenset())]
    met = {(id(root), waiting[0][1])}
    while waiting:
        tree, held = waiting.pop()
        for way in tree.ways:
            after = locks_after(way, me, locks, held)
            yield tree, way, held | after
            if (id(way.then), after) not in met:
                met.add((id(way.then), after))
                waiting.append((way.then, after))


def locks_after(way: TakenWay, me: str, locks: LocksByName, held: HeldLocks) -> HeldLocks:
    """The locks that a thread holds behind a way."""
    for each in way.events:
        if each.kind in WRITE_KINDS and each.location in locks:
            held = frozenset(pair for pair in held if pair[0] != each.location)
            modes = modes_held(locks[each.location], each.value, me)
            if modes:
                held |= {(each.location, not modes.keys() & SHARED)}
    return held
