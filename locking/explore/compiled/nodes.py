"""Trees of tables in arrays that grow: where an engine finds what a thread does in a state."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import UNKNOWN, Fields, Integers, Words

Scalar = TypeVar("Scalar", bound=np.generic)


def with_room(array: NDArray[Scalar], length: int) -> NDArray[Scalar]:
    """`array`, or a copy of it with room for `length` rows and as many more."""
    if len(array) >= length:
        return array
    made: NDArray[Scalar] = np.zeros((2 * length, *array.shape[1:]), array.dtype)
    made[: len(array)] = array
    return made


class Nodes:
    """Each node looks at one component, and has an entry for every value that was put."""

    def __init__(self) -> None:
        self.count = self.used = 0
        self.looks, self.base, self.width = (np.zeros(16, np.int64) for _ in range(3))
        self.entries = np.zeros(256, np.int32)

    def add(self, component: int) -> int:
        """The number of a new node, which looks at `component`."""
        node, self.count = self.count, self.count + 1
        self.looks, self.base, self.width = (
            with_room(array, self.count) for array in (self.looks, self.base, self.width)
        )
        self.looks[node], self.width[node] = component, 0
        return node

    def rows(self, fields: Fields) -> Words:
        """All nodes as `Rules` has them, where components lie in these fields."""
        looks = self.looks[: self.count]
        rows = np.empty((self.count, 5), np.uint64)
        rows[:, 0], rows[:, 1], rows[:, 2] = (each[looks] for each in fields)
        rows[:, 3], rows[:, 4] = self.width[: self.count], self.base[: self.count]
        return rows

    def get(self, node: int, value: int) -> int:
        """The entry of `value`."""
        if value >= self.width[node]:
            return UNKNOWN
        return int(self.entries[self.base[node] + value])

    def put(self, node: int, value: int, entry: int) -> None:
        """Make `entry` that of `value`."""
        if value >= self.width[node]:
            self.widen(node, max(4, 2 * value))
        self.entries[self.base[node] + value] = entry

    def widen(self, node: int, width: int) -> None:
        """Move a node's entries to where there is room for `width` of them."""
        end = self.used + width
        self.entries = with_room(self.entries, end)
        before = self.entries[self.base[node] :][: self.width[node]]
        self.entries[self.used : end] = UNKNOWN
        self.entries[self.used :][: len(before)] = before
        self.base[node], self.width[node], self.used = self.used, width, end


def arrays(values: list[list[int]]) -> tuple[Integers, Integers]:
    """Lists end to end in one array, and where in it each begins."""
    starts = np.cumsum([0] + [len(each) for each in values])[:-1].astype(np.int64)
    return starts, np.array([value for each in values for value in each], np.int64)
