"""Classes of packed states that a predicate can't tell apart: it is asked once for each class.

Only the part of every component that the predicate can see is kept. So a state becomes a few bits,
in a layout of its own, and states with the same bits are one class.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from locking.explore.compiled import hashing, kernel, passes
from locking.explore.compiled.kernel import Integers, Table, Words
from locking.explore.compiled.layout import bit_layout
from locking.explore.compiled.nodes import arrays
from locking.explore.compiled.tables import PackedTables
from locking.explore.graph import Look, seen_of_state


class Classes:
    """States of `tables` by what is seen of them by `looks`; classes are numbered as they are met.

    `answers` has what was said of each class.
    """

    def __init__(self, tables: PackedTables, looks: Sequence[Look]) -> None:
        told = told_apart(tables, looks)
        self.old = tables.layout.fields
        self.origins = np.array(list(told), np.int64)
        self.starts, self.renumbered = arrays(list(told.values()))
        self.layout = bit_layout([1 + max(numbers) for numbers in told.values()])
        self.count = self.asked = 0
        self.keys: Words = np.empty((0, self.layout.words), np.uint64)
        self.answers = np.zeros(0, np.bool_)
        self.make_room(64)

    def make_room(self, most: int) -> None:
        """Room for so many classes."""
        keys, answers = np.empty((most, self.layout.words), np.uint64), np.zeros(most, np.bool_)
        keys[: self.count] = self.keys[: self.count]
        answers[: self.asked] = self.answers[: self.asked]
        self.keys, self.answers = keys, answers
        self.table = Table(np.zeros(2 * most, np.uint32), 1, 32)
        hashing.rebuild(self.table, 0, 1, self.keys, 0, self.count)

    def of(self, states: Words) -> tuple[Integers, Integers]:
        """The classes of these states; and which states are the first of a class that is new."""
        seen_of = np.empty((len(states), self.layout.words), np.uint64)
        moved = (self.old, self.origins, self.starts, self.renumbered)
        kernel.repack(states, len(states), *moved, self.layout.fields, seen_of)
        known, classes, at = self.count, np.empty(len(states), np.int64), 0
        while True:
            at, self.count = passes.count_classes(
                seen_of, at, self.table, self.keys, self.count, classes
            )
            if at == len(states):
                break
            self.make_room(4 * len(self.keys))
        new = np.flatnonzero(classes >= known)
        _, firsts = np.unique(classes[new], return_index=True)
        return classes, new[firsts]

    def answer(self, answer: bool) -> None:
        """Record the answer for the next class."""
        self.answers[self.asked] = answer
        self.asked += 1


def told_apart(tables: PackedTables, looks: Sequence[Look]) -> dict[int, list[int]]:
    """For every component that is looked at: for each of its values the number of what is seen."""
    by_owner: dict[int, list[Look]] = {}
    for slot, see in looks:
        if slot in tables.owner:  # the others never change
            owner = tables.owner[slot]
            by_owner.setdefault(owner, []).append((tables.components[owner].index(slot), see))
    return {owner: numbered(tables.values[owner], within) for owner, within in by_owner.items()}


def numbered(values: Sequence[tuple[int, ...]], looks: Sequence[Look]) -> list[int]:
    """For every value the rank of what is seen of it."""
    ranks: dict[Hashable, int] = {}
    return [ranks.setdefault(seen_of_state(looks, value), len(ranks)) for value in values]
