"""What the compiled engine returns: a graph that keeps states packed, and works out the rest.

A state costs what the walk needed for it. Edges are found again from the tables when somebody asks
for them, and kept only while a pass over all of them needs them.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np

from locking.explore.compiled import kernel, passes
from locking.explore.compiled.kernel import HALTED, Integers, Table, Targets, Words
from locking.explore.compiled.nodes import arrays
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import Tables
from locking.explore.graph import Choice, Graph
from locking.explore.product import State

BLOCK = 1 << 15
"""States that are unpacked, or sorted into classes, at a time."""


class States(Sequence[State]):
    """The states of a store, unpacked when they are asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.length = store.met

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> State: ...
    @overload
    def __getitem__(self, at: slice) -> list[State]: ...
    def __getitem__(self, at: int | slice) -> State | list[State]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(self.length))]
        if not -self.length <= at < self.length:
            raise IndexError(at)
        return self.store.tables.state(self.store.states[at % self.length].tolist())

    def __iter__(self) -> Iterator[State]:
        unpack = self.store.tables.state
        for start in range(0, self.length, BLOCK):
            block = self.store.states[start : min(start + BLOCK, self.length)]
            yield from map(unpack, block.tolist())


class Depths(Sequence[int]):
    """The depth of every state, from the numbers at which levels end."""

    def __init__(self, levels: Sequence[int], length: int) -> None:
        self.levels = levels
        self.length = length

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: int | slice) -> int | list[int]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(self.length))]
        if not -self.length <= at < self.length:
            raise IndexError(at)
        return bisect_right(self.levels, at % self.length)


