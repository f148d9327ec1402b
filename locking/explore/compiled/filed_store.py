"""States in a file, in the order of their numbers: what all stores have that keep them there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from locking.explore.compiled import kernel
from locking.explore.compiled.ahead import NextLevels
from locking.explore.compiled.kernel import Integers, Numbered, Rules, Share, Small, Words
from locking.explore.compiled.row_files import has_room, row_file
from locking.explore.compiled.store import NO_MASKS, Store
from locking.explore.compiled.tables import Moved
from locking.explore.graph import TooLarge

STRETCH = 1 << 17
"""States that are read at a time, if no more are a sixteenth of the targets looked up at once."""


class DiskIsFull(Exception):
    """Less than `LEAST_FREE` bytes would be left on a disk."""


class FiledStore(Store):
    """States of `store`, and those to come, in a folder; `capacity` targets are looked up at once.

    Errors: `OSError` and `DiskIsFull`, from all that writes.
    """

    def __init__(self, store: Store, folder: Path, capacity: int) -> None:
        self.tables, self.workers, self.pool = store.tables, store.workers, store.pool
        self.folder = folder
        self.capacity = capacity
        self.begin = 0
        self.stretch = max(STRETCH, capacity // 16)
        self.file = row_file(folder, np.uint64, self.tables.layout.words)
        self.refuse_full(store.met)
        self.file.append(store.states[: store.met])
        self.make_buffers()

    @property
    def numbered(self) -> int:
        """How many states have numbers."""
        return self.file.length

    @property
    def on_disk(self) -> int:
        """The bytes of all files: those of edges, which are made when they are asked for, apart."""
        return self.file.size

    def refuse_full(self, states: int) -> None:
        """Refuse to write so many states where the disk has no room. Errors: `DiskIsFull`."""
        if not has_room(self.folder, states * (2 * self.file.row_size + 12)):
            raise DiskIsFull

    def masks_of(self, start: int, stop: int) -> Words:
        """The threads, as bits, to leave out behind the states from `start` to `stop`: none."""
        return NO_MASKS

    def expand(self, rules: Rules, start: int, stop: int, *, masked: bool) -> list[Share]:
        """What the workers make of the first of the states from `start` to `stop`.

        Where it is `masked`, threads that lead to states which were met before are left out: all
        are of the current level then.
        """
        stretches = self.stretches(start, stop)
        stop = stretches[-1][1]
        masks = self.masks_of(start, stop) if masked else NO_MASKS
        return self.expand_rows(rules, self.rows(start, stop), start, stretches, masks)

    def rows(self, start: int, stop: int) -> Words:
        """The packed states from `start` to `stop`."""
        return self.file.read(start, stop)

    def pick(self, numbers: Integers) -> Words:
        """The packed states of these numbers."""
        return self.file.pick(numbers)

    def edges(self, start: int, stop: int) -> Iterator[tuple[Small, Numbered]]:
        """For stretches of states that were gone through: how many edges each has, and where to.

        The numbers of many targets are looked up at once: few cost nearly as much.
        """
        ahead = self.ahead()
        while start < stop:
            layout = self.tables.layout
            counts: list[Small] = []
            told: list[Numbered] = []
            far: list[Words] = []
            begin, room = start, self.capacity - ahead.most // 4
            if ahead.layout is not layout:
                ahead = self.ahead()
            for some, to, hashes in self.targets_of(start, stop):
                if room < 0 or self.tables.layout is not layout:
                    break
                found = ahead.numbers(begin, begin + len(some), to, hashes)
                found = np.full(len(to), -1, np.int64) if found is None else found
                counts.append(some.copy())
                told.append(found.astype(self.kind))
                far.append(to[found < 0])
                begin += len(some)
                room -= len(to)
            if self.tables.layout is layout:  # else all of it is expanded again
                numbers = np.concatenate(told)
                numbers[numbers < 0] = self.numbers(np.concatenate(far), NO_MASKS)
                yield np.concatenate(counts), numbers
                start = begin

    def ahead(self) -> NextLevels:
        """The states of the next levels: one takes a quarter of what a target takes at most."""
        return NextLevels(self.file, self.levels, self.tables.layout, self.capacity // 2)

    def array(self, length: int, kind: DTypeLike) -> NDArray[Any]:
        """An array of zeros in a file: the system keeps in memory what there is room for.

        Errors: `TooLarge`.
        """
        size = length * np.dtype(kind).itemsize
        if not has_room(self.folder, size):
            raise self.too_large(size, "disk")
        return row_file(self.folder, kind, 1).zeros(length)

    def too_large(self, size: int, of: str) -> TooLarge:
        """The error where so many bytes of something are too much."""
        return TooLarge(
            f"of {self.numbered:,} states on disk, this takes {size >> 20:,} MiB of {of}"
        )

    def repack_file(self, moved: Moved) -> None:
        """Pack all states in the file anew."""
        old, layout = self.file, self.tables.layout
        new = row_file(self.folder, np.uint64, layout.words)
        self.refuse_full(old.length)
        for start in range(0, old.length, self.stretch):
            rows = old.read(start, min(start + self.stretch, old.length))
            target = np.empty((len(rows), layout.words), np.uint64)
            kernel.repack(rows, len(rows), *moved, layout.fields, target)
            new.append(target)
        self.file = new
        self.make_buffers()
