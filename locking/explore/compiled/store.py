"""The states that a walk has met, packed, in order, with the hash table of their numbers.

The work on a chunk of states is shared among workers twice: each expands a stretch of the states,
then each enters those targets that belong to its parts of the hash table. One worker numbers what
is new, in the order of states, threads and outcomes: how many they are changes no number.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from locking.explore.compiled import hashing, kernel, walking
from locking.explore.compiled.kernel import (
    Chunk,
    Integers,
    Numbered,
    Rules,
    Share,
    Small,
    Table,
    Words,
    room_for_targets,
)
from locking.explore.compiled.nodes import with_room
from locking.explore.compiled.tables import Moved, PackedTables
from locking.explore.deadline import look

ROOM = 1 << 16
"""Targets that one worker puts before they are entered: they stay in its cache."""

FEW_ROWS = 1 << 11
"""States for which it does not pay to call in other workers."""

LACKING = 1 << 10
"""Entries that a worker asks for at once."""

LOAD = 0.8
"""The share of a hash table that may be taken; then a longer one is made."""

FIRST = 500_000
"""States that there is room for in the first hash table."""

LARGE_TABLE = 1_000_000
"""States from which on a hash table grows by half only; one for fewer is four times as long."""

MOST_STATES = 2**32 - 2
"""The greatest number that an entry of the hash table can hold."""

WORKERS = 8
"""The most workers that are called in: only one of them numbers states."""


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


PARTS = 16
"""Parts of the hash table, which are gone through one after the other: one stays in the cache."""

NO_MASKS: Words = np.empty(0, np.uint64)
"""Nothing is left out."""


class Store:
    """States by number, numbers by state; `levels` are where those of a walk end, once it has."""

    levels: Sequence[int] = ()

    def __init__(self, tables: PackedTables, workers: int) -> None:
        self.tables = tables
        self.workers = workers
        self.pool = ThreadPoolExecutor(workers)
        self.met = 1
        self.states: Words = np.array([tables.words(tables.product.initial)], np.uint64)
        self.begin, self.end = 0, 1
        self.skips, self.later = np.zeros(1, np.uint64), np.zeros(1, np.uint64)
        self.make_buffers()
        self.make_table()

    def restore(self, states: Words, begin: int, end: int) -> None:
        """Have these states, `begin` to `end` the current level; `keep` makes the hash table."""
        self.met, self.states, self.begin, self.end = len(states), states, begin, end
        self.skips = np.zeros(end - begin, np.uint64)
        self.later = np.zeros(len(states) - end, np.uint64)
        self.make_buffers()

    def make_buffers(self) -> None:
        """Room for the targets of all workers."""
        self.room = max(ROOM, self.tables.fanout)
        words, turned = self.tables.layout.words, self.tables.turned
        self.targets = room_for_targets(self.room * self.workers, words, turned)
        self.chunks = Chunk(
            np.empty((self.workers, self.room), np.int32),
            np.empty((self.workers, self.room), np.int32),
            np.empty((self.workers, PARTS, self.room), np.int32),
            np.zeros((self.workers, PARTS), np.int64),
            np.empty((self.workers, LACKING, 2), np.int64),
        )

    def widen_buffers(self) -> None:
        """Make buffers that have room for all targets of a state, now that more are known."""
        if self.tables.fanout > self.room:
            self.make_buffers()

    def make_table(self) -> None:
        """A hash table for all states, with room for those to come."""
        size = self.table_size
        self.capacity = int(LOAD * size * PARTS)
        bits = (self.capacity + self.fresh + 1).bit_length()
        self.table = Table(np.zeros(0, np.uint32), 1, 1)  # two are never in memory at once
        self.table = Table(np.zeros(size * PARTS, np.uint32), PARTS, min(bits, 32))
        self.together(
            self.met >= FEW_ROWS,
            [(hashing.rebuild, self.table, *part, self.states, 0, self.met) for part in self.parts],
        )

    @property
    def table_size(self) -> int:
        """How many entries a part of the next hash table has."""
        most = self.met + self.fresh
        return int(max(FIRST, (4 if most < LARGE_TABLE else 1.5) * most) / LOAD) // PARTS + 1

    @property
    def freed(self) -> int:
        """The bytes of memory, at least, that are free without states; mapped ones take none."""
        states = self.states[: self.met].nbytes if self.states.flags.writeable else 0
        return states + self.table.entries.nbytes

    @property
    def growth(self) -> int:
        """How many more bytes there are at once, at most, when room is made for the next chunk."""
        most = self.met + self.fresh
        states = 16 * most * self.states.shape[1] if most > len(self.states) else 0
        table = 4 * PARTS * self.table_size if most > self.capacity else 0
        masks = 16 * (most - self.end) if most - self.end > len(self.later) else 0
        return states + max(0, table - self.table.entries.nbytes) + masks

    @property
    def fresh(self) -> int:
        """How many states a chunk may add."""
        return len(self.targets.out)

    @property
    def parts(self) -> list[tuple[int, int]]:
        """For every worker the first of its parts of the table, and the first that is not its."""
        ends = [PARTS * at // self.workers for at in range(self.workers + 1)]
        return list(pairwise(ends))

    def together(self, much: bool, calls: list[tuple[Any, ...]]) -> list[Any]:
        """What functions return; they are called in parallel if there is `much` to do."""
        if not much or len(calls) == 1:
            return [function(*arguments) for function, *arguments in calls]
        (function, *arguments), *others = calls
        futures = [self.pool.submit(*call) for call in others]
        try:
            return [function(*arguments), *(future.result() for future in futures)]
        finally:
            wait(futures)  # they write: none may go on after Ctrl-C

    @property
    def full(self) -> bool:
        """Whether there are no numbers left for what another chunk may add."""
        return self.most + self.fresh > MOST_STATES

    @property
    def numbered(self) -> int:
        """How many states have numbers."""
        return self.met

    @property
    def most(self) -> int:
        """How many states have numbers, once all that were met have: at most so many."""
        return self.met

    @property
    def crowded(self) -> bool:
        """Whether what was met has to have its numbers before there is more."""
        return False

    def number_all(self) -> None:
        """Give numbers to the states that were met: here they have them."""

    def rows(self, start: int, stop: int) -> Words:
        """The packed states from `start` to `stop`."""
        return self.states[start:stop]

    def pick(self, numbers: Integers) -> Words:
        """The packed states of these numbers."""
        return self.states[numbers]

    def make_room(self) -> None:
        """Make room for whatever the next chunk may add."""
        self.widen_buffers()
        most = self.met + self.fresh
        if most > len(self.states):
            grown = np.empty((2 * most, self.states.shape[1]), np.uint64)
            grown[: self.met] = self.states[: self.met]
            self.states = grown
        if most > self.capacity:
            self.make_table()
        self.later = with_room(self.later, most - self.end)

    def next_level(self) -> None:
        """Go on to the states that were met since this was last called."""
        self.begin, self.end = self.end, self.met
        self.skips, self.later = self.later, self.skips

    def stretches(self, start: int, stop: int) -> list[tuple[int, int]]:
        """For each worker, those of the states from `start` to `stop` that it expands."""
        self.widen_buffers()
        each = max(1, self.room // self.tables.fanout)
        if stop - start >= FEW_ROWS:
            each = min(each, -(-(stop - start) // self.workers))
        begins = range(start, stop, each)[: self.workers]
        return [(begin, min(begin + each, stop)) for begin in begins]

    def advance(self, rules: Rules, start: int, stop: int) -> list[Share]:
        """Go through some of the states from `start` to `stop`, and number what they lead to."""
        self.make_room()
        shares = self.expand(rules, start, stop, masked=True)
        self.enter(shares)
        return shares

    def expand(self, rules: Rules, start: int, stop: int, *, masked: bool) -> list[Share]:
        """What the workers make of the first of the states from `start` to `stop`.

        Where it is `masked`, threads that lead to states which were met before are left out.
        It ends with the first share that lacks anything: what others lack is learned later, in the
        order in which one worker would.
        """
        masks = self.skips if masked else NO_MASKS
        return self.expand_rows(rules, self.states, 0, self.stretches(start, stop), masks)

    def expand_rows(
        self,
        rules: Rules,
        states: Words,
        first: int,
        stretches: list[tuple[int, int]],
        skips: Words,
    ) -> list[Share]:
        """What the workers make of these `stretches`, where `states` begin with state `first`."""
        told = self.together(
            len(stretches) > 1,
            [
                self.expanding(at, rules, states, begin - first, end - first, skips)
                for at, (begin, end) in enumerate(stretches)
            ],
        )
        shares = []
        for at, ((begin, _), (through, last, lacks)) in enumerate(
            zip(stretches, told, strict=True)
        ):
            through += first
            counts = self.chunks.counts[at, : through - begin]
            lacking = self.chunks.lacking[at, :lacks] + np.array([first, 0])
            shares.append(Share(begin, through, at * self.room, last, counts, lacking))
            if lacks:
                break
        return shares

    def expanding(
        self, at: int, rules: Rules, states: Words, start: int, stop: int, skips: Words
    ) -> tuple[Any, ...]:
        """The call by which worker `at` expands the states from `start` to `stop`."""
        chunk = Chunk(*(each[at] for each in self.chunks))
        place = chunk, self.targets, at * self.room
        return walking.expand, rules, states, start, stop, skips, self.begin, *place

    def enter(self, shares: list[Share]) -> None:
        """Number the targets that nobody met yet."""
        self.together(
            sum(share.last - share.first for share in shares) >= FEW_ROWS,
            [
                (
                    hashing.insert,
                    self.table,
                    *part,
                    self.states,
                    self.met,
                    self.targets,
                    self.chunks.queue,
                    self.chunks.lengths[: len(shares)],
                )
                for part in self.parts
            ],
        )
        fresh = [
            np.count_nonzero(self.targets.fresh[each.first : each.last] >= 0) for each in shares
        ]
        met = [self.met, *(self.met + np.cumsum(fresh)).tolist()]
        self.together(
            met[-1] - met[0] >= FEW_ROWS,
            [
                (
                    walking.settle,
                    self.table,
                    self.states,
                    met[at],
                    self.targets,
                    share.first,
                    self.chunks.kept[at, : share.through - share.begin],
                    self.later,
                    self.end,
                )
                for at, share in enumerate(shares)
            ],
        )
        self.met = met[-1]

    def keep(self, met: int) -> None:
        """Forget all but the first `met` states."""
        self.met = met
        if not self.states.flags.writeable:
            self.states = np.array(self.states)
        self.make_table()

    def learn(self, shares: list[Share]) -> None:
        """Fill the tables with what these lack, and pack states anew if need be."""
        lacking = shares[-1].lacking
        if len(lacking):
            self.teach(lacking)

    def teach(self, lacking: Integers) -> None:
        """Fill the tables for rows of `lacking`, each a state and a thread; repack if need be."""
        states = [self.tables.state(row) for row in self.pick(lacking[:, 0]).tolist()]
        for thread, state in zip(lacking[:, 1].tolist(), states, strict=True):
            self.tables.learn(thread, state)
        moved = self.tables.move()
        if moved:
            self.repack(moved)
            self.tables.torn = False

    def targets_of(self, start: int, stop: int) -> Iterator[tuple[Small, Words, Words]]:
        """For stretches of states that were gone through: how many edges each has, and to what.

        Each target comes with its hash. What was dropped from the tables since is learned again.
        Errors: `OutOfTime`.
        """
        for share in self.shares_of(start, stop):
            found = slice(share.first, share.last)
            yield share.counts, self.targets.out[found], self.targets.hashes[found]

    def shares_of(self, start: int, stop: int) -> Iterator[Share]:
        """What workers make of states that were gone through, once more."""
        while start < stop:
            look()
            shares = self.expand(self.tables.rules(), start, stop, masked=False)
            yield from shares
            start = shares[-1].through
            self.learn(shares)

    def edges(self, start: int, stop: int) -> Iterator[tuple[Small, Numbered]]:
        """For stretches of states that were gone through: how many edges each has, and where to."""
        for counts, to, hashes in self.targets_of(start, stop):
            yield counts, self.numbers(to, hashes)

    @property
    def on_disk(self) -> int:
        """The bytes of all files: there are none."""
        return 0

    def refuse_large(self, size: int) -> None:
        """Refuse what takes so many bytes beside the states: nothing is refused here."""

    @property
    def kind(self) -> np.dtype[np.signedinteger[Any]]:
        """The type of numbers of states."""
        return np.dtype(np.int32 if self.numbered < 2**31 else np.int64)

    def array(self, length: int, kind: DTypeLike) -> NDArray[Any]:
        """An array of zeros, which has a number for each state or edge."""
        return np.zeros(length, kind)

    def numbers(self, packed: Words, hashes: Words) -> Numbered:
        """The numbers of states that were met, and -1 of others."""
        made: Numbered = np.empty(len(packed), self.kind)
        hashing.find(self.table, self.states, packed, hashes, made)
        return made

    def repack(self, moved: Moved) -> None:
        """Pack all states anew."""
        layout = self.tables.layout
        target = np.empty((len(self.states), layout.words), np.uint64)
        kernel.repack(self.states, self.met, *moved, layout.fields, target)
        self.states = target
        self.make_buffers()
        self.make_table()
