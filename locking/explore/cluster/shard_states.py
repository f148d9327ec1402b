"""The states that a shard has, in the order of their numbers: in memory, or on its machine's disk.

On disk a state is known to be old only where it is looked up among all, which are gone through
then. So what is met waits until its level ends, or until too much waits, and is looked up at once.
"""

from pathlib import Path
from typing import Protocol

import numpy as np
import psutil

from locking.explore.compiled import hashing, passes, sorted_rows
from locking.explore.compiled.filed_store import DiskIsFull
from locking.explore.compiled.kernel import NumberArray, Numbered, Table, Words
from locking.explore.compiled.nodes import with_room
from locking.explore.compiled.row_files import has_room, row_file
from locking.explore.compiled.sorted_runs import SortedRuns
from locking.explore.compiled.spilling import USED, folder_of
from locking.explore.compiled.store import LOAD
from locking.explore.room import Room

STRETCH = 1 << 17
"""States that are read at a time to be sorted anew."""


class ShardStates(Protocol):
    """The states of a shard; `tells` is whether `find` costs so little that all may be asked.

    Errors: `OSError` and `DiskIsFull`, where they are on disk, from all that writes.
    """

    tells: bool

    @property
    def met(self) -> int:
        """How many states there are."""

    @property
    def on_disk(self) -> int:
        """The bytes of all files."""

    def between(self, start: int, stop: int) -> tuple[int, int]:
        """Where those with numbers from `start` to `stop` begin and end among them."""

    def stretch(self, at: int, end: int) -> tuple[Words, NumberArray, Words]:
        """Some of the states, their numbers, and the threads to leave out behind each."""

    def find(self, packed: Words) -> Numbered:
        """The numbers of these states; -1 of those that are not there."""

    def add(self, rows: Words, numbers: NumberArray, masks: Words) -> None:
        """Add states, none of which is there, with numbers above all that are."""

    def keep(self, met: int) -> None:
        """Forget all but the first `met`."""


class StatesInMemory:
    """States of so many words in arrays, with a hash table that has room for as many again."""

    tells = True
    on_disk = 0

    def __init__(self, words: int) -> None:
        self.met = 0
        self.rows: Words = np.empty((0, words), np.uint64)
        self.known: NumberArray = np.empty(0, np.uint32)
        self.masks: Words = np.empty(0, np.uint64)
        self.make_table()

    def make_table(self) -> None:
        """A hash table of all states, with room for as many again."""
        self.capacity = max(1 << 14, 2 * self.met)
        size = int(self.capacity / LOAD) + 1
        self.table = Table(np.zeros(size, np.uint32), 1, min(self.capacity.bit_length(), 32))
        hashing.rebuild(self.table, 0, 1, self.rows, 0, self.met)

    def growth(self, more: int) -> int:
        """How many more bytes there are at once, at most, when so many states are added."""
        most = self.met + more
        rows = 2 * most * (self.rows.itemsize * self.rows.shape[1] + 12)
        table = int(2 * most / LOAD) * 4
        return (rows if most > len(self.rows) else 0) + (table if most > self.capacity else 0)

    def between(self, start: int, stop: int) -> tuple[int, int]:
        """Where those with numbers from `start` to `stop` begin and end among them."""
        at, end = np.searchsorted(self.known[: self.met], [start, stop]).tolist()
        return at, end

    def stretch(self, at: int, end: int) -> tuple[Words, NumberArray, Words]:
        """Some of the states, their numbers, and the threads to leave out behind each."""
        return self.rows[at:end], self.known[at:end], self.masks[at:end]

    def find(self, packed: Words) -> Numbered:
        """The numbers of these states; -1 of those that are not there."""
        hashes, found = np.empty(len(packed), np.uint64), np.empty(len(packed), np.int64)
        passes.hash_all(packed, hashes)
        hashing.find(self.table, self.rows, packed, hashes, found)
        met = found >= 0
        found[met] = self.known[found[met]]
        return found

    def add(self, rows: Words, numbers: NumberArray, masks: Words) -> None:
        """Add states, none of which is there, with numbers above all that are."""
        most = self.met + len(rows)
        self.rows = with_room(self.rows, most)
        self.known, self.masks = with_room(self.known, most), with_room(self.masks, most)
        self.rows[self.met : most], self.known[self.met : most] = rows, numbers
        self.masks[self.met : most] = masks
        begin, self.met = self.met, most
        if most > self.capacity:
            self.make_table()
        else:
            hashing.rebuild(self.table, 0, 1, self.rows, begin, most)

    def keep(self, met: int) -> None:
        """Forget all but the first `met`."""
        self.met = met
        self.make_table()


