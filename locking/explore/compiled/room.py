"""Where the states of a walk may be: in memory, and on disk before memory ends."""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import psutil
from loguru import logger

from locking.explore.compiled.disk import DiskStore
from locking.explore.compiled.store import Store

USED = 0.9
"""The part of the memory that may be had, from which on states go to disk."""

LASTING = Path("/var/tmp")
"""Where files of any size may be for a while (Filesystem Hierarchy Standard); /tmp is memory on
some systems."""


class Room(NamedTuple):
    """How many bytes this process may have, if it is said; and the folder for what is more."""

    memory: int | None = None
    folder: str | None = None

    def made_for(self, store: Store) -> Store:
        """`store`, or one on disk that has all of it, if its next chunk may take too much memory.

        Errors: `OSError`, `DiskIsFull`.
        """
        if self.memory is None or isinstance(store, DiskStore) or not store.growth:
            return store
        used = psutil.Process().memory_info().rss
        if used + store.growth <= USED * self.memory:
            return store
        logger.info("states go to disk from {} on", store.numbered)
        batch = USED * self.memory - (used - store.size)
        words = store.tables.layout.words
        return DiskStore(store, self.place, int(batch / DiskStore.bytes_of_one(words)))

    @property
    def place(self) -> Path:
        """The folder that was named, or that of the system."""
        if self.folder:
            return Path(self.folder)
        lasts = "TMPDIR" not in os.environ and os.access(LASTING, os.W_OK)
        return LASTING if lasts else Path(tempfile.gettempdir())
