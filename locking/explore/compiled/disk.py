"""The states that a walk has met, on disk: for what is too much for memory.

States lie in a file, in the order of their numbers, and once more in runs that are sorted. What a
walk meets is kept in memory as a batch, in which no state is twice, in the order in which it was
met. When there is no more room, or the level ends, the batch is sorted, and what the runs have is
dropped. The rest gets the next numbers, in the order in which it was met. So numbers are those of a
walk in memory, though most states are known to be old much later.

Until then a state of the batch is taken for new. So masks of what need not be followed leave out
less than in memory, and never more.

After: Korf, Delayed duplicate detection (IJCAI 2003 and AAAI 2004); Stern and Dill, Using magnetic
disk instead of main memory in the Murphi verifier (CAV 1998).
Differs: numbers are in the order of a walk in memory; runs are not scanned where no state of the
batch can be.
"""

from pathlib import Path

import numpy as np

from locking.explore.compiled import sorted_rows
from locking.explore.compiled.filed_store import DiskIsFull, FiledStore
from locking.explore.compiled.kernel import Numbered, Table, Words
from locking.explore.compiled.row_files import row_file
from locking.explore.compiled.sorted_runs import SortedRuns
from locking.explore.compiled.store import LOAD, PARTS, Store
from locking.explore.compiled.tables import Moved
from locking.explore.deadline import look

UNEVEN = 1 << 12
"""Entries by which a part of a batch's hash table is longer than it would be if all were as long:
hashes are spread by chance, and no part may ever be full."""


class DiskStore(FiledStore):
    """States of `store`, and those to come, in a folder; a batch has room for `capacity` states.

    `states`, `met` and `later` are those of the batch; `level` has the numbers between which the
    states of the current level are. Errors: `OSError` and `DiskIsFull`, from all that writes.
    """

    def __init__(self, store: Store, folder: Path, capacity: int) -> None:
        super().__init__(store, folder, capacity)
        self.level = store.begin, store.end
        self.end = 0  # masks are those of the batch
        self.masks = [row_file(folder, np.uint64, 1) for _ in range(2)]
        self.masks[0].append(store.skips[: store.end - store.begin, None])
        self.masks[1].append(store.later[: store.met - store.end, None])
        self.sort()
        self.make_batch(capacity)

    @staticmethod
    def bytes_of_one(words: int) -> int:
        """The bytes of memory that a state of a batch takes, with what it takes to sort it."""
        return 16 * words + 48

    def sort(self) -> None:
        """Sort all states that are in the file into new runs. Errors: `OutOfTime`."""
        self.sorted = False
        self.runs = SortedRuns(self.folder, self.file.width)
        for start in range(0, self.file.length, self.stretch):
            look()
            some = self.file.read(start, min(start + self.stretch, self.file.length))
            self.refuse_full(len(some))
            order = sorted_rows.sorting(some)
            self.runs.add(some[order], (start + order).astype(np.uint32))
        self.sorted = True

    def make_batch(self, capacity: int) -> None:
        """Room for a batch of so many states, or of as many as a chunk may add."""
        self.capacity = max(capacity, self.fresh)
        self.states = np.empty((self.capacity, self.tables.layout.words), np.uint64)
        self.later = np.empty(self.capacity, np.uint64)
        self.empty_batch()

    def empty_batch(self) -> None:
        """Drop what is in the batch."""
        self.met = 0
        size = int(self.capacity / LOAD) // PARTS + min(self.capacity, UNEVEN) + 1
        bits = (self.capacity + self.fresh + 1).bit_length()
        self.table = Table(np.zeros(0, np.uint32), 1, 1)
        self.table = Table(np.zeros(size * PARTS, np.uint32), PARTS, min(bits, 32))

    @property
    def most(self) -> int:
        """How many states have numbers, once all of the batch have that are new."""
        return self.file.length + self.met

    @property
    def crowded(self) -> bool:
        """Whether the batch has no room for what a chunk may add."""
        return self.met + max(self.fresh, self.workers * self.tables.fanout) > self.capacity

    def make_room(self) -> None:
        """Make room for whatever the next chunk may add."""
        self.widen_buffers()
        if self.met + self.fresh > self.capacity:
            assert not self.met, "the batch is full"
            self.make_batch(self.fresh)

    def number_all(self) -> None:
        """Give numbers to those states of the batch that are new, and begin another batch."""
        if not self.met:
            return
        self.refuse_full(self.met)
        batch = self.states[: self.met]
        order = sorted_rows.sorting(batch)
        ordered = batch[order]
        new = self.runs.numbers(ordered) < 0
        fresh = np.empty(self.met, np.bool_)
        fresh[order] = new
        numbers = np.cumsum(fresh, dtype=np.uint32)
        numbers += np.uint32(self.numbered - 1)
        self.runs.add(ordered[new], numbers[order[new]])
        self.masks[1].append(self.later[: self.met][fresh, None])
        self.file.append(batch[fresh])
        self.empty_batch()

    @property
    def on_disk(self) -> int:
        """The bytes of all files: those of edges, which are made when they are asked for, apart."""
        return super().on_disk + self.runs.size + sum(each.size for each in self.masks)

    def refuse_large(self, size: int) -> None:
        """Refuse what takes so many bytes, if they are more than those of a batch.

        Errors: `TooLarge`.
        """
        most = self.capacity * self.bytes_of_one(self.file.width)
        if size > most:
            raise self.too_large(size, "memory")

    def next_level(self) -> None:
        """Go on to the states that have had their numbers since this was last called."""
        self.level = self.level[1], self.numbered
        self.masks.reverse()
        self.masks[1].length = 0

    def masks_of(self, start: int, stop: int) -> Words:
        """The threads, as bits, to leave out behind the states from `start` to `stop`."""
        return self.masks[0].read(start - self.level[0], stop - self.level[0])[:, 0]

    def keep(self, met: int) -> None:
        """Forget all but the first `met` states."""
        self.empty_batch()
        self.file.length = met
        self.sorted = self.runs.length == met

    def numbers(self, packed: Words, hashes: Words) -> Numbered:
        """The numbers of states that were met, and -1 of others. Errors: `TooLarge`."""
        try:
            if not self.sorted:
                self.sort()
        except DiskIsFull:
            raise self.too_large(self.runs.size + self.file.size, "disk") from None
        order = sorted_rows.sorting(packed)
        found = self.runs.numbers(packed[order])
        made: Numbered = np.empty(len(packed), self.kind)
        made[order] = found
        return made

    def repack(self, moved: Moved) -> None:
        """Number the batch, and pack all states anew."""
        self.number_all()
        self.repack_file(moved)
        self.sort()
        self.make_batch(self.capacity)
