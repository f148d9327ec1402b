"""A walk of the compiled engine, chunk by chunk, and what is certain of it when it is ended."""

from typing import NamedTuple

import numpy as np

from locking.explore.compiled.graph import Packed
from locking.explore.compiled.kernel import Integers
from locking.explore.compiled.quotient_graph import PackedQuotient
from locking.explore.compiled.quotient_tables import QuotientTables
from locking.explore.compiled.spilling import in_room
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import PackedTables
from locking.explore.graph import PERIOD, Watch
from locking.explore.room import Room, room_of

NUMBERS_EXHAUSTED = "as many states as the compiled engine can number"


class WalkDone(NamedTuple):
    """What is certain of a walk: states met and gone through, and edges."""

    met: int
    through: int
    transitions: int


class PackedWalk:
    """A walk in progress. Its result is replaced in one assignment, so Ctrl-C finds it whole.

    `safe` is what was done when all states that were met had numbers.
    """

    def __init__(self, tables: PackedTables, workers: int) -> None:
        self.tables = tables
        self.store = self.first_store(workers)
        self.done = self.safe = WalkDone(1, 0, 0)
        self.levels = [1]
        self.ends: list[Integers] = []

    def first_store(self, workers: int) -> Store:
        """The store of a walk that begins."""
        return Store(self.tables, workers)

    def on(self, watch: Watch) -> str | None:
        """The cause to stop, once there is one or nothing is left to go through."""
        while self.done.through < self.done.met:
            if self.store.crowded or self.may_pause(getattr(watch, "next", None)):
                self.number_all()
            cause = watch(self.done.met, self.done.through) or (
                NUMBERS_EXHAUSTED if self.store.full else None
            )
            if cause:
                self.number_all()
                return cause
            self.store = self.placed(room_of(watch))
            self.advance(getattr(watch, "next", None))
        return None

    def placed(self, room: Room) -> Store:
        """The store that goes on, where there is so much room."""
        return in_room(self.store, room)

    def advance(self, pause: int | None = None) -> None:
        """Go through a chunk of states, or as far as the tables reach, and learn what they lack."""
        met, through, transitions = self.done
        if through == self.levels[-1]:
            self.levels.append(met)
            self.store.next_level()
        shares = self.store.advance(self.tables.rules(), through, self.stop(through, pause))
        self.ends += [share.begin + np.flatnonzero(share.counts == 0) for share in shares]
        edges = sum(int(share.counts.sum()) for share in shares)
        self.done = WalkDone(self.store.numbered, shares[-1].through, transitions + edges)
        if self.done.through == self.levels[-1]:
            self.number_all()
        self.store.learn(shares)
        if self.store.most == self.store.numbered:
            self.number_all()

    def may_pause(self, pause: int | None) -> bool:
        """Whether `pause` states have been met, if all are new that have no number yet."""
        return pause is not None and self.done.met <= pause < self.store.most

    def number_all(self) -> None:
        """See that every state that was met has its number."""
        self.store.number_all()
        self.safe = self.done = self.done._replace(met=self.store.numbered)

    def go_back(self) -> None:
        """Forget what was done since all states that were met had numbers."""
        self.done = self.safe
        self.ends = [each[each < self.done.through] for each in self.ends]
        self.store.keep(self.done.met)

    @property
    def all_ends(self) -> Integers:
        """The states that were gone through, and from which no step can be taken."""
        return np.concatenate([*self.ends, np.empty(0, np.int64)])

    def stop(self, through: int, pause: int | None) -> int:
        """Where a chunk ends that begins at `through`: within its level, and soon at first.

        It ends at a multiple of `PERIOD`, where it passes one: whoever watches may look only there.
        At `pause` states met threads may be merged, and what is known of them then decides how: a
        chunk ends where a walk state by state would pause.
        """
        stop = min(self.levels[-1], through + max(PERIOD, through // 2))
        if pause is not None and self.done.met <= pause:
            stop = min(stop, through + max(1, (pause - self.store.most) // self.tables.fanout))
        whole = stop // PERIOD * PERIOD
        return whole if whole > through else stop

    def graph(self, cause: str | None) -> Packed:
        """What was done, as a graph."""
        _, through, transitions = self.done
        kind = PackedQuotient if isinstance(self.tables, QuotientTables) else Packed
        return kind(self.store, self.all_ends, through, transitions, tuple(self.levels), cause)
