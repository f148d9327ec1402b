"""How often a random run comes to each state: the graph as a Markov chain.

A random scheduler takes, at every step, one of the threads that can go on, each as likely as the
others; and of several outcomes of its step one, each as likely. The expected visits n of states
that a run leaves for good solve n = start + n P, where P has the probabilities of steps (Kemeny and
Snell, Finite Markov chains, 1960). That is solved for one strongly connected component after the
other, in the order in which a run can come to them. States of a component are eliminated one by
one, those with the fewest neighbours first.

The elimination never subtracts: that a run leaves a state is added up from where it goes
(Grassmann, Taksar and Heyman, Regenerative analysis and steady state distributions for Markov
chains, Operations Research 33, 1985). So floats lose nothing by cancellation. Every number is a
quotient of two sums of products that have one factor of each state (the Markov chain tree theorem),
and a rounding changes one of these factors. So the relative error is at most twice the number of
roundings times that of one (O'Cinneide, Entrywise perturbation theory and error analysis for Markov
chains, Numerische Mathematik 65, 1993).
"""

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from locking.explore.components import every_component, goes_round
from locking.explore.deadline import timely
from locking.explore.graph import Graph

Share = Fraction | float
"""A probability or an expected number; a float where fractions would take too long."""

ByState = dict[int, Share]
"""A number for each of some states."""

MOST_EXACT = 300
"""States on cycles up to which all numbers are fractions, and so exact."""

MOST_WORK = 20_000_000
"""Steps to states that the elimination makes at most: some seconds, and seven digits are right."""


class TooLarge(Exception):
    """A component takes more elimination than is allowed; the text says how many states it has."""


class Visited(NamedTuple):
    """A state, and how many times a run is expected to be in it.

    `forever` is whether a run that comes to it goes round for ever; `times` is then the chance that
    the run comes to the states that it goes round in by this one.
    """

    at: int
    times: Share
    forever: bool


class Chain:
    """A graph that was gone through, as a random run goes; a run is over at one of the `stops`.

    `order` are the states of a graph without a cycle, each after all from which a step leads to it.
    """

    def __init__(
        self, graph: Graph, stops: Collection[int] = (), order: Sequence[int] | None = None
    ) -> None:
        self.graph = graph
        self.stops = stops
        self.blocks = self.components() if order is None else [[at] for at in order]
        self.cyclic = [order is None and goes_round(each, self.ahead) for each in self.blocks]
        on_cycles = sum(
            len(block) for block, cyclic in zip(self.blocks, self.cyclic, strict=True) if cyclic
        )
        self.exact = on_cycles <= MOST_EXACT
        self.one: Share = Fraction(1) if self.exact else 1.0
        self.work = 0

    def components(self) -> list[list[int]]:
        """The strongly connected components, each after all from which a step leads to it."""
        return list(every_component([0], self.ahead))[::-1]

    def ahead(self, at: int) -> list[int]:
        """The states that steps lead to, once for each step."""
        return [] if at in self.stops else [target for _, target in self.graph.edges(at)]

    def steps(self, at: int) -> Iterator[tuple[Share, int, int]]:
        """The steps of a run from a state: how likely each is, whose it is, and where it leads."""
        if at in self.stops:
            return
        found: dict[int, list[int]] = {}
        for (thread, _), target in self.graph.edges(at):
            found.setdefault(thread, []).append(target)
        for thread, targets in found.items():
            share = self.one / (len(found) * len(targets))
            for target in targets:
                yield share, thread, target

    def visits(self) -> Iterator[Visited]:
        """Every state that a run comes to, in an order in which it can.

        Errors: `TooLarge`.
        """
        arriving: ByState = {0: self.one}
        for block, cyclic in timely(zip(self.blocks, self.cyclic, strict=True)):
            begin = {at: arriving.pop(at) for at in block if at in arriving}
            if not begin:
                continue
            inside = set(block)
            closed = cyclic and all(inside.issuperset(self.ahead(at)) for at in block)
            times = self.solved(block, begin) if cyclic and not closed else begin
            for at, share in times.items():
                yield Visited(at, share, closed)
                for likely, _, target in () if closed else self.steps(at):
                    if target not in inside:
                        arriving[target] = arriving.get(target, 0) + share * likely

    def solved(self, block: Sequence[int], begin: ByState) -> ByState:
        """The expected visits to the states of a component that runs come to as `begin` says.

        Errors: `TooLarge`.
        """
        none = 0 * self.one
        rows: dict[int, ByState] = {at: {} for at in block}
        leaves: ByState = dict.fromkeys(block, none)
        for at, row in rows.items():
            for share, _, target in self.steps(at):
                if target not in rows:
                    leaves[at] += share
                elif target != at:  # a step that stays is no way to leave
                    row[target] = row.get(target, none) + share
        found = Elimination(rows, leaves, {at: begin.get(at, none) for at in block})
        try:
            return found.solved(MOST_WORK - self.work)
        finally:
            self.work += found.work


class Elimination:
    """Equations of a component, from which states are eliminated one by one.

    `rows` are the probabilities of steps to other states of it, `leaves` those of steps out of it,
    and `arriving` is how often a run comes to each state from outside.
    """

    def __init__(self, rows: dict[int, ByState], leaves: ByState, arriving: ByState) -> None:
        self.rows = rows
        self.leaves = leaves
        self.arriving = arriving
        self.before: dict[int, set[int]] = {at: set() for at in rows}
        for at, row in rows.items():
            for target in row:
                self.before[target].add(at)
        self.work = 0

    def solved(self, most: int) -> ByState:
        """The expected visits to every state. Errors: `TooLarge`, after `most` steps of work."""
        size = len(self.rows)
        done: list[tuple[int, ByState, Share, Share]] = []
        for at in timely(self.fewest_neighbours_first()):
            self.work += len(self.before[at]) * len(self.rows[at])
            if self.work > most:
                raise TooLarge(f"{size:,} states lead to each other")
            done.append(self.eliminated(at))
        times: ByState = {}
        for at, into, leaving, arriving in reversed(done):
            come = arriving + sum(times[other] * share for other, share in into.items())
            times[at] = come / leaving
        return times

    def fewest_neighbours_first(self) -> Iterator[int]:
        """The states, each when it has about the fewest neighbours of those that are left."""
        heap = [(self.cost(at), at) for at in self.rows]
        heapify(heap)
        while heap:
            cost, at = heappop(heap)
            now = self.cost(at)
            if now > cost:
                heappush(heap, (now, at))
            else:
                yield at

    def cost(self, at: int) -> int:
        """How many ways lead through a state."""
        return len(self.before[at]) * len(self.rows[at])

    def eliminated(self, at: int) -> tuple[int, ByState, Share, Share]:
        """The equation of a state, put into all others: the state, and the steps that lead to it.

        Then how likely a run is to leave it, and how often one comes there from outside.
        """
        row, out, arriving = self.rows.pop(at), self.leaves.pop(at), self.arriving.pop(at)
        leaving = out + sum(row.values())
        into = {other: self.rows[other].pop(at) for other in self.before.pop(at)}
        for target, share in row.items():
            self.before[target].remove(at)
            self.arriving[target] += arriving * share / leaving
        for other, come in into.items():
            through, own = come / leaving, self.rows[other]
            self.leaves[other] += through * out
            for target, share in row.items():
                if target != other:
                    own[target] = own.get(target, 0) + through * share
                    self.before[target].add(other)
        return at, into, leaving, arriving
