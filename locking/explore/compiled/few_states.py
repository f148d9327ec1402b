"""Some packed states in memory, to be found among many by their hashes."""

import numpy as np

from locking.explore.compiled import hashing
from locking.explore.compiled.kernel import Integers, Table, Words


class FewStates:
    """These `packed` states, no two of which are equal, in a layout that stays what it is."""

    def __init__(self, packed: Words) -> None:
        self.packed = packed
        self.table = Table(np.zeros(2 * len(packed) + 2, np.uint32), 1, 32)
        hashing.rebuild(self.table, 0, 1, packed, 0, len(packed))

    @staticmethod
    def bytes_of_one(words: int) -> int:
        """The bytes of memory that a state of so many words takes."""
        return 8 * words + 8

    def places(self, packed: Words, hashes: Words) -> Integers:
        """The places of states among the few, in their order; -1 of others."""
        found = np.empty(len(packed), np.int64)
        hashing.find(self.table, self.packed, packed, hashes, found)
        return found
