"""Tables of a product under a partial order: what it does, and which steps may be taken alone.

A thread's component is its place, and each object is a component of its own. What is not known is
asked of the product, one state at a time, in the order of the reference engine. It then answers for
the whole state, so what it learns, and when, is what it learns there.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from locking.explore.compiled.independence_rows import IndependenceRows
from locking.explore.compiled.kernel import Integers
from locking.explore.compiled.lean_walking import INVISIBLE, VISIBLE, Choices
from locking.explore.compiled.nodes import with_room
from locking.explore.compiled.quotient_tables import QuotientTables
from locking.explore.compiled.tables import PackedTables
from locking.explore.product import Delta, Move, State
from locking.explore.reduction.partial_order import EVERYBODY, LONGEST_CHAIN, PartialOrder


class LeanTables(QuotientTables):
    """What threads do, and what `choices` say; `product` has no copies.

    `outcome_of` and `queues_in` have the outcome of every step of the tables, and whether all that
    its thread can do there is to queue up.
    """

    product: PartialOrder

    def __init__(self, product: PartialOrder) -> None:
        super().__init__(product)
        self.number_places()
        self.settle()

    def forget(self) -> None:
        """Drop all trees, and what is known of steps."""
        super().forget()
        self.independence = IndependenceRows(self.product)
        self.seen = np.zeros(16, np.int8)
        self.steps_between: dict[tuple[int, int, int], list[int]] = {}
        self.copied = 0
        self.outcome_of: Integers = np.zeros(16, np.int64)
        self.queues_in = np.zeros(16, np.bool_)

    def choices(self) -> Choices:
        """All that is known of them, for the kernel."""
        rows = self.independence
        return Choices(rows.at, rows.first, rows.width, rows.clear, self.seen)

    def number_places(self) -> None:
        """See that the number of a place, as a value of its thread's component, is its own."""
        for thread, automaton in enumerate(self.product.automata):
            for place in range(len(self.values[thread]), len(automaton.members)):
                self.number(thread, self.product.initial, {thread: place})

    def keep_up(self, expanded: int) -> int | None:
        """Let the product use what it has learned, if enough states were `expanded` since.

        It returns at how many it looks again; None where it has learned nothing.
        """
        self.product.keep_up(expanded)
        if self.product.clear is not self.independence.asked:
            self.independence = IndependenceRows(self.product)
        return self.product.due + 1 if self.product.learned_since else None

    def moves(self, state: State) -> list[Move]:
        """The steps that a walk takes from `state`; all that the product says of it is entered.

        Errors: those of `PartialOrder.moves`.
        """
        found = [(*step.choice, step.target) for step in self.product.transitions(state)]
        self.number_places()
        for thread in self.product.everybody:
            self.learn(thread, state)
        for thread, target in self.followed(state):
            for each in islice(self.product.way(thread, target), LONGEST_CHAIN - 1):
                self.learn(thread, each)
        for _, _, target in found:
            for component in range(len(self.components)):
                self.number(component, target, {})
        self.independence.copy()
        self.copy_visibility()
        return found

    def followed(self, state: State) -> Iterator[tuple[int, State]]:
        """The threads that were taken on from `state`, each with a state that it comes to first.

        Those among them that are not alone, because of C3, come before the one that is.
        """
        alone = self.product.alone[state]
        moves = self.product.moves_of(self.product.everybody, state)
        for thread, _, target in moves:
            if alone == EVERYBODY or (
                thread <= alone and self.product.is_apart(thread, state, moves)
            ):
                yield thread, target

    def learn(self, thread: int, state: State) -> None:
        """Enter what `thread` does in `state`, which the product was asked before."""
        PackedTables.learn(self, thread, state)
        self.independence.arrive(thread, state[thread])

    def leaf(self, thread: int, state: State, looked: Sequence[int], steps: Sequence[Delta]) -> int:
        """The number of a new leaf, with these steps, which look at the objects `looked`."""
        leaf = super().leaf(thread, state, looked, steps)
        end = len(self.steps)
        self.seen = with_room(self.seen, end)
        self.outcome_of = with_room(self.outcome_of, end)
        self.queues_in = with_room(self.queues_in, end)
        for step, delta in enumerate(steps, end - len(steps)):
            self.outcome_of[step] = delta[0]
            self.queues_in[step] = self.product.queues(thread, state)
            if self.is_always_seen(thread, delta):
                self.seen[step] = VISIBLE
            key = thread, state[thread], delta[1]
            self.steps_between.setdefault(key, []).append(step)
            self.see(step, key)
        return leaf

    def is_always_seen(self, thread: int, delta: Delta) -> bool:
        """Whether a step ends the run, or changes an object that a property looks at."""
        _, place, changes = delta
        visible = self.product.visible
        return self.product.automata[thread].position(place).failure is not None or any(
            (slot, None) in visible for slot, _ in changes
        )

    def copy_visibility(self) -> None:
        """Enter what the product has said of C2 since this was last called."""
        for key in islice(self.product.visibility, self.copied, None):
            for step in self.steps_between.get(key, ()):
                self.see(step, key)
        self.copied = len(self.product.visibility)

    def see(self, step: int, key: tuple[int, int, int]) -> None:
        """Enter whether a step is visible, between the places that `key` has, if that is known."""
        told = self.product.visibility.get(key)
        if told is not None and self.seen[step] != VISIBLE:
            self.seen[step] = VISIBLE if told else INVISIBLE

    def words_met(self, state: State) -> list[int] | None:
        """`state`, packed; None where it has a value that no packed state has."""
        held: list[tuple[int, int]] = []
        for component, slots in enumerate(self.components):
            value = self.numbers[component].get(tuple(state[slot] for slot in slots))
            if value is None or value > self.layout.places[component][2]:
                return None
            held.append((component, value))
        touched = all(slot in self.owner for slot, value in enumerate(state) if value)
        return self.packed(held) if touched else None
