"""Everything that can happen, as a graph: what an engine returns.

States are numbered in the order in which a breadth-first walk meets them, so a lower number never
has a greater depth. Edges lie in three flat arrays; those of state `i` run from `offsets[i]` to
`offsets[i + 1]`. States from `len(offsets) - 1` on were met but not gone through.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import Any

from locking.errors import ModelError
from locking.explore.deadline import timely
from locking.explore.decisions import DecisionTree, Look
from locking.explore.fairness import Rounds, fair_components
from locking.explore.product import State

Choice = tuple[int, int]
"""One step of a path: the number of the thread, and of the outcome among those it may have."""

PathCost = tuple[int, tuple[int, ...], tuple[Choice, ...]]
"""What paths are compared by: context switches, the steps at which they come, the choices."""

Queues = Callable[[int, State], bool]
"""Whether all that a thread can do in a state is to queue up for what it waits for."""

Watch = Callable[[int, int], str | None]
"""Called at every state with the states met and gone through; a cause it returns ends the walk."""

PERIOD = 256
"""States between two looks of a watch at clock and memory, which cost more than a state."""

INTERRUPTED = "interrupted"
"""The cause of a walk that Ctrl-C ended."""


def numbers() -> "array[int]":
    """An empty array of 64-bit integers."""
    return array("q")


class TooLarge(ModelError):
    """What is asked of all states at once takes more memory, or disk, than there may be."""


@dataclass
class Graph:
    """States, edges and depths; `cause` says why the walk stopped early, if it did.

    `on_disk` is how many bytes of a disk it took, for what was too much for memory.
    An engine may keep them in another way: every question about all states is a method here.
    """

    states: Sequence[State] = field(default_factory=list)
    depths: Sequence[int] = field(default_factory=numbers)
    offsets: "array[int]" = field(default_factory=lambda: array("q", [0]))
    threads: "array[int]" = field(default_factory=numbers)
    outcomes: "array[int]" = field(default_factory=numbers)
    targets: "array[int]" = field(default_factory=numbers)
    cause: str | None = None
    engine: str = "reference"
    on_disk: int = 0

    @property
    def explored(self) -> int:
        """How many states were gone through."""
        return len(self.offsets) - 1

    @property
    def transitions(self) -> int:
        """How many edges there are."""
        return len(self.targets)

    @property
    def depth(self) -> int:
        """The greatest number of steps that it takes to reach a state."""
        return self.depths[-1]

    def edges(self, at: int) -> Iterator[tuple[Choice, int]]:
        """The steps from state `at`, with the numbers of the states they lead to.

        None are known where the walk stopped before it went through that state.
        """
        if at >= self.explored:
            return
        for edge in range(self.offsets[at], self.offsets[at + 1]):
            yield (self.threads[edge], self.outcomes[edge]), self.targets[edge]

    def steps(
        self, layer: Collection[int], beyond: Collection[int]
    ) -> dict[int, list[tuple[Choice, int]]]:
        """For every state of `layer`, the steps to the states `beyond`, with those states."""
        return {
            at: [(choice, target) for choice, target in self.edges(at) if target in beyond]
            for at in layer
        }

    def ends(self) -> Iterator[int]:
        """The states from which no step can be taken."""
        return (at for at in range(self.explored) if self.offsets[at] == self.offsets[at + 1])

    def before(self, goals: Collection[int], level: int) -> Collection[int]:
        """The states of depth `level` from which a step leads to one of `goals`."""
        wanted, found = set(goals), set[int]()
        for at in range(bisect_left(self.depths, level), self.explored):
            if self.depths[at] > level:
                break
            if not wanted.isdisjoint(self.targets[self.offsets[at] : self.offsets[at + 1]]):
                found.add(at)
        return found

    def path(self, layers: Sequence[Collection[int]]) -> tuple[Choice, ...]:
        """The path through `layers`, one state of each, that is cheapest."""
        return fewest_switches(self, layers)

    def order(self) -> Sequence[int] | None:
        """The states, each after all from which a step leads to it; None where a cycle is.

        It is None too where the walk stopped early.
        """
        if self.explored < len(self.states):
            return None
        incoming = array("q", bytes(8 * len(self.states)))
        for target in self.targets:
            incoming[target] += 1
        order = [] if incoming[0] else [0]
        for at in timely(order):
            for target in self.targets[self.offsets[at] : self.offsets[at + 1]]:
                incoming[target] -= 1
                if not incoming[target]:
                    order.append(target)
        return order if len(order) == len(self.states) else None

    def runs(self) -> int | None:
        """How many maximal runs there are; None where a cycle makes them infinitely many.

        It is None too where the walk stopped early: how its runs go on is not known. The ways to
        reach every state are added up in topological order.
        """
        order = self.order()
        if order is None:
            return None
        ways = [0] * len(self.states)
        ways[0] = 1
        total = 0
        for at in timely(order):
            here, ways[at] = ways[at], 0
            first, last = self.offsets[at], self.offsets[at + 1]
            if first == last:
                total += here
            for target in self.targets[first:last]:
                ways[target] += here
        return total

    def may_move(
        self, ended: Sequence[Collection[int]], broken: Collection[int], queues: Queues
    ) -> Sequence[int]:
        """For every state the threads, as bits, that take a step in what may follow, or have ended.

        A thread has ended at the places `ended`; nobody waits where a run has `broken` off. Where
        all that a thread can do is to queue up, as `queues` says, it waits and takes none. It is
        found by sweeps from the last state to the first, until nothing changes: most steps lead to
        a state of a higher number, so there are few of them. A state that was met but not gone
        through may lead anywhere. Of two threads, as bits 1 and 2:

            state   steps              threads that can
            0       1 to 1, 2 to 2     both
            1       2 to 0             both, for state 0 follows
            2       none               none, or who has ended: 1 and 2 wait for good, if not
        """
        everybody = (1 << len(ended)) - 1
        can = [everybody] * len(self.states)
        for at in range(self.explored):
            if at not in broken:
                can[at] = self.able(at, ended, queues)
        changed = True
        while changed:
            changed = False
            for at in timely(range(self.explored - 1, -1, -1)):
                mask = can[at]
                if mask == everybody:
                    continue
                for beyond in self.ahead(at, can):
                    mask |= beyond
                if mask != can[at]:
                    can[at], changed = mask, True
        return can

    def ahead(self, at: int, can: Sequence[int]) -> Iterator[int]:
        """What `can` says, as bits, of the states that follow state `at`."""
        return (can[target] for _, target in self.edges(at))

    def stuck(
        self,
        needed: int,
        ended: Sequence[Collection[int]],
        broken: Collection[int],
        queues: Queues,
    ) -> list[int]:
        """The states from which a thread of `needed`, as bits, never steps and has not ended.

        The rest is as it is for `may_move`.
        """
        can = self.may_move(ended, broken, queues)
        return [at for at, mask in enumerate(can) if mask & needed != needed]

    def hopeless(self, goals: Iterable[int]) -> list[int]:
        """The states from which no run comes to one of `goals`, in order.

        A state that was met but not gone through may lead anywhere. One sweep from the last state
        to the first finds most of those that come there, because most steps lead to a state of a
        higher number; the rest is found backwards from those.
        """
        comes = bytearray(len(self.states))
        for at in goals:
            comes[at] = 1
        comes[self.explored :] = bytes([1]) * (len(self.states) - self.explored)
        left = []
        for at in timely(range(self.explored - 1, -1, -1)):
            if not comes[at]:
                ahead = self.targets[self.offsets[at] : self.offsets[at + 1]]
                if any(map(comes.__getitem__, ahead)):
                    comes[at] = 1
                else:
                    left.append(at)
        before: dict[int, list[int]] = {}
        for at in left:
            for target in self.targets[self.offsets[at] : self.offsets[at + 1]]:
                before.setdefault(target, []).append(at)
        pending = [target for target in before if comes[target]]
        for target in pending:
            for at in before.get(target, ()):
                if not comes[at]:
                    comes[at] = 1
                    pending.append(at)
        return [at for at in reversed(left) if not comes[at]]

    def reached(self, inside: bytearray) -> bytearray:
        """The states, one byte each, that a run comes to through states `inside` only."""
        found = bytearray(len(self.states))
        found[0] = inside[0]
        for at in timely(pending := [0] if found[0] else []):
            for _, target in self.edges(at):
                if inside[target] and not found[target]:
                    found[target] = 1
                    pending.append(target)
        return found

    def fair(self, asked: Rounds, queues: Queues) -> list[list[int]]:
        """The largest fair sets of states, of those that `asked` says, each in no order."""

        @cache
        def steps(at: int) -> list[tuple[int, int]]:
            return [
                (thread, target)
                for (thread, _), target in self.edges(at)
                if thread != asked.starved or queues(thread, self.states[at])
            ]

        @cache
        def can(at: int) -> int:
            return sum(1 << each for each in {thread for (thread, _), _ in self.edges(at)})

        return list(fair_components(asked, can, steps))

    def able(self, at: int, ended: Sequence[Collection[int]], queues: Queues) -> int:
        """The threads, as bits, that can go on in state `at`, or have ended in it."""
        mask, state = 0, self.states[at]
        for thread in {thread for (thread, _), _ in self.edges(at)}:
            if not queues(thread, state):
                mask |= 1 << thread
        for thread, places in enumerate(ended):
            if state[thread] in places:
                mask |= 1 << thread
        return mask

    def pick(
        self,
        looks: Callable[[], Sequence[Look]],
        ask: Callable[[State], bool],
        among: Iterable[int] | None = None,
    ) -> Iterator[int]:
        """The states for which `ask` is true, in order: of all, or of `among` in its order.

        `looks` says what it looked at when it was asked last. It is not asked of a state in which
        it would see what it has seen in another.
        """
        decisions = DecisionTree()
        known: dict[Any, bool] = {}
        slots: dict[int, None] = {}
        key: Callable[[State], Any] = nothing_yet
        numbered = (
            enumerate(self.states) if among is None else ((at, self.states[at]) for at in among)
        )
        for at, state in timely(numbered):
            answer = known.get(key(state))
            if answer is None:
                answer = decisions.answer(state)
                if answer is None:
                    answer = bool(ask(state))
                    decisions.learn(state, looks(), answer)
                    new = dict.fromkeys(slot for slot, _ in looks())
                    if not new.keys() <= slots.keys():
                        slots.update(new)
                        key = itemgetter(*slots)
                known[key(state)] = answer
            if answer:
                yield at

    def values(self, slot: int) -> set[int]:
        """All that a slot holds in any state."""
        return set(map(itemgetter(slot), self.states))


def nothing_yet(_: State) -> None:
    """What matters of a state before anything was looked at."""


def shortest(graph: Graph, goals: set[int]) -> tuple[Choice, ...]:
    """The shortest path to one of `goals`; of those, one with the fewest context switches.

    All `goals` must have the same depth. The path is the same every time.
    """
    layers: list[Collection[int]] = [goals]
    for level in range(graph.depths[min(goals)] - 1, -1, -1):
        layers.append(graph.before(layers[-1], level))
    layers.reverse()
    return graph.path(layers)


def fewest_switches(graph: Graph, layers: Sequence[Collection[int]]) -> tuple[Choice, ...]:
    """The path through `layers`, one state of each, that changes the thread least often.

    Of those, the one that changes it soonest: the first turn is then no longer than it must be.
    """
    best: dict[tuple[int, int], PathCost] = {(0, -1): (0, (), ())}
    for step, (layer, beyond) in enumerate(pairwise(layers)):
        steps = graph.steps(layer, beyond)
        following: dict[tuple[int, int], PathCost] = {}
        for (at, last), (switches, turns, path) in best.items():
            for choice, target in steps[at]:
                turn = choice[0] != last
                cost = (switches + turn, (*turns, step) if turn else turns, (*path, choice))
                key = (target, choice[0])
                if key not in following or cost < following[key]:
                    following[key] = cost
        best = following
    return min(best.values())[2]