class Packed(Graph):
    """A graph on a store; `levels` are the numbers at which the levels of the walk end."""

    def __init__(
        self,
        store: Store,
        ends: Integers,
        explored: int,
        transitions: int,
        levels: Sequence[int],
        cause: str | None,
    ) -> None:
        super().__init__(
            states=States(store), depths=Depths(levels, store.met), cause=cause, engine="compiled"
        )
        self.store = store
        self.tables: Tables = store.tables
        self.levels = levels
        self.last = ends
        self.through = explored
        self.edge_count = transitions

    @property
    def explored(self) -> int:
        """How many states were gone through."""
        return self.through

    @property
    def transitions(self) -> int:
        """How many edges there are."""
        return self.edge_count

    def edges(self, at: int) -> Iterator[tuple[Choice, int]]:
        """The steps from state `at`, with the numbers of the states they lead to."""
        if at >= self.explored:
            return
        self.store.learn(self.store.expand(self.tables.rules(), at, at + 1))
        entries = [self.entry(at, thread) for thread in range(self.tables.threads)]
        if HALTED in entries:
            return
        rules = self.tables.rules()
        steps = [
            (thread, step)
            for thread, leaf in enumerate(entries)
            for step in range(int(rules.first[leaf]), int(rules.first[leaf + 1]))
        ]
        if steps:
            packed = self.store.states[at] ^ rules.deltas[[step for _, step in steps]]
            hashes = np.array(
                [kernel.hashed(packed, each) for each in range(len(steps))], np.uint64
            )
            numbers = self.store.numbers(packed, hashes).tolist()
            for (thread, step), number in zip(steps, numbers, strict=True):
                yield (thread, self.tables.outcomes[step]), number

    def entry(self, at: int, thread: int) -> int:
        """The leaf of what `thread` does in state `at`."""
        return int(kernel.entry(self.tables.rules(), self.store.states, at, thread))

    def ends(self) -> Iterator[int]:
        """The states from which no step can be taken."""
        return iter(self.last.tolist())

    @cached_property
    def flat(self) -> tuple[Integers, Targets]:
        """All edges: where in the second array those of each state begin, and what they lead to."""
        stretches = [(counts.copy(), to) for counts, to in self.store.edges(0, self.explored)]
        counts = np.concatenate([np.zeros(1, np.int64), *(counts for counts, _ in stretches)])
        return np.cumsum(counts), np.concatenate([to for _, to in stretches])

    def before(self, goals: Collection[int], level: int) -> set[int]:
        """The states of depth `level` from which a step leads to one of `goals`."""
        start = self.levels[level - 1] if level else 0
        wanted = np.array(sorted(goals), np.int64)
        found = set[int]()
        for counts, to in self.store.edges(start, min(self.levels[level], self.explored)):
            sources = np.repeat(np.arange(start, start + len(counts)), counts)
            found.update(sources[np.isin(to, wanted)].tolist())
            start += len(counts)
        return found

    def runs(self) -> int | None:
        """How many maximal runs there are; None where a cycle makes them infinitely many.

        Sums of any size, 64 bits at a time: what overflows is carried to the next 64.
        """
        if self.explored < len(self.states):
            return None
        offsets, targets = self.flat
        found = np.empty(self.explored, targets.dtype)
        if passes.order(offsets, targets, found) < self.explored:
            return None
        ways = np.zeros(self.explored, np.uint64)
        ways[0] = 1
        total = shift = 0
        while ways.any():
            carried = np.zeros_like(ways)
            passes.add_up(offsets, targets, found, ways, carried)
            total += sum(ways[self.last].tolist()) << shift
            ways, shift = carried, shift + 64
        return total

    def may_move(self, ended: Sequence[Collection[int]], broken: Collection[int]) -> Sequence[int]:
        """For every state the threads, as bits, that take a step in what may follow, or ended."""
        if self.tables.threads > 64:
            return super().may_move(ended, broken)
        flags = [
            [values[0] in places for values in self.tables.values[thread]]
            for thread, places in enumerate(ended)
        ]
        starts, over = arrays([list(map(int, each)) for each in flags])
        can = np.full(len(self.states), (1 << self.tables.threads) - 1, np.uint64)
        flat = self.flat  # from here on the tables are whole
        rules, states = self.tables.rules(), self.store.states
        passes.able(rules, self.tables.threads, states, over != 0, starts, can[: self.explored])
        can[list(broken)] = (1 << self.tables.threads) - 1
        passes.spread(*flat, can)
        made: list[int] = can.tolist()
        return made

    def pick(
        self,
        slots: Callable[[], Sequence[int]],
        ask: Callable[[State], bool],
        among: Iterable[int] | None = None,
    ) -> Iterator[int]:
        """The states of which `ask` is true, in order; of all, or of those `among`."""
        if among is not None:
            yield from super().pick(slots, ask, among)
            return
        start, length = 0, len(self.states)
        looked, answers = tuple(slots()), list[bool]()
        classes = Classes(self.store, self.mask(looked))
        while start < length:
            stop = min(start + BLOCK, length)
            block, firsts = classes.of(start, stop)
            for first in firsts:
                answers.append(bool(ask(self.states[first])))
                if tuple(slots()) != looked:
                    break
            if tuple(slots()) != looked:
                looked, answers = tuple(slots()), []
                classes = Classes(self.store, self.mask(looked))
                continue
            yield from (start + np.flatnonzero(np.array(answers)[block])).tolist()
            start = stop

    def values(self, slot: int) -> set[int]:
        """All that a slot holds in any state."""
        classes = Classes(self.store, self.mask([slot]))
        found = set[int]()
        for start in range(0, len(self.states), BLOCK):
            _, firsts = classes.of(start, min(start + BLOCK, len(self.states)))
            found.update(self.states[first][slot] for first in firsts)
        return found

    def mask(self, slots: Iterable[int]) -> Words:
        """The bits of a packed state that decide what these slots hold."""
        owners = {self.tables.owner[slot] for slot in slots if slot in self.tables.owner}
        layout = self.tables.layout
        return np.array(
            self.tables.packed((owner, layout.places[owner][2]) for owner in owners), np.uint64
        )


class Classes:
    """States that are equal under a mask, numbered as they are met."""

    def __init__(self, store: Store, mask: Words) -> None:
        self.store = store
        self.mask = mask
        self.count = 0
        self.keys: Words = np.empty((0, len(mask)), np.uint64)
        self.make_room(64)

    def make_room(self, most: int) -> None:
        """Room for so many classes."""
        keys = np.empty((most, len(self.mask)), np.uint64)
        keys[: self.count] = self.keys[: self.count]
        self.keys = keys
        self.table = Table(np.zeros(2 * most, np.uint32), 1, 32)
        kernel.rebuild(self.table, 0, self.keys, self.count)

    def of(self, start: int, stop: int) -> tuple[Integers, list[int]]:
        """The classes of these states, and the first state of every class that is new."""
        known, classes = self.count, np.empty(stop - start, np.int64)
        at = start
        while True:
            at, self.count = passes.alike(
                self.store.states,
                at,
                stop,
                self.mask,
                self.table,
                self.keys,
                self.count,
                classes[at - start :],
            )
            if at == stop:
                break
            self.make_room(4 * len(self.keys))
        new = np.flatnonzero(classes >= known)
        _, firsts = np.unique(classes[new], return_index=True)
        return classes, (start + new[firsts]).tolist()
