"""Answers of a predicate for packed states and all their images: each look is moved to a copy.

It is what explore/reduction/images.py does, gone through in compiled code.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled import moved_looks
from locking.explore.compiled.decisions import UNSEEN, PackedDecisions
from locking.explore.compiled.kernel import Fields, Integers, Words
from locking.explore.compiled.moved_looks import MovedLooks, RoomForImages
from locking.explore.compiled.nodes import arrays
from locking.explore.compiled.quotient_tables import QuotientTables
from locking.explore.decisions import Look, seen_at
from locking.explore.product import State
from locking.explore.reduction.images import MovedSights, Named, Unlike


class MovedLook:
    """A look, with a column for each copy that may take the place of the one that it is at.

    A column is a component, and the rank of what is seen where each of its values is moved there.
    """

    def __init__(self, look: Look, tables: QuotientTables, sights: MovedSights) -> None:
        self.look = look
        self.known: dict[Hashable, int] = {}
        thread = sights.thread(look[0])
        self.position = -1 if thread is None else tables.members.tolist().index(thread)
        twins = [look[0]] if thread is None else sights.twins(look[0])
        self.columns = [self.column(tables, sights, twin) for twin in twins]
        self.most = len(self.known)

    def column(
        self, tables: QuotientTables, sights: MovedSights, twin: int
    ) -> tuple[int, list[int]]:
        """The column of the copy whose slot is `twin`. Errors: `Named`."""
        owner = tables.owner.get(twin)
        if owner is None:  # and that of another copy was touched
            raise Named
        at = tables.components[owner].index(twin)
        held = [values[at] for values in tables.values[owner]]
        ranks = {
            value: self.known.setdefault(sights.seen(self.look, twin, value), len(self.known))
            for value in dict.fromkeys(held)
        }
        return owner, [ranks[value] for value in held]

    def of(self, state: State) -> int:
        """The rank of what is seen in `state`. Errors: `Named` where no value looks like that."""
        found = self.known.get(seen_at(self.look, state))
        if found is None:
            raise Named
        return found


class PackedImages(PackedDecisions):
    """What is known of a predicate's answers, for all images of packed states."""

    tables: QuotientTables

    def __init__(self, tables: QuotientTables) -> None:
        self.moved: list[MovedLook] = []
        self.images = MovedSights(tables.product)
        sizes = np.diff(tables.classes)
        self.kinds: Integers = np.repeat(np.arange(len(sizes)), sizes)
        super().__init__(tables)

    def make_looks(self) -> None:
        """Put all looks into arrays, for the kernel."""
        columns = [column for each in self.moved for column in each.columns]
        owners = np.array([owner for owner, _ in columns], np.int64)
        word, shift, mask = self.layout.fields
        counts = [0, *(len(each.columns) for each in self.moved)]
        self.told = MovedLooks(
            np.array([each.position for each in self.moved], np.int64),
            np.cumsum(counts)[:-1].astype(np.int64),
            Fields(word[owners], shift[owners], mask[owners]),
            *arrays([ranks for _, ranks in columns]),
            self.tables.classes,
            self.kinds,
        )
        copies = len(self.kinds)
        self.room = RoomForImages(
            np.empty(copies, np.int64),
            np.empty(copies, np.int64),
            np.empty(len(self.moved) + 1, np.int64),
            np.zeros(4, np.int64),
        )

    def of(
        self, rows: Words, ask: Callable[[State], bool], looks: Callable[[], Sequence[Look]]
    ) -> NDArray[np.bool_]:
        """The answers for all images of these packed states; `looks` says what `ask` looked at.

        Errors: `Unlike` where two images have two answers; `Named`.
        """
        found, at, fresh = np.empty(len(rows), np.bool_), 0, True
        while True:
            tree = self.nodes, self.entries, self.told, self.room
            at, node, entry, differ = moved_looks.answers(rows, at, fresh, *tree, found)
            if differ:
                raise Unlike
            if at == len(rows):
                return found
            image = self.images.image(self.tables.state(rows[at].tolist()), self.order())
            answer, before = bool(ask(image)), len(self.moved)
            self.learn(partial(self.rank_in, image), node, entry, looks(), answer)
            fresh = len(self.moved) > before  # then copies that looked the same may not do so now

    def rank_in(self, image: State, look: int) -> int:
        """The rank of what a look sees in an image."""
        return self.moved[look].of(image)

    def order(self) -> dict[int, int]:
        """For each copy that is looked at, which one takes its place."""
        members = self.tables.members
        return {
            int(members[position]): int(members[copy])
            for position, copy in enumerate(self.room.order)
            if copy >= 0
        }

    def add_look(self, look: Look) -> int:
        """The number of a new look. Errors: `Named`."""
        if self.tables.owner.get(look[0]) is None:
            return UNSEEN
        self.moved.append(MovedLook(look, self.tables, self.images))
        self.make_looks()
        return len(self.moved) - 1

    def width(self, look: int) -> int:
        """How many things a look may see."""
        return self.moved[look].most
