"""The states that a walk has met, packed, in order, with the hash table of their numbers.

The work on a chunk of states is shared among workers twice: each expands a stretch of the states,
then each enters those targets that belong to its part of the hash table. Numbering what is new is
one worker's, and goes by the order of states, threads and outcomes; so how many workers there are
makes no difference to any number.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import numpy as np

from locking.explore.compiled import kernel
from locking.explore.compiled.kernel import Integers, Rules, Table, Targets, Words
from locking.explore.compiled.tables import Moved, Tables

ROOM = 1 << 16
"""Targets that one worker puts before they are entered: they stay in its cache."""

FEW = 1 << 11
"""States for which it does not pay to call in other workers."""

LACKING = 1 << 10
"""Entries that a worker asks for at once."""

LOAD = 0.8
"""The share of a hash table that may be taken; then a longer one is made."""

LARGE = 1_000_000
"""States from which on a hash table grows by half only; one for fewer is four times as long."""

MOST = 2**32 - 2
"""The greatest number that an entry of the hash table can hold."""

WORKERS = 8
"""The most workers that are called in: numbering is one worker's."""


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


class Share(NamedTuple):
    """What one worker made of its stretch, which begins at state `begin`.

    It came to state `through`; the targets are from `first` to `last` in `out`, `counts` of each
    state. `lacking` are the states and threads of which no table says yet what they do.
    """

    begin: int
    through: int
    first: int
    last: int
    counts: Integers
    lacking: Integers


