"""The states of a walk, shared out among shards, which expand them and know which were met.

All states lie in a file here as well, in the order of their numbers. What judges a graph reads them
from it, and a shard that was lost gets its own back from it.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import numpy as np

from locking.errors import UsageError
from locking.explore.cluster.pool import ShardPool, ShardsLost, all_alike
from locking.explore.cluster.shard import EdgeCounts, owners
from locking.explore.compiled import passes
from locking.explore.compiled.filed_store import FiledStore
from locking.explore.compiled.kernel import Integers, Numbered, Rules, Share, Small, Words
from locking.explore.compiled.spilling import folder_of
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import Moved
from locking.explore.room import Room

LOOKED_UP = 1 << 20
"""Targets whose numbers are asked for at once."""

MOST_UNNUMBERED = 1 << 24
"""Targets that may wait in each shard for their numbers."""

FEWEST_UNNUMBERED = 1 << 16
"""Targets that may wait in each shard, however little memory there is."""

WAITING_COPIES = 8
"""How often a target that waits is in memory at most, while it is sorted and sent."""

MOST_LOSSES = 5
"""Times that shards may be lost before anything more has its number."""

R = TypeVar("R")


class ShardedStore(FiledStore):
    """States of `store`, and those to come, in the shards of a pool, and in a file.

    Errors: `OSError` and `DiskIsFull`, from all that writes; `ShardsLost`, from all that walks on.
    """

    def __init__(self, store: Store, room: Room, pool: ShardPool) -> None:
        super().__init__(store, folder_of(room), LOOKED_UP)
        self.shards = pool
        self.room_of_each = room_of_each(room, pool.shards)
        self.waiting = self.losses = self.shards_on_disk = 0
        self.whole(self.share_out)

    def share_out(self) -> None:
        """Give the states in the file to the shards, which forget all others."""
        self.stale, self.shared = True, False
        all_alike(self.shards, "begin", self.tables.layout, self.room_of_each)
        for start in range(0, self.numbered, self.stretch):
            states = self.rows(start, min(start + self.stretch, self.numbered))
            all_alike(self.shards, "take_over", states, start)
        self.shared = True

    def mend(self, lost: Sequence[int]) -> None:
        """Put others where shards were lost, and give all of them their states.

        Errors: `UsageError` where shards are lost again and again, and no level is done meanwhile.
        """
        self.losses += 1
        if self.losses > MOST_LOSSES:
            raise UsageError("shards are lost again and again; is there memory enough for them?")
        self.shards.replace(lost)
        try:
            self.share_out()
        except ShardsLost as error:
            self.mend(error.lost)

    @property
    def most(self) -> int:
        """How many states have numbers, once all that wait have, if all are new."""
        return self.numbered + self.waiting

    @property
    def crowded(self) -> bool:
        """Whether too much waits for its numbers."""
        memory, most = self.room_of_each.memory, MOST_UNNUMBERED
        if memory is not None:
            most = max(FEWEST_UNNUMBERED, min(most, memory // (WAITING_COPIES * self.bytes_of_one)))
        return self.waiting > most * self.shards.shards

    @property
    def bytes_of_one(self) -> int:
        """The bytes of a target that waits for its number."""
        return self.file.row_size + 16

    @property
    def on_disk(self) -> int:
        """The bytes on disk of what was too much for memory: the file is there in any case."""
        return self.shards_on_disk

    def advance(self, rules: Rules, start: int, stop: int) -> list[Share]:
        """Go through some of the states from `start` to `stop`; what they lead to waits."""
        if self.stale:
            all_alike(self.shards, "learn", rules, self.tables.fanout)
            self.stale = False
        told = all_alike(self.shards, "expand", start, stop)
        lacking = np.concatenate([each for each, _ in told])
        # Learned is in the order in which one worker would: nothing behind what is not known yet.
        lacking = lacking[lacking[:, 0] < min(known for _, known in told)]
        lacking = lacking[np.lexsort((lacking[:, 1], lacking[:, 0]))]
        through = int(lacking[0, 0]) if len(lacking) else stop
        counted, self.waiting = self.shards.exchange(through)
        return [Share(start, through, 0, 0, counts_of_states(counted, start, through), lacking)]

    def teach(self, lacking: Integers) -> None:
        """Fill the tables for rows of `lacking`, each a state and a thread; repack if need be.

        Errors: `ShardsLost` where one is lost meanwhile; the states are packed as the tables say.
        """
        self.stale = True
        try:
            super().teach(lacking)
        except ShardsLost:
            self.tables.torn = False  # `repack` sees that all states are packed anew
            raise
        self.widen_buffers()

    def number_all(self) -> None:
        """Give numbers to those targets that wait and are new."""
        if not self.waiting:
            return
        self.refuse_full(self.waiting)
        ranked = all_alike(self.shards, "ranked")
        rows, tags = (np.concatenate(each) for each in zip(*ranked, strict=True))
        order = np.argsort(tags)
        numbers = np.empty(len(order), np.uint32)
        numbers[order] = np.arange(self.numbered, self.numbered + len(order), dtype=np.uint32)
        ends = np.cumsum([len(tags) for _, tags in ranked])[:-1]
        told = self.shards.each("number", [(each,) for each in np.split(numbers, ends)])
        self.shards_on_disk = sum(told)
        self.file.append(rows[order])
        self.waiting = self.losses = 0

    def next_level(self) -> None:
        """Go on to the states that have had their numbers since this was last called."""

    def keep(self, met: int) -> None:
        """Forget all but the first `met` states."""
        self.waiting = 0
        self.file.length = met
        if not self.shared:  # Ctrl-C came in the middle of it
            self.whole(self.share_out)
        self.whole(lambda: all_alike(self.shards, "keep", met))

    def whole(self, asked: Callable[[], R]) -> R:
        """What `asked` returns, once no shard that it needs was lost; it may be asked again."""
        while True:
            try:
                return asked()
            except ShardsLost as error:
                self.mend(error.lost)

    def numbers(self, packed: Words, hashes: Words) -> Numbered:
        """The numbers of states that were met, and -1 of others."""
        if not len(hashes):
            hashes = np.empty(len(packed), np.uint64)
            passes.hash_all(packed, hashes)
        owner = owners(hashes, self.shards.shards)
        asked = [np.flatnonzero(owner == at) for at in range(self.shards.shards)]
        rows = [(packed[each],) for each in asked]
        made: Numbered = np.empty(len(packed), self.kind)
        for at, found in zip(
            asked, self.whole(lambda: self.shards.each("numbers", rows)), strict=True
        ):
            made[at] = found
        return made

    def repack(self, moved: Moved) -> None:
        """Number what waits, and pack all states anew.

        Errors: `ShardsLost`, once they are packed, if what waited has gone with a shard.
        """
        lost = None
        try:
            self.number_all()
        except ShardsLost as error:
            lost = error
        self.repack_file(moved)
        self.whole(self.share_out)
        if lost:
            raise lost


def room_of_each(room: Room, shards: int) -> Room:
    """The room that each of so many shards has: without an address they share this machine."""
    if room.memory is None or room.address:
        return room
    return room._replace(memory=room.memory // (shards + 1))


def counts_of_states(counted: Collection[EdgeCounts], start: int, stop: int) -> Small:
    """How many edges the states from `start` to `stop` have, in their order."""
    made: Small = np.zeros(stop - start, np.int32)
    for each in counted:
        made[each.numbers.astype(np.int64) - start] = each.counts
    return made
