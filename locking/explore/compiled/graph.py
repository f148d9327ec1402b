"""What the compiled engine returns: a graph that keeps states packed, and works out the rest.

A state costs what the walk needed for it. Edges are found again from the tables when somebody asks
for them, and kept only while a pass over all of them needs them.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled import passes, rounds
from locking.explore.compiled.cheapest import LayerEdges, cheapest
from locking.explore.compiled.decisions import PackedDecisions
from locking.explore.compiled.few_states import FewStates
from locking.explore.compiled.kernel import HALTED, UNKNOWN, Integers, Numbered, Small, Words
from locking.explore.compiled.nodes import arrays
from locking.explore.compiled.run_counts import runs_ahead, runs_in_order
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import PackedTables
from locking.explore.deadline import look
from locking.explore.decisions import Look
from locking.explore.fairness import Rounds
from locking.explore.graph import Choice, Graph, Queues
from locking.explore.product import State

BLOCK = 1 << 15
"""States that are unpacked, or judged, at a time."""


class States(Sequence[State]):
    """The states of a store, unpacked when they are asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.length = store.numbered

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
        at %= self.length
        return self.store.tables.state(self.store.rows(at, at + 1)[0].tolist())

    def __iter__(self) -> Iterator[State]:
        unpack = self.store.tables.state
        for start in range(0, self.length, BLOCK):
            block = self.store.rows(start, min(start + BLOCK, self.length))
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


