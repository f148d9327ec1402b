"""Answers of a predicate for packed states: the tree of explore/decisions.py, in arrays.

It is gone through in compiled code, and stops at a state for which it has no answer yet.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled import passes
from locking.explore.compiled.kernel import UNKNOWN, Fields, Words
from locking.explore.compiled.nodes import arrays, with_room
from locking.explore.compiled.tables import PackedTables
from locking.explore.decisions import Look, seen_at
from locking.explore.product import State

UNSEEN = -1
"""The number of a look at a slot that nobody ever touched: it always sees one thing."""


class PackedLook:
    """A look: the component that it is at, where that lies, the rank of what each value shows."""

    def __init__(self, component: int, word: int, shift: int, mask: int, ranks: list[int]) -> None:
        self.component = component
        self.place = word, shift, mask
        self.ranks = ranks
        self.most = 1 + max(ranks)

    def of(self, words: list[int]) -> int:
        """The rank of what is seen in the state packed in `words`."""
        word, shift, mask = self.place
        return self.ranks[words[word] >> shift & mask]


class PackedDecisions:
    """What is known of a predicate's answers, for states that are packed as `tables` say.

    An entry is `UNKNOWN`, an answer (0 or 1), or the number of a node plus `passes.NODE`. A row of
    `nodes` is a look, and where in `entries` those of what it sees begin; `above` has the node
    that leads to each. The first entry is that of the root.
    """

    def __init__(self, tables: PackedTables) -> None:
        self.tables = tables
        self.layout = tables.layout
        self.numbers: dict[Look, int] = {}
        self.sights: list[PackedLook] = []
        self.above: list[int] = []
        self.nodes = np.zeros((16, 2), np.int64)
        self.entries = np.full(1, UNKNOWN, np.int32)
        self.count, self.used = 0, 1
        self.make_looks()

    def make_looks(self) -> None:
        """Put all looks into arrays, for the kernel."""
        owners = np.array([each.component for each in self.sights], np.int64)
        word, shift, mask = self.layout.fields
        self.fields = Fields(word[owners], shift[owners], mask[owners])
        self.starts, self.ranks = arrays([each.ranks for each in self.sights])

    def of(
        self, rows: Words, ask: Callable[[State], bool], looks: Callable[[], Sequence[Look]]
    ) -> NDArray[np.bool_]:
        """The answers for these packed states; `looks` says what `ask` looked at just now."""
        found, at = np.empty(len(rows), np.bool_), 0
        while True:
            told = (self.nodes, self.entries, self.fields, self.starts, self.ranks)
            at, node, entry = passes.go_down(rows, at, *told, found)
            if at == len(rows):
                return found
            words = rows[at].tolist()
            answer = bool(ask(self.tables.state(words)))
            seen = partial(self.rank, words)
            self.learn(seen, node, entry, looks(), answer)

    def rank(self, words: list[int], look: int) -> int:
        """The rank of what a look sees in the state packed in `words`."""
        return self.sights[look].of(words)

    def learn(
        self,
        seen: Callable[[int], int],
        node: int,
        entry: int,
        looks: Sequence[Look],
        answer: bool,
    ) -> None:
        """Enter an answer that was given after these `looks`, with the rank of what each has seen.

        The way through the tree ends with `node`, or -1, at an `entry` of it that is unknown.
        """
        looked, above = {UNSEEN}, node
        while above >= 0:
            looked.add(int(self.nodes[above, 0]))
            above = self.above[above]
        for each in looks:
            look = self.number(each)
            if look not in looked:
                looked.add(look)
                self.entries[entry] = passes.NODE + self.count
                node, base = self.add(look, node)
                entry = base + seen(look)
        self.entries[entry] = answer

    def number(self, look: Look) -> int:
        """The number of a look, `UNSEEN` at a slot that no component has."""
        found = self.numbers.get(look)
        if found is None:
            found = self.numbers[look] = self.add_look(look)
        return found

    def add_look(self, look: Look) -> int:
        """The number of a new look, `UNSEEN` at a slot that no component has."""
        owner = self.tables.owner.get(look[0])
        if owner is None:
            return UNSEEN
        at = self.tables.components[owner].index(look[0])
        ranks = ranks_of_values(self.tables.values[owner], (at, look[1]))
        self.sights.append(PackedLook(owner, *self.layout.places[owner], ranks))
        self.make_looks()
        return len(self.sights) - 1

    def width(self, look: int) -> int:
        """How many things a look may see."""
        return self.sights[look].most

    def add(self, look: int, above: int) -> tuple[int, int]:
        """The number of a new node that looks there, below another, and where its entries begin."""
        node, base = self.count, self.used
        self.count, self.used = node + 1, base + self.width(look)
        self.nodes = with_room(self.nodes, self.count)
        self.nodes[node] = look, base
        self.above.append(above)
        self.entries = with_room(self.entries, self.used)
        self.entries[base : self.used] = UNKNOWN
        return node, base


def ranks_of_values(values: Sequence[tuple[int, ...]], look: Look) -> list[int]:
    """For every value of a component the rank of what is seen of it."""
    ranks: dict[Hashable, int] = {}
    return [ranks.setdefault(seen_at(look, value), len(ranks)) for value in values]
