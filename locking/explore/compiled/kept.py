"""A walk that can be stopped at any moment and gone on with from files.

All states lie in a file of their own, in the order of their numbers, which only grows. The file of
the checkpoint says how many of them count, what they are packed by, and how far the walk had come.
What else a walk has is made from these: hash table, sorted runs, what threads do.
"""

import os
from array import array
from errno import ENOSPC
from zlib import crc32

import numpy as np

from locking.errors import CheckpointError
from locking.explore.checkpoint import Begun, Checkpoint, states_path
from locking.explore.compiled.engine import ended, explore
from locking.explore.compiled.layout import layout_of
from locking.explore.compiled.row_files import RowFile, has_room
from locking.explore.compiled.spilling import in_room
from locking.explore.compiled.store import WORKERS, processors
from locking.explore.compiled.tables import PackedTables
from locking.explore.compiled.walk import PackedWalk, WalkDone
from locking.explore.deadline import OutOfTime
from locking.explore.graph import Graph, Watch
from locking.explore.room import room_of
from locking.explore.search import MERGED

PART = 1 << 20
"""States that are written or read at a time."""


def explore_kept(checkpoint: Checkpoint, watch: Watch, begun: Begun | None) -> Graph:
    """Every state that the product of a checkpoint can reach, kept there as the walk goes.

    If a walk had `begun`, it goes on. Errors: `CheckpointError`.
    """
    walk = KeptWalk(checkpoint, watch)
    try:
        if begun:
            walk.restore(begun)
    except OutOfTime as late:  # what is in the files stays as it is
        cause = str(late)
        return explore(checkpoint.product, lambda *_: cause, 1)
    graph = ended(walk, watch)
    if graph.cause not in (None, MERGED) and graph.explored:
        walk.write()
    return graph


class KeptWalk(PackedWalk):
    """A walk that is written when it is time to, and all that was met has numbers."""

    def __init__(self, checkpoint: Checkpoint, watch: Watch) -> None:
        super().__init__(PackedTables(checkpoint.product), min(WORKERS, processors()))
        self.watch = watch
        self.checkpoint = checkpoint
        self.file: RowFile | None = None
        self.written_in = self.tables.layout
        self.written = (0, 0)

    def number_all(self) -> None:
        """See that every state that was met has its number, and write all if it is time to.

        Errors: `CheckpointError`.
        """
        super().number_all()
        if self.checkpoint.is_due:
            self.write()

    def write(self) -> None:
        """Write what is done, so that a walk can go on from it. Errors: `CheckpointError`."""
        try:
            self.write_states()
        except OSError as error:
            why = error.strerror or error
            raise CheckpointError(f"{self.checkpoint.path}: can't be written: {why}") from error
        head = {
            "met": self.done.met,
            "packed": True,
            "checksum": self.written[1],
            "done": self.done,
            "levels": self.levels,
            "components": self.tables.components,
            "values": self.tables.values,
            "places": self.tables.layout.places,
        }
        self.checkpoint.save(head, self.watch, [array("q", self.all_ends.tobytes())])
        before = self.checkpoint.generation - 1
        states_path(self.checkpoint.path, before).unlink(missing_ok=True)

    def write_states(self) -> None:
        """Write the states that are not in their file yet. Errors: `OSError`."""
        if self.file is None or self.written_in is not self.tables.layout:
            self.checkpoint.generation += 1
            self.file, self.written_in, self.written = self.open(), self.tables.layout, (0, 0)
        self.file.length, checksum = self.written
        size = (self.done.met - self.file.length) * self.file.row_size
        if not has_room(self.checkpoint.path.parent, size):
            raise OSError(ENOSPC, "the disk is nearly full")
        while self.file.length < self.done.met:
            start = self.file.length
            rows = self.store.rows(start, min(start + PART, self.done.met))
            checksum = crc32(rows.data, checksum)
            self.file.append(rows)
        self.file.sync()
        self.written = self.file.length, checksum

    def open(self, more: int = os.O_CREAT) -> RowFile:
        """The file of states. Errors: `OSError`."""
        path = states_path(self.checkpoint.path, self.checkpoint.generation)
        handle = os.open(path, os.O_RDWR | more, 0o666)
        return RowFile(handle, np.uint64, self.tables.layout.words)

    def restore(self, begun: Begun) -> None:
        """Go on with a walk that had `begun`. Errors: `CheckpointError`."""
        head = begun.head
        layout = layout_of(head["places"])
        values = [[tuple(value) for value in each] for each in head["values"]]
        self.tables.restore(head["components"], values, layout)
        self.done = self.safe = WalkDone(*head["done"])
        self.levels = head["levels"]
        self.ends = [np.array(begun.arrays[0], np.int64)]
        self.written_in, self.written = layout, (self.done.met, head["checksum"])
        try:
            self.file = self.open(0)
            self.file.length = self.done.met
            checksum = self.sum_up()
        except OSError as error:
            why = error.strerror or error
            raise self.damaged(f"can't be read: {why}") from error
        if checksum != head["checksum"]:
            raise self.damaged("is damaged: its checksum is another")
        begin = self.levels[-2] if len(self.levels) > 1 else 0
        self.store.restore(self.file.mapped(), begin, self.levels[-1])
        self.store = in_room(self.store, room_of(self.watch))
        self.store.keep(self.done.met)

    def damaged(self, what: str) -> CheckpointError:
        """The error for a file of states that is not what it should be."""
        path = states_path(self.checkpoint.path, self.checkpoint.generation)
        return CheckpointError(f"{path} {what}; remove {self.checkpoint.path} to begin anew")

    def sum_up(self) -> int:
        """The checksum of the states that are in the file. Errors: `OSError`."""
        assert self.file
        checksum = 0
        for start in range(0, self.file.length, PART):
            rows = self.file.read(start, min(start + PART, self.file.length))
            checksum = crc32(rows.data, checksum)
        return checksum
