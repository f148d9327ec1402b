"""One shard of the states that a walk has met: those whose hash falls to it, on one machine.

A shard expands its own states, and hands each target to the shard that it belongs to. There the
targets that nobody met yet wait until all that lead to them are known: a *tag* says which state
and which of its edges a target comes from, and of equal targets the lowest tag is kept. In the
order of tags they get the numbers that a walk in one process gives them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from locking.explore.compiled import hashing, passes, walking
from locking.explore.compiled.kernel import (
    Chunk,
    Integers,
    NumberArray,
    Numbered,
    Rules,
    Small,
    Table,
    Words,
    room_for_targets,
)
from locking.explore.compiled.layout import BitLayout
from locking.explore.compiled.nodes import with_room
from locking.explore.compiled.store import LACKING, LOAD, ROOM

MOST_WAITING_HERE = 1 << 22
"""Targets that may wait before those that are equal are made one."""

ONE = np.uint64(1)
PARENT = np.uint64(32)
"""How far the number of the state is shifted in a tag; below it is the number of the edge."""


class Candidates(NamedTuple):
    """Targets of some states: the packed state, the tag, and the threads to leave out behind it."""

    rows: Words
    tags: Words
    masks: Words

    def those(self, which: Any) -> "Candidates":
        """Some of them."""
        return Candidates(self.rows[which], self.tags[which], self.masks[which])


class EdgeCounts(NamedTuple):
    """How many edges states have, by their numbers."""

    numbers: NumberArray
    counts: Small


def in_one(batches: Sequence[Candidates], words: int) -> Candidates:
    """Candidates of several batches."""
    none = Candidates(
        np.empty((0, words), np.uint64), np.empty(0, np.uint64), np.empty(0, np.uint64)
    )
    return Candidates(*map(np.concatenate, zip(none, *batches, strict=True)))


def each_once(some: Candidates) -> Candidates:
    """Each state once, with the lowest of its tags; in the order of tags."""
    order = np.lexsort((some.tags, *some.rows.T[::-1]))
    rows = some.rows[order]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    kept = order[first]
    return some.those(kept[np.argsort(some.tags[kept])])


class Shard:
    """Shard number `at` of so many `shards`; its states are in the order of their numbers."""

    def __init__(self, at: int, shards: int) -> None:
        self.at = at
        self.shards = shards

    def answers(self) -> bool:
        """Whether this shard is still there."""
        return True

    def begin(self, layout: BitLayout) -> None:
        """Forget all states, and go on with those of another walk."""
        self.layout = layout
        self.rules: Rules | None = None
        self.fanout = 0
        self.met = 0
        self.rows: Words = np.empty((0, layout.words), np.uint64)
        self.known: NumberArray = np.empty(0, np.uint32)
        self.masks: Words = np.empty(0, np.uint64)
        self.make_table()
        self.forget_targets()

    def forget_targets(self) -> None:
        """Drop what has no number yet."""
        self.waiting: list[Candidates] = []
        self.waits = 0
        self.leaving: list[list[Candidates]] = [[] for _ in range(self.shards)]
        self.counted: list[EdgeCounts] = []

    def make_table(self) -> None:
        """A hash table of all states, with room for as many again."""
        self.capacity = max(1 << 14, 2 * self.met)
        size = int(self.capacity / LOAD) + 1
        self.table = Table(np.zeros(size, np.uint32), 1, min(self.capacity.bit_length(), 32))
        hashing.rebuild(self.table, 0, 1, self.rows, 0, self.met)

    def learn(self, rules: Rules, fanout: int) -> None:
        """Take over what threads can do; a state has at most `fanout` targets."""
        self.rules = rules
        if fanout > self.fanout:
            self.fanout, self.room = fanout, max(ROOM, fanout)
            self.make_buffers()

    def make_buffers(self) -> None:
        """Room for the targets of a stretch of states."""
        room = self.room
        self.targets = room_for_targets(room, self.layout.words)
        self.chunk = Chunk(
            np.empty(room, np.int32),
            np.empty(room, np.int32),
            np.empty((self.shards, room), np.int32),
            np.zeros(self.shards, np.int64),
            np.empty((LACKING, 2), np.int64),
        )

    def add(self, rows: Words, numbers: NumberArray, masks: Words) -> None:
        """Take in states of this shard, with their numbers, which are above all it has."""
        most = self.met + len(rows)
        self.rows = with_room(self.rows, most)
        self.known, self.masks = with_room(self.known, most), with_room(self.masks, most)
        self.rows[self.met : most], self.known[self.met : most] = rows, numbers
        self.masks[self.met : most] = masks
        begin, self.met = self.met, most
        if most > self.capacity:
            self.make_table()
        else:
            hashing.rebuild(self.table, 0, 1, self.rows, begin, most)

    def take_over(self, rows: Words, start: int) -> None:
        """Take in those of these states that are of this shard; the first has the number `start`.

        Nothing is left out behind them.
        """
        hashes = np.empty(len(rows), np.uint64)
        passes.hash_all(rows, hashes)
        mine = np.flatnonzero(owners(hashes, self.shards) == self.at)
        numbers = (start + mine).astype(np.uint32)
        self.add(rows[mine], numbers, np.zeros(len(mine), np.uint64))

    def expand(self, start: int, stop: int) -> tuple[Integers, int]:
        """Expand the states of this shard with numbers from `start` to `stop`.

        Where a table lacks what a thread does in a state, it ends, and says of which states and
        threads, and up to which number it says all. The targets stay here until they are sent.
        """
        assert self.rules is not None
        at, end = np.searchsorted(self.known[: self.met], [start, stop]).tolist()
        each = max(1, self.room // self.fanout)
        while at < end:
            last_of_stretch = min(at + each, end)
            through, last, lacks = walking.expand(
                self.rules,
                self.rows,
                at,
                last_of_stretch,
                self.masks[at:end],
                at,
                self.chunk,
                self.targets,
                0,
            )
            self.put(at, through, last)
            if lacks:
                lacking = self.chunk.lacking[:lacks].copy()
                lacking[:, 0] = self.known[lacking[:, 0]]
                if lacks == LACKING:  # there is no room for more
                    return lacking, int(lacking[-1, 0])
                whole = last_of_stretch == end
                return lacking, stop if whole else int(self.known[last_of_stretch])
            at = through
        return np.empty((0, 2), np.int64), stop

    def put(self, at: int, through: int, last: int) -> None:
        """Keep the targets of a stretch of states, by the shard that each belongs to."""
        numbers = self.known[at:through].copy()
        self.counted.append(EdgeCounts(numbers, self.chunk.counts[: through - at].copy()))
        kept = self.chunk.kept[: through - at].astype(np.int64)
        edges = np.arange(last) - np.repeat(np.cumsum(kept) - kept, kept)
        tags = np.repeat(numbers.astype(np.uint64), kept) << PARENT | edges.astype(np.uint64)
        who = np.minimum(self.targets.who[:last], 63).astype(np.uint64)
        masks = self.targets.others[:last] & ((ONE << who) - ONE)
        every = Candidates(self.targets.out[:last], tags, masks)
        for owner, leaving in enumerate(self.leaving):
            queue = self.chunk.queue[owner, : self.chunk.lengths[owner]]
            leaving.append(every.those(queue))

    def send(self, through: int) -> list[Any]:
        """How many edges the states have that were expanded; then the targets for each shard.

        All are of states below `through`.
        """
        below = np.uint64(through) << PARENT
        counts = EdgeCounts(*map(np.concatenate, zip(NO_COUNTS, *self.counted, strict=True)))
        kept = counts.numbers < through
        sent: list[Any] = [EdgeCounts(counts.numbers[kept], counts.counts[kept])]
        for leaving in self.leaving:
            every = in_one(leaving, self.layout.words)
            sent.append(every.those(every.tags < below))
        self.leaving = [[] for _ in range(self.shards)]
        self.counted = []
        return sent

    def receive(self, *batches: Candidates) -> int:
        """Take in targets, but for states that were met; it returns how many wait."""
        for some in batches:
            new = some.those(self.numbers(some.rows) < 0)
            self.waiting.append(new)
            self.waits += len(new.tags)
        if self.waits > MOST_WAITING_HERE:
            self.settle()
        return self.waits

    def settle(self) -> Candidates:
        """What waits, each state once, in the order of tags."""
        found = each_once(in_one(self.waiting, self.layout.words))
        self.waiting, self.waits = [found], len(found.tags)
        return found

    def ranked(self) -> tuple[Words, Words]:
        """The states that wait and their tags, in the order of tags."""
        found = self.settle()
        return found.rows, found.tags

    def number(self, numbers: NumberArray) -> None:
        """Give what waits its numbers."""
        found = self.settle()
        self.forget_targets()
        self.add(found.rows, numbers, found.masks)

    def numbers(self, packed: Words) -> Numbered:
        """The numbers of these states, and -1 of those that this shard has not met."""
        hashes, found = np.empty(len(packed), np.uint64), np.empty(len(packed), np.int64)
        passes.hash_all(packed, hashes)
        hashing.find(self.table, self.rows, packed, hashes, found)
        met = found >= 0
        found[met] = self.known[found[met]]
        return found

    def keep(self, met: int) -> None:
        """Forget all states with numbers from `met` on, and all that have none."""
        self.forget_targets()
        self.met = int(np.searchsorted(self.known[: self.met], met))
        self.make_table()


NO_COUNTS = EdgeCounts(np.empty(0, np.uint32), np.empty(0, np.int32))


def owners(hashes: Words, shards: int) -> Words:
    """The shards that states belong to, by their hashes."""
    return (hashes >> np.uint64(32)) * np.uint64(shards) >> np.uint64(32)
