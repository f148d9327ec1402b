"""Rows of numbers in files without a name: what is too much for memory.

A file goes as soon as nobody has it open, whatever ends the process.
"""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from locking.explore.compiled.kernel import Integers

Rows = NDArray[np.unsignedinteger]


LEAST_FREE = 1 << 30
"""Bytes of a disk that are left to others."""


def has_room(folder: Path, size: int) -> bool:
    """Whether so many bytes can be written in `folder`, and enough is left to others."""
    return shutil.disk_usage(folder).free >= LEAST_FREE + size


class RowFile:
    """Rows of `width` numbers each, in a file in `folder`; `length` is how many rows count.

    What lies behind those in the file is written over. Errors: `OSError`, from every method.
    """

    def __init__(self, folder: Path, kind: DTypeLike, width: int) -> None:
        self.file = tempfile.TemporaryFile(dir=folder, prefix="locking-", buffering=0)  # noqa: SIM115
        self.kind = np.dtype(kind)
        self.width = width
        self.length = 0

    def __del__(self) -> None:
        self.file.close()

    @property
    def row_size(self) -> int:
        """The bytes of a row."""
        return self.kind.itemsize * self.width

    @property
    def size(self) -> int:
        """The bytes of all rows."""
        return self.length * self.row_size

    def append(self, rows: Rows) -> None:
        """Add rows at the end; they count once all of them are written."""
        data, at = np.ascontiguousarray(rows, self.kind).reshape(-1).view(np.uint8).data, self.size
        while data:
            written = os.pwrite(self.file.fileno(), data, at)
            at, data = at + written, data[written:]
        self.length += len(rows)

    def read(self, start: int, stop: int) -> Rows:
        """The rows from `start` to `stop`. Errors: `OSError`."""
        rows = np.empty((stop - start, self.width), self.kind)
        data, at = rows.reshape(-1).view(np.uint8).data, start * self.row_size
        while data:
            got = os.preadv(self.file.fileno(), [data], at)
            if not got:
                raise OSError("a file of states is shorter than it was")
            at, data = at + got, data[got:]
        return rows

    def pick(self, numbers: Integers) -> Rows:
        """The rows of these numbers, in the order of `numbers`."""
        if not len(numbers):
            return np.empty((0, self.width), self.kind)
        first, last = int(numbers.min()), int(numbers.max()) + 1
        if last - first <= 2 * len(numbers):
            return self.read(first, last)[numbers - first]
        mapped = np.memmap(self.file, self.kind, "r", shape=(self.length, self.width))
        return np.array(mapped[numbers])

    def zeros(self, length: int) -> Rows:
        """The file as an array of so many zeros, which may be written to."""
        self.file.truncate(length * self.row_size or 1)
        return np.asarray(np.memmap(self.file, self.kind, "r+", shape=(length,)))