class Store:
    """States by number, and numbers by state."""

    def __init__(self, tables: Tables, workers: int) -> None:
        self.tables = tables
        self.workers = workers
        self.pool = ThreadPoolExecutor(workers)
        self.met = 1
        self.states: Words = np.array([tables.words(tables.product.initial)], np.uint64)
        self.make_buffers()
        self.make_table()

    def make_buffers(self) -> None:
        """Room for the targets of all workers."""
        self.room = max(ROOM, self.tables.fanout)
        length = self.room * self.workers
        self.out = np.empty((length, self.tables.layout.words), np.uint64)
        self.hashes = np.empty(length, np.uint64)
        self.fresh = np.empty(length, np.int64)
        self.queues = np.empty((self.workers, self.workers, self.room), np.int64)
        self.lengths = np.zeros((self.workers, self.workers), np.int64)
        self.counts = np.empty((self.workers, self.room), np.int64)
        self.lacking = np.empty((self.workers, LACKING, 2), np.int64)

    def make_table(self) -> None:
        """A hash table for all states, with room for those to come."""
        most = self.met + len(self.out)
        size = int((4 if most < LARGE else 1.5) * most / LOAD) // self.workers + 1
        self.capacity = int(LOAD * size * self.workers)
        bits = (self.capacity + len(self.out) + 1).bit_length()
        self.table = Table(np.zeros(0, np.uint32), 1, 1)  # two are never in memory at once
        self.table = Table(np.zeros(size * self.workers, np.uint32), self.workers, min(bits, 32))
        self.together(
            True, [(kernel.rebuild, self.table, part, self.states, self.met) for part in self.parts]
        )

    @property
    def parts(self) -> range:
        """The parts of the table, which are as many as there are workers."""
        return range(self.workers)

    def together(self, much: bool, calls: list[tuple[Any, ...]]) -> list[Any]:
        """What functions return, which are called at the same time if it is `much` to do."""
        if not much or len(calls) == 1:
            return [function(*arguments) for function, *arguments in calls]
        futures = [self.pool.submit(*call) for call in calls]
        try:
            return [future.result() for future in futures]
        finally:
            wait(futures)  # they write: none may go on after Ctrl-C

    @property
    def full(self) -> bool:
        """Whether there are no numbers left for what another chunk may add."""
        return self.met + len(self.out) > MOST

    def make_room(self) -> None:
        """See that a chunk can be taken, whatever comes of it."""
        if self.tables.fanout > self.room:
            self.make_buffers()
        most = self.met + len(self.out)
        if most > len(self.states):
            grown = np.empty((2 * most, self.states.shape[1]), np.uint64)
            grown[: self.met] = self.states[: self.met]
            self.states = grown
        if most > self.capacity:
            self.make_table()

    def stretches(self, start: int, stop: int) -> list[tuple[int, int]]:
        """What of the states from `start` to `stop` each worker expands."""
        each = max(1, self.room // self.tables.fanout)
        if stop - start >= FEW:
            each = min(each, -(-(stop - start) // self.workers))
        begins = range(start, stop, each)[: self.workers]
        return [(begin, min(begin + each, stop)) for begin in begins]

    def advance(self, rules: Rules, start: int, stop: int) -> list[Share]:
        """Go through some of the states from `start` to `stop`, and number what they lead to."""
        self.make_room()
        shares = self.expand(rules, start, stop)
        self.enter(whole(shares))
        return shares

    def expand(self, rules: Rules, start: int, stop: int) -> list[Share]:
        """What the workers make of the first of the states from `start` to `stop`."""
        stretches = self.stretches(start, stop)
        told = self.together(
            len(stretches) > 1,
            [
                (
                    kernel.expand,
                    rules,
                    self.tables.threads,
                    self.states,
                    *stretch,
                    self.out,
                    at * self.room,
                    self.hashes,
                    self.queues[at],
                    self.lengths[at],
                    self.counts[at],
                    self.lacking[at],
                )
                for at, stretch in enumerate(stretches)
            ],
        )
        return [
            Share(
                begin,
                through,
                at * self.room,
                last,
                self.counts[at, : through - begin],
                self.lacking[at, :lacks],
            )
            for at, ((begin, _), (through, last, lacks)) in enumerate(
                zip(stretches, told, strict=True)
            )
        ]

    def enter(self, shares: list[Share]) -> None:
        """Number the targets that nobody met yet."""
        ranges = np.array([(share.first, share.last) for share in shares], np.int64)
        self.together(
            sum(share.last - share.first for share in shares) >= FEW,
            [
                (
                    kernel.insert,
                    self.table,
                    part,
                    self.states,
                    self.met,
                    self.out,
                    self.hashes,
                    self.queues,
                    self.lengths[: len(shares)],
                    self.fresh,
                )
                for part in self.parts
            ],
        )
        self.met = kernel.settle(self.table, self.states, self.met, self.out, ranges, self.fresh)

    def keep(self, met: int) -> None:
        """Forget all but the first `met` states."""
        self.met = met
        self.make_table()

    def learn(self, shares: list[Share]) -> None:
        """Fill the tables with what these lack, and pack states anew if need be."""
        lacking = np.concatenate([share.lacking for share in shares])
        if not len(lacking):
            return
        states = [self.tables.state(row) for row in self.states[lacking[:, 0]].tolist()]
        for thread, state in zip(lacking[:, 1].tolist(), states, strict=True):
            self.tables.learn(thread, state)
        moved = self.tables.move()
        if moved:
            self.repack(moved)
            self.tables.torn = False

    def edges(self, start: int, stop: int) -> Iterator[tuple[Integers, Targets]]:
        """For stretches of states that were gone through: how many edges each has, and where to.

        What was dropped from the tables since is learned again.
        """
        while start < stop:
            shares = self.expand(self.tables.rules(), start, stop)
            for share in whole(shares):
                found = slice(share.first, share.last)
                yield share.counts, self.numbers(self.out[found], self.hashes[found])
                start = share.through
            self.learn(shares)

    def numbers(self, packed: Words, hashes: Words) -> Targets:
        """The numbers of states that were met, and -1 of others."""
        kind = np.int32 if self.met < 2**31 else np.int64
        made: Targets = np.empty(len(packed), kind)
        kernel.find(self.table, self.states, packed, hashes, made)
        return made

    def repack(self, moved: Moved) -> None:
        """Pack all states anew."""
        layout = self.tables.layout
        target = np.empty((len(self.states), layout.words), np.uint64)
        kernel.repack(self.states, self.met, *moved, layout.fields, target)
        self.states = target
        self.make_buffers()
        self.make_table()


def whole(shares: list[Share]) -> list[Share]:
    """Those of the shares before which nothing is left out."""
    last = next(
        (at for at, share in enumerate(shares) if len(share.lacking)),
        len(shares),
    )
    return shares[: last + 1]
