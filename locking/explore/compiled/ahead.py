"""The states of the next levels, in memory: most steps lead there, so few targets are searched for.

A step leads at most one level on. So where a walk is gone through again, level by level, what is
met there for the first time is in the level behind; and where no run comes to a state in two
numbers of steps, all is.
"""

from bisect import bisect_right
from collections.abc import Sequence

from locking.explore.compiled.few_states import FewStates
from locking.explore.compiled.kernel import Integers, Words
from locking.explore.compiled.layout import BitLayout
from locking.explore.compiled.row_files import RowFile


class NextLevels:
    """States of a `file`, of whole `levels`, as many as `most`; none where a level has more."""

    def __init__(self, file: RowFile, levels: Sequence[int], layout: BitLayout, most: int) -> None:
        self.file = file
        self.levels = levels
        self.layout = layout
        self.most = most
        self.first = self.last = 0
        self.states: FewStates | None = None

    def numbers(self, start: int, stop: int, packed: Words, hashes: Words) -> Integers | None:
        """The numbers of what the states from `start` to `stop` lead to, -1 of what is elsewhere.

        It is None where too many states may be meant.
        """
        if not self.covers(start, stop) or self.states is None:
            return None
        found = self.states.places(packed, hashes)
        found[found >= 0] += self.first
        return found

    def covers(self, start: int, stop: int) -> bool:
        """Whether the levels behind those of these states are in memory, or can be."""
        level, last = (bisect_right(self.levels, at) for at in (start, stop - 1))
        if last + 1 >= len(self.levels):
            last = len(self.levels) - 2
        if level > last:
            return False
        first, end = self.levels[level], self.levels[last + 1]
        if end - first > self.most:
            return False
        if self.states is None or not self.first <= first <= end <= self.last:
            whole = bisect_right(self.levels, first + self.most) - 1
            self.states = None  # two are never in memory at once
            self.first, self.last = first, self.levels[whole]
            self.states = FewStates(self.file.read(self.first, self.last))
        return True
