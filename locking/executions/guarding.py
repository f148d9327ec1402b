"""Cells that are only written under a lock: who takes the lock finds them as they were left.

A thread that holds a lock in any mode reads such a cell as the last holder left it, or as it wrote
it itself since: any other value breaks an axiom, for the lock orders the store and the read. So
what a lock hands over includes its cells. Its word also says how often each thread has changed it.
By that a thread knows that what it reads does not come from what it does only later.

A lock orders that only if it is one of the kernel's own: of a class that is made of one, any
operation may have an order of its own. Nor does an rwsem that a thread takes again after it shared
it: who stopped sharing it meanwhile is ordered before `up_read`, which acquires nothing, and no
axiom orders `up_read` before what the same thread takes next.

A cell is guarded by a lock only if every store to it is by a thread that holds the lock alone,
whatever threads read: `any_values` says so.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from locking.executions.meaning import DraftEvent, SeenValue
from locking.memory_models.sources import READ_KINDS, WRITE_KINDS
from locking.objects.exclusive import Spinlock
from locking.objects.lockdep import SHARED
from locking.objects.operation import Object
from locking.objects.seqlock import Seqlock
from locking.programs.keys import typed
from locking.programs.sleeping.mutex import Mutex
from locking.programs.sleeping.rwsem import RwSem
from locking.properties.ordering import modes_held

GUARDING_LOCKS = (Spinlock, Seqlock, Mutex, RwSem)
"""Locks that may guard cells, and no class made of them. The state of each is one word."""

Guards = Mapping[str, frozenset[str]]
"""The locks that guard each cell, by their names."""


class LockTurn(NamedTuple):
    """The word of a lock, as one is compared: its state, and what is handed over with it.

    `turns` says how often each thread has changed it; `cells` are those that it guards.
    """

    state: Hashable
    turns: tuple[tuple[str, int], ...]
    cells: tuple[tuple[str, SeenValue], ...]

    def turns_of(self, thread: str) -> int:
        """How often a thread has changed it."""
        return dict(self.turns).get(thread, 0)


class KnownByLocks(NamedTuple):
    """What a thread holds, whether alone, and the cells that it knows by that.

    `shared` are the locks that it has let go after it shared them.
    """

    alone: Mapping[str, bool] = {}
    known: Mapping[str, SeenValue] = {}
    shared: frozenset[str] = frozenset()

    def as_key(self) -> Hashable:
        """What two of them are compared by."""
        return frozenset(self.alone.items()), frozenset(self.known.items()), self.shared


NOTHING_HELD = KnownByLocks()


class TakenStep(NamedTuple):
    """The events of a step, with what locks hand over in them, and what the thread has then."""

    events: tuple[DraftEvent, ...]
    has: KnownByLocks


def may_guard(lock: Object, state: Any) -> bool:
    """Whether a lock that starts in a state may guard cells.

    Whoever takes it acquires what was released. One that starts held was not taken in any order.
    """
    return type(lock) in GUARDING_LOCKS and not lock.holders(state)


def key_in_state(key: Hashable, state: Any) -> Hashable:
    """The key of a word in another state. What is handed over with it stays as it is."""
    return key._replace(state=typed(state)) if isinstance(key, LockTurn) else typed(state)


def value_key(key: Hashable) -> Hashable:
    """A value as one is compared, without what is handed over with it."""
    return key.state if isinstance(key, LockTurn) else key


class Guarding:
    """What the locks of a system guard."""

    def __init__(self, locks: Collection[Object], guards: Guards) -> None:
        self.locks = {each.name: each for each in locks}
        self.cells = {
            name: sorted(cell for cell, by in guards.items() if name in by) for name in self.locks
        }
        self.guards = guards
        self.taken_again: set[str] = set()
        """The locks that a thread may take after it shared them."""

    def initial(self, initial: Mapping[str, SeenValue]) -> dict[str, SeenValue]:
        """The initial values, those of locks with what they hand over at first."""

        def first(name: str) -> SeenValue:
            seen = initial[name]
            if name not in self.locks:
                return seen
            cells = tuple((cell, first(cell)) for cell in self.cells[name])
            return seen._replace(key=LockTurn(seen.key, (), cells))

        return {name: first(name) for name in initial}

    def may_see(self, me: str, own: SeenValue, seen: SeenValue) -> bool:
        """Whether a thread may find a word as it is `seen`, that it left as its `own`.

        It has changed a lock no more often since, and others no less often.
        """
        if not isinstance(seen.key, LockTurn) or not isinstance(own.key, LockTurn):
            return True
        mine, there = own.key, seen.key
        return there.turns_of(me) == mine.turns_of(me) and all(
            there.turns_of(name) >= count for name, count in mine.turns
        )

    def taken(
        self, word: str, me: str, seen: SeenValue, events: tuple[DraftEvent, ...], has: KnownByLocks
    ) -> TakenStep | None:
        """A step on a word that is found as it is `seen`, by a thread that `has` so much.

        None if the lock that it takes was left with another value of a cell that it knows.
        """
        events = tuple(as_seen(each, word, seen) for each in events)
        states = [each.value for each in events if writes_word(each, word)]
        if not isinstance(seen.key, LockTurn) or not states:
            return TakenStep(events, has._replace(known=known_after(events, has.known)))
        alone = self.alone_after(word, me, states[-1], has)
        known: Mapping[str, SeenValue] = has.known
        self.taken_again |= has.shared & alone.keys()
        if word not in has.alone:
            left = dict(seen.key.cells)
            if word in alone and any(known.get(cell, each) != each for cell, each in left.items()):
                return None
            known = {**known, **left}
        known = known_after(events, known)
        turns = {**dict(seen.key.turns), me: seen.key.turns_of(me) + 1}
        cells = tuple((cell, known[cell]) for cell in self.cells[word])
        turn = LockTurn(None, tuple(sorted(turns.items())), cells)
        events = tuple(with_turn(each, word, turn) for each in events)
        known = {
            cell: each
            for cell, each in known_after(events, known).items()
            if self.guards[cell] & alone.keys()
        }
        let_go = {name for name, each in has.alone.items() if not each} - alone.keys()
        return TakenStep(events, KnownByLocks(alone, known, has.shared | let_go))

    def alone_after(self, word: str, me: str, state: Any, has: KnownByLocks) -> Mapping[str, bool]:
        """The locks that a thread holds once its step left one in a state, and which alone."""
        others = {name: each for name, each in has.alone.items() if name != word}
        modes = modes_held(self.locks[word], state, me)
        return {**others, word: not modes.keys() & SHARED} if modes else others


def writes_word(event: DraftEvent, word: str) -> bool:
    """Whether an event writes a word."""
    return event.kind in WRITE_KINDS and event.location == word


def as_seen(event: DraftEvent, word: str, seen: SeenValue) -> DraftEvent:
    """An event that reads the word as it is `seen`, with what is handed over in it; or another."""
    if event.kind in READ_KINDS and event.location == word:
        return event._replace(key=seen.key)
    return event


def with_turn(event: DraftEvent, word: str, turn: LockTurn) -> DraftEvent:
    """An event that writes the word of a lock, with what is handed over; or another."""
    if writes_word(event, word):
        return event._replace(key=key_in_state(turn, event.value))
    return event


def known_after(
    events: Sequence[DraftEvent], known: Mapping[str, SeenValue]
) -> Mapping[str, SeenValue]:
    """The cells that a thread knows, after its events."""
    written = {
        each.location: SeenValue(each.value, each.key)
        for each in events
        if each.kind in WRITE_KINDS and each.location in known
    }
    return {**known, **written}
