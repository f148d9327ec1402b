"""A walk under a partial order: no set is decided by what the reference engine would not know."""

from locking.explore.compiled.lean_graph import PackedLean
from locking.explore.compiled.lean_store import LeanStore
from locking.explore.compiled.lean_tables import LeanTables
from locking.explore.compiled.store import Store
from locking.explore.compiled.walk import PackedWalk
from locking.explore.room import Room


class LeanWalk(PackedWalk):
    """A walk of a product that was begun with its store. `due` is where the product looks again."""

    tables: LeanTables
    store: LeanStore

    def __init__(self, tables: LeanTables, workers: int) -> None:
        super().__init__(tables, workers)
        tables.product.begin_walk(self.store)
        self.due: int | None = None

    def first_store(self, workers: int) -> LeanStore:
        """The store of a walk that begins."""
        return LeanStore(self.tables, workers)

    def placed(self, room: Room) -> Store:
        """The store that goes on, which stays in memory."""
        return self.store

    def advance(self, pause: int | None = None) -> None:
        """Go through a chunk of states, or through one that the product is asked of."""
        self.due = self.tables.keep_up(self.done.through)
        super().advance(pause)

    def stop(self, through: int, pause: int | None) -> int:
        """Where a chunk ends that begins at `through`: not behind where the product looks again."""
        stop = super().stop(through, pause)
        return stop if self.due is None else min(stop, self.due)

    def go_back(self) -> None:
        """Forget what was done since all states that were met had numbers."""
        super().go_back()
        self.store.kept.states = self.done.through

    def graph(self, cause: str | None) -> PackedLean:
        """What was done, as a graph."""
        _, through, transitions = self.done
        return PackedLean(
            self.store, self.all_ends, through, transitions, tuple(self.levels), cause
        )