def sorted_numbers(few: Collection[int]) -> Integers:
    """The numbers of some states, in order."""
    return np.sort(few if isinstance(few, np.ndarray) else np.fromiter(few, np.int64))


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
            states=States(store),
            depths=Depths(levels, store.numbered),
            cause=cause,
            engine="compiled",
            on_disk=store.on_disk,
        )
        self.store = store
        store.levels = levels
        self.tables: PackedTables = store.tables
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
        (_, *by), *packed = self.leaving(np.array([at]))
        steps = np.array([*by, self.store.numbers(*packed)]).T
        for thread, step, target in steps.tolist():
            yield (thread, self.tables.outcomes[step]), target

    def path(self, layers: Sequence[Collection[int]]) -> tuple[Choice, ...]:
        """The path through `layers`, one state of each, that is cheapest."""
        return cheapest(self, self.tables.threads, list(map(sorted_numbers, layers)))

    def layer_edges(self, layer: Integers, beyond: Integers) -> Iterator[LayerEdges]:
        """The steps from the states of `layer` to those `beyond`, both in order."""
        layout = None
        for start in range(0, len(layer), BLOCK):
            look()
            rows = layer[start : start + BLOCK]
            rows = rows[rows < self.explored]
            edges, *packed = self.leaving(rows)
            if layout is not self.tables.layout:
                layout, few = self.tables.layout, FewStates(self.store.pick(beyond))
            targets = few.places(*packed)
            edges = edges[:, targets >= 0]
            outcomes = np.array(self.tables.outcomes, np.int64)[edges[2]]
            yield LayerEdges(edges[0] + start, targets[targets >= 0], edges[1], outcomes)

    def leaving(self, rows: Integers) -> tuple[Integers, Words, Words]:
        """The edges of these states: from which of them, by which thread and step of the tables.

        That is a row each; behind it the targets, packed, and the hash of each. They come in the
        order of `rows`, threads and outcomes.
        """
        leaves = self.leaves(rows)
        rules = self.tables.rules()
        first, last = rules.leaves[:, 0].astype(np.int64), rules.leaves[:, 1].astype(np.int64)
        counts = last[leaves] - first[leaves]
        sources = np.repeat(np.arange(len(rows)), counts.sum(axis=1))
        threads = np.repeat(np.tile(np.arange(leaves.shape[1]), len(rows)), counts.ravel())
        skipped = np.cumsum(counts) - counts.ravel() - first[leaves].ravel()
        steps = np.arange(len(sources)) - np.repeat(skipped, counts.ravel())
        packed = self.store.pick(rows[sources]) ^ rules.deltas[steps]
        hashes = np.empty(len(packed), np.uint64)
        passes.hash_all(packed, hashes)
        return np.array([sources, threads, steps]), packed, hashes

    def leaves(self, rows: Integers) -> Integers:
        """For each of these states the leaf of what every thread does; of one that halted, no step.

        What was dropped from the tables since the walk is learned again.
        """
        while True:
            leaves = np.empty((len(rows), self.tables.threads), np.int64)
            packed = self.store.pick(rows)
            passes.leaves_of(self.tables.rules(), packed, np.arange(len(rows)), leaves)
            leaves[(leaves == HALTED).any(axis=1)] = HALTED
            lacking = np.argwhere(leaves == UNKNOWN)
            if not len(lacking):
                return leaves
            lacking[:, 0] = rows[lacking[:, 0]]
            self.store.teach(lacking)

    def ends(self) -> Iterator[int]:
        """The states from which no step can be taken."""
        return iter(self.last.tolist())

    @cached_property
    def flat(self) -> tuple[Integers, Numbered]:
        """All edges: where in the second array those of each state begin, and what they lead to."""
        offsets = self.store.array(self.explored + 1, np.int64)
        targets: Numbered = self.store.array(self.transitions, self.store.kind)
        at = 0
        for counts, to in self.store.edges(0, self.explored):
            first, end = offsets[at], at + len(counts)
            offsets[at + 1 : end + 1] = first + np.cumsum(counts)
            targets[first : offsets[end]] = to
            at = end
        return offsets, targets

    def before(self, goals: Collection[int], level: int) -> Integers:
        """The states of depth `level` from which a step leads to one of `goals`, in order."""
        start = self.levels[level - 1] if level else 0
        end = min(self.levels[level], self.explored)
        found, layout = [np.empty(0, np.int64)], None
        for counts, *packed in self.store.targets_of(start, end):
            if layout is not self.tables.layout:
                layout, wanted = (
                    self.tables.layout,
                    FewStates(self.store.pick(sorted_numbers(goals))),
                )
            leads = np.flatnonzero(wanted.places(*packed) >= 0)
            sources = np.searchsorted(np.cumsum(counts), leads, side="right")
            found.append(start + np.unique(sources))
            start += len(counts)
        return np.concatenate(found)

    def order(self) -> list[int] | None:
        """The states, each after all from which a step leads to it; None where a cycle is."""
        found = self.sorted
        return None if found is None else found.tolist()

    @cached_property
    def sorted(self) -> Numbered | None:
        """The states in topological order, as an array; None where a cycle is, or no end."""
        if self.explored < len(self.states):
            return None
        offsets, targets = self.flat
        found: Numbered = self.store.array(self.explored, targets.dtype)
        incoming: Small = self.store.array(self.explored, np.int32)
        done = passes.order(offsets, targets, incoming, found)
        return found if done == self.explored else None

    def runs(self) -> int | None:
        """How many maximal runs there are; None where a cycle makes them infinitely many."""
        if self.explored < len(self.states):
            return None
        total = runs_ahead(self.store, self.explored, self.last)
        if total is not None or self.sorted is None:
            return total
        return runs_in_order(self.store, *self.flat, self.sorted, self.last)

    def stuck(
        self,
        needed: int,
        ended: Sequence[Collection[int]],
        broken: Collection[int],
        queues: Queues,
    ) -> list[int]:
        """The states from which a thread of `needed`, as bits, never steps and has not ended.

        The tables say which threads can only queue up.
        """
        if self.tables.threads > 64:
            return super().stuck(needed, ended, broken, queues)
        flags = [
            [values[0] in places for values in self.tables.values[thread]]
            for thread, places in enumerate(ended)
        ]
        starts, over = arrays([list(map(int, each)) for each in flags])
        everybody = (1 << self.tables.threads) - 1
        can = self.store.array(len(self.states), np.uint64)
        can[:] = everybody
        assert self.flat  # from here on the tables are whole
        self.find_able(over != 0, starts, can)
        can[list(broken)] = everybody
        self.spread(can)
        found: list[int] = np.flatnonzero(~can & np.uint64(needed)).tolist()
        return found

    def find_able(self, over: NDArray[np.bool_], starts: Integers, can: Words) -> None:
        """Put the threads, as bits, that go on in each state or have ended into `can`.

        Thread `t` has ended where `over[starts[t] + v]`, with `v` the value of its component.
        """
        rules, goes_on = self.tables.rules(), self.tables.goes_on()
        for start in range(0, self.explored, BLOCK):
            look()
            stop = min(start + BLOCK, self.explored)
            rows = self.store.rows(start, stop)
            passes.able(rules, rows, goes_on, over, starts, can[start:stop])

    def spread(self, can: Words) -> None:
        """Add to the threads of every state, as bits, those of all that can follow it."""
        passes.spread(*self.flat, can)

    def hopeless(self, goals: Iterable[int]) -> list[int]:
        """The states from which no run comes to one of `goals`, in order."""
        comes = self.store.array(len(self.states), np.uint64)
        comes[np.fromiter(goals, np.int64)] = 1
        comes[self.explored :] = 1
        passes.spread(*self.flat, comes)
        found: list[int] = np.flatnonzero(comes == 0).tolist()
        return found

    def reached(self, inside: bytearray) -> bytearray:
        """The states, one byte each, that a run comes to through states `inside` only."""
        found = bytearray(len(self.states))
        mask = np.frombuffer(inside, np.uint8)
        rounds.reach(*self.flat, mask, np.frombuffer(found, np.uint8))
        return found

    def fair(self, asked: Rounds, queues: Queues) -> list[list[int]]:
        """The largest fair sets of states, of those that `asked` says, each in no order.

        The tables say which threads can only queue up.
        """
        self.store.refuse_large(rounds.BYTES_OF_ONE * self.explored)
        if self.tables.threads > rounds.MOST_THREADS:
            return super().fair(asked, queues)
        numbers = rounds.fair(
            *self.flat,
            self.takers,
            np.frombuffer(asked.inside, np.uint8)[: self.explored],
            np.uint64(asked.weak),
            np.uint64(asked.strong),
            -1 if asked.starved is None else asked.starved,
        )
        members = np.flatnonzero(numbers)
        order = members[np.argsort(numbers[members], kind="stable")]
        cuts = np.flatnonzero(np.diff(numbers[order])) + 1
        return [each.tolist() for each in np.split(order, cuts) if len(each)]

    @cached_property
    def takers(self) -> NDArray[np.uint8]:
        """For every edge of `flat` who takes the step, and `QUEUES` where that only queues up."""
        made = []
        for start in range(0, self.explored, BLOCK):
            look()
            rows = np.arange(start, min(start + BLOCK, self.explored))
            leaves = self.leaves(rows)
            told = self.tables.rules().leaves
            counts = (told[:, 1] - told[:, 0]).astype(np.int64)[leaves]
            who = np.tile(np.arange(leaves.shape[1], dtype=np.uint8), (len(rows), 1))
            who[~self.tables.goes_on()[leaves] & (counts > 0)] |= rounds.QUEUES
            made.append(np.repeat(who.ravel(), counts.ravel()))
        return np.concatenate(made)

    def pick(
        self,
        looks: Callable[[], Sequence[Look]],
        ask: Callable[[State], bool],
        among: Iterable[int] | None = None,
    ) -> Iterator[int]:
        """The states for which `ask` is true, in order: of all, or of `among` in its order."""
        decisions = PackedDecisions(self.tables)
        for block, rows in self.blocks(among):
            if decisions.layout is not self.tables.layout:
                decisions = PackedDecisions(self.tables)
            yield from block[decisions.of(rows, ask, looks)].tolist()

    def blocks(self, among: Iterable[int] | None) -> Iterator[tuple[Integers, Words]]:
        """The numbers of some states at a time, of all or of those `among`, and them, packed."""
        numbers = None if among is None else np.fromiter(among, np.int64)
        length = len(self.states if numbers is None else numbers)
        for start in range(0, length, BLOCK):
            look()
            stop = min(start + BLOCK, length)
            if numbers is None:
                yield np.arange(start, stop), self.store.rows(start, stop)
            else:
                block = numbers[start:stop]
                yield block, self.store.pick(block)

    def values(self, slot: int) -> set[int]:
        """All that a slot holds in any state."""
        owner = self.tables.owner.get(slot)
        if owner is None:
            return {self.tables.product.initial[slot]}
        word, shift, mask = self.tables.layout.places[owner]
        met = np.zeros(len(self.tables.values[owner]), np.bool_)
        for start in range(0, len(self.states), BLOCK):
            rows = self.store.rows(start, min(start + BLOCK, len(self.states)))[:, word]
            met[rows >> np.uint64(shift) & np.uint64(mask)] = True
        at = self.tables.components[owner].index(slot)
        return {self.tables.values[owner][value][at] for value in np.flatnonzero(met).tolist()}
