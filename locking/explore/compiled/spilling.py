"""When the states of a walk go from memory to disk."""

import os
import tempfile
from pathlib import Path

import psutil
from loguru import logger

from locking.explore.compiled.disk import DiskStore
from locking.explore.compiled.filed_store import FiledStore
from locking.explore.compiled.store import Store
from locking.explore.room import Room

USED = 0.9
"""The part of the memory that may be had, from which on states go to disk."""

LASTING = Path("/var/tmp")
"""Where files of any size may be for a while (Filesystem Hierarchy Standard); /tmp is memory on
some systems."""


def is_short(store: Store, room: Room) -> bool:
    """Whether the next chunk of a store in memory may take more than there may be."""
    if room.memory is None or isinstance(store, FiledStore) or not store.growth:
        return False
    return psutil.Process().memory_info().rss + store.growth > USED * room.memory


def in_room(store: Store, room: Room) -> Store:
    """`store`, or one on disk that has all of it, if its next chunk may take too much memory.

    Errors: `OSError`, `DiskIsFull`.
    """
    if room.memory is None or not is_short(store, room):
        return store
    logger.info("states go to disk from {} on", store.numbered)
    batch = USED * room.memory - (psutil.Process().memory_info().rss - store.freed)
    words = store.tables.layout.words
    return DiskStore(store, folder_of(room), int(batch / DiskStore.bytes_of_one(words)))


def folder_of(room: Room) -> Path:
    """The folder that was named, or that of the system."""
    if room.folder:
        return Path(room.folder)
    lasts = "TMPDIR" not in os.environ and os.access(LASTING, os.W_OK)
    return LASTING if lasts else Path(tempfile.gettempdir())
