"""Rows of numbers in files: what is too much for memory."""

import os
import shutil
import tempfile
from mmap import ACCESS_READ, mmap
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


def row_file(folder: Path, kind: DTypeLike, width: int) -> "RowFile":
    """An empty file in `folder`, without a name: it goes when the process does, however it ends.

    Errors: `OSError`.
    """
    with tempfile.TemporaryFile(dir=folder, prefix="locking-") as file:
        return RowFile(os.dup(file.fileno()), kind, width)


def reserve(handle: int, size: int) -> None:
    """Make a file so long that is to be mapped. Errors: `OSError`.

    Where the system can, its blocks are reserved: to write where there are none kills a process.
    """
    os.ftruncate(handle, size)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)


class RowFile:
    """Rows of `width` numbers each, in a file of its own that is open; `length` rows count.

    What lies behind those in the file is written over. Errors: `OSError`, from every method.
    """

    def __init__(self, handle: int, kind: DTypeLike, width: int) -> None:
        self.handle = handle
        self.kind = np.dtype(kind)
        self.width = width
        self.length = 0

    def __del__(self) -> None:
        os.close(self.handle)

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
            written = os.pwrite(self.handle, data, at)
            at, data = at + written, data[written:]
        self.length += len(rows)

    def read(self, start: int, stop: int) -> Rows:
        """The rows from `start` to `stop`. Errors: `OSError`."""
        rows = np.empty((stop - start, self.width), self.kind)
        data, at = rows.reshape(-1).view(np.uint8).data, start * self.row_size
        while data:
            got = os.preadv(self.handle, [data], at)
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
        return np.array(self.mapped()[numbers])

    def zeros(self, length: int) -> Rows:
        """The file as an array of so many zeros, which may be written to. Errors: `OSError`."""
        size = max(1, length * self.row_size)
        reserve(self.handle, size)
        return np.frombuffer(mmap(self.handle, size), self.kind, length)

    def mapped(self) -> Rows:
        """All rows, which can't be written to, as the system has them in memory or on disk."""
        if not self.length:
            return np.empty((0, self.width), self.kind)
        rows = np.frombuffer(mmap(self.handle, self.size, access=ACCESS_READ), self.kind)
        return rows.reshape(-1, self.width)

    def sync(self) -> None:
        """Return once all that was written is on the disk. Errors: `OSError`."""
        os.fsync(self.handle)
