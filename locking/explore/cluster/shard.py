"""One shard of the states that a walk has met: those whose hash falls to it, on one machine.

A shard expands its own states, and hands each target to the shard that it belongs to. There the
targets that nobody met yet wait until all that lead to them are known: a *tag* says which state
and which of its edges a target comes from, and of equal targets the lowest tag is kept. In the
order of tags they get the numbers that a walk in one process gives them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from locking.explore.cluster.shard_states import ShardStates, StatesInMemory, in_room
from locking.explore.compiled import passes, walking
from locking.explore.compiled.kernel import (
    Chunk,
    Integers,
    NumberArray,
    Numbered,
    Rules,
    Small,
    Words,
    room_for_targets,
)
from locking.explore.compiled.layout import BitLayout
from locking.explore.compiled.store import LACKING, ROOM
from locking.explore.room import Room

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

    def begin(self, layout: BitLayout, room: Room) -> None:
        """Forget all states, and go on with those of another walk; this process has so much `room`.

        Where memory ends they are on disk.
        """
        self.layout, self.has = layout, room
        self.rules: Rules | None = None
        self.fanout = 0
        self.states: ShardStates = StatesInMemory(layout.words)
        self.forget_targets()

    def forget_targets(self) -> None:
        """Drop what has no number yet."""
        self.waiting: list[Candidates] = []
        self.waits = self.settled = 0
        self.leaving: list[list[Candidates]] = [[] for _ in range(self.shards)]
        self.counted: list[EdgeCounts] = []

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
        self.states = in_room(self.states, len(rows), self.has)
        self.states.add(rows, numbers, masks)

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
        at, end = self.states.between(start, stop)
        each = max(1, self.room // self.fanout)
        while at < end:
            last_of_stretch = min(at + each, end)
            rows, numbers, masks = self.states.stretch(at, last_of_stretch)
            through, last, lacks = walking.expand(
                self.rules, rows, 0, len(rows), masks, 0, self.chunk, self.targets, 0
            )
            self.put(numbers[:through].copy(), last)
            if lacks:
                lacking = self.chunk.lacking[:lacks].copy()
                lacking[:, 0] = numbers[lacking[:, 0]]
                if lacks == LACKING:  # there is no room for more
                    return lacking, int(lacking[-1, 0])
                whole = last_of_stretch == end
                return lacking, stop if whole else self.number_of(last_of_stretch)
            at = last_of_stretch
        return np.empty((0, 2), np.int64), stop

    def number_of(self, at: int) -> int:
        """The number of one of the states that this shard has."""
        return int(self.states.stretch(at, at + 1)[1][0])

    def put(self, numbers: NumberArray, last: int) -> None:
        """Keep the targets of states with these numbers, by the shard that each belongs to."""
        self.counted.append(EdgeCounts(numbers, self.chunk.counts[: len(numbers)].copy()))
        kept = self.chunk.kept[: len(numbers)].astype(np.int64)
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
        """Take in targets, but for states that are known to be met; it returns how many wait."""
        for some in batches:
            new = some.those(self.states.find(some.rows) < 0) if self.states.tells else some
            self.waiting.append(new)
            self.waits += len(new.tags)
        if self.waits > max(MOST_WAITING_HERE, 2 * self.settled):
            self.settle()
        return self.waits

    def settle(self) -> Candidates:
        """What waits and was not met, each state once, in the order of tags."""
        if len(self.waiting) == 1 and self.waits == self.settled:
            return self.waiting[0]
        found = each_once(in_one(self.waiting, self.layout.words))
        if not self.states.tells:
            found = found.those(self.states.find(found.rows) < 0)
        self.waiting, self.waits, self.settled = [found], len(found.tags), len(found.tags)
        return found

    def ranked(self) -> tuple[Words, Words]:
        """The states that wait and their tags, in the order of tags."""
        found = self.settle()
        return found.rows, found.tags

    def number(self, numbers: NumberArray) -> int:
        """Give what waits its numbers; it returns the bytes that are on disk."""
        found = self.settle()
        self.forget_targets()
        self.add(found.rows, numbers, found.masks)
        return self.states.on_disk

    def numbers(self, packed: Words) -> Numbered:
        """The numbers of these states, and -1 of those that this shard has not met."""
        return self.states.find(packed)

    def keep(self, met: int) -> None:
        """Forget all states with numbers from `met` on, and all that have none."""
        self.forget_targets()
        self.states.keep(self.states.between(0, met)[1])


NO_COUNTS = EdgeCounts(np.empty(0, np.uint32), np.empty(0, np.int32))


def owners(hashes: Words, shards: int) -> Words:
    """The shards that states belong to, by their hashes."""
    return (hashes >> np.uint64(32)) * np.uint64(shards) >> np.uint64(32)
