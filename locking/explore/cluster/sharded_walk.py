"""A walk that goes from memory to shards, and goes on where one is lost."""

from collections.abc import Callable

from loguru import logger

from locking.explore.cluster.pool import ShardPool, ShardsLost
from locking.explore.cluster.sharded_store import ShardedStore
from locking.explore.compiled.spilling import is_short
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import PackedTables
from locking.explore.compiled.walk import PackedWalk
from locking.explore.graph import Watch
from locking.explore.room import Room

FEW_STATES = 200_000
"""States up to which a walk stays in memory: for fewer it does not pay to ask others."""


class ShardedWalk(PackedWalk):
    """A walk of which the states are in shards once they are many; `shards` makes these then."""

    def __init__(
        self, tables: PackedTables, workers: int, room: Room, shards: Callable[[], ShardPool]
    ) -> None:
        super().__init__(tables, workers)
        self.room = room
        self.shards = shards

    def on(self, watch: Watch) -> str | None:
        """The cause to stop, once there is one or nothing is left to go through.

        Where shards are lost it goes on from where all states that were met had numbers.
        """
        while True:
            try:
                return super().on(watch)
            except ShardsLost as error:
                logger.warning("{}: the level is done again", error)
                self.sharded.mend(error.lost)
                self.go_back()

    @property
    def sharded(self) -> ShardedStore:
        """The store, once the states are in shards."""
        assert isinstance(self.store, ShardedStore)
        return self.store

    def placed(self, room: Room) -> Store:
        """The store that goes on: shards, once there are many states, or too many for this process.

        Errors: `UsageError`, where no shards are to be had.
        """
        few = self.store.numbered <= FEW_STATES and not is_short(self.store, room)
        if few or isinstance(self.store, ShardedStore):
            return self.store
        return ShardedStore(self.store, self.room, self.shards())