class StatesOnDisk:
    """States of a shard that go on in a folder. Errors: `OSError`, `DiskIsFull`."""

    tells = False

    def __init__(self, states: StatesInMemory, folder: Path) -> None:
        words = states.rows.shape[1]
        self.folder = folder
        self.rows = row_file(folder, np.uint64, words)
        self.known = row_file(folder, np.uint32, 1)
        self.masks = row_file(folder, np.uint64, 1)
        self.runs = SortedRuns(folder, words)
        for at in range(0, states.met, STRETCH):
            self.add(*states.stretch(at, min(at + STRETCH, states.met)))

    @property
    def met(self) -> int:
        """How many states there are."""
        return self.known.length

    @property
    def on_disk(self) -> int:
        """The bytes of all files."""
        return self.rows.size + self.known.size + self.masks.size + self.runs.size

    def between(self, start: int, stop: int) -> tuple[int, int]:
        """Where those with numbers from `start` to `stop` begin and end among them."""
        at, end = np.searchsorted(self.known.mapped()[:, 0], [start, stop]).tolist()
        return at, end

    def stretch(self, at: int, end: int) -> tuple[Words, NumberArray, Words]:
        """Some of the states, their numbers, and the threads to leave out behind each."""
        return (
            self.rows.read(at, end),
            self.known.read(at, end)[:, 0],
            self.masks.read(at, end)[:, 0],
        )

    def find(self, packed: Words) -> Numbered:
        """The numbers of these states; -1 of those that are not there."""
        order = sorted_rows.sorting(packed)
        found = np.empty(len(packed), np.int64)
        found[order] = self.runs.numbers(packed[order])
        return found

    def add(self, rows: Words, numbers: NumberArray, masks: Words) -> None:
        """Add states, none of which is there, with numbers above all that are.

        Errors: `DiskIsFull`, `OSError`.
        """
        if not has_room(self.folder, len(rows) * (2 * self.rows.row_size + 16)):
            raise DiskIsFull
        self.rows.append(rows)
        self.known.append(numbers[:, None])
        self.masks.append(masks[:, None])
        self.sort(rows, numbers)

    def sort(self, rows: Words, numbers: NumberArray) -> None:
        """Add states to the sorted runs."""
        order = sorted_rows.sorting(rows)
        self.runs.add(rows[order], numbers[order])

    def keep(self, met: int) -> None:
        """Forget all but the first `met`."""
        self.rows.length = self.known.length = self.masks.length = met
        if self.runs.length == met:
            return
        self.runs = SortedRuns(self.folder, self.rows.width)
        for at in range(0, met, STRETCH):
            rows, numbers, _ = self.stretch(at, min(at + STRETCH, met))
            self.sort(rows, numbers)


def in_room(states: ShardStates, more: int, room: Room) -> ShardStates:
    """`states`, or the same on disk, if so many more may take too much memory.

    That is more than this process may have; or too much of what its machine has left, which other
    shards may take as well.
    """
    if not isinstance(states, StatesInMemory):
        return states
    growth, machine = states.growth(more), psutil.virtual_memory()
    used = psutil.Process().memory_info().rss
    fits = room.memory is None or used + growth <= USED * room.memory
    if not growth or (fits and growth <= machine.available - (1 - USED) * machine.total):
        return states
    return StatesOnDisk(states, folder_of(room))
