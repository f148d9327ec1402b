"""Tables of a quotient: what its product does, and how a packed state becomes a representative.

What a thread owns is known of a quotient, so it is with the thread's place from the start on. Each
other object is a component of its own. What is not known yet is asked of the quotient, state by
state, in the order of the reference engine: so copies are sorted as they are there.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from locking.explore.compiled.kernel import UNKNOWN, Integers, Symmetry
from locking.explore.compiled.nodes import Nodes, with_room
from locking.explore.compiled.tables import PackedTables
from locking.explore.product import State
from locking.explore.reduction.quotient import Quotient, Transition, exchanges


class QuotientTables(PackedTables):
    """Components and their values, what threads do, and how copies are sorted and exchanged."""

    product: Quotient

    def __init__(self, product: Quotient) -> None:
        super().__init__(product)
        ends = np.cumsum([0, *map(len, product.classes)])
        self.classes: Integers = ends.astype(np.int64)
        self.members: Integers = np.array(list(chain(*product.classes)), np.int64)

    def forget(self) -> None:
        """Drop all trees, and how copies are sorted and exchanged."""
        super().forget()
        self.forget_orders()

    def forget_orders(self) -> None:
        """Drop how copies are sorted and exchanged."""
        self.orders = Nodes()
        self.rows: dict[tuple[int, ...], int] = {(): 0}
        self.ranks = np.zeros((16, 1), np.int64)
        self.latest: State | None = None

    @property
    def turned(self) -> int:
        """How many threads the steps permute."""
        return self.threads

    def symmetry(self) -> Symmetry:
        """How states become representatives."""
        self.add_orders()
        return Symmetry(
            self.members,
            self.classes,
            np.array(self.free(), np.int64),
            self.layout.fields,
            self.orders.base[: self.orders.count],
            self.orders.width[: self.orders.count],
            self.orders.entries,
            self.ranks,
        )

    def free(self) -> list[int]:
        """The components of what no thread owns, in the order of slots."""
        return sorted(range(self.threads, len(self.components)), key=self.components.__getitem__)

    @property
    def rows_of_one(self) -> int:
        """How many rows a component has: one for each class, and one for each member."""
        return len(self.classes) - 1 + len(self.members)

    def add_orders(self) -> None:
        """See that every component has its rows."""
        for node in range(self.orders.count, self.rows_of_one * len(self.components)):
            self.orders.add(node // self.rows_of_one)

    def entry(self, component: int, row: int, value: int) -> int:
        """The entry of a component's value, or `UNKNOWN`."""
        return self.orders.get(component * self.rows_of_one + row, value)

    def enter(self, component: int, row: int, value: int, entry: int) -> None:
        """Make `entry` that of a component's value: of a class, or of a member behind them."""
        self.orders.put(component * self.rows_of_one + row, value, entry)

    def touch(self, thread: int, looked: Sequence[int]) -> None:
        """Note that `thread` looks at these objects; what it owns, its copies own as well."""
        for slot in looked:
            if slot in self.owner:
                continue
            if slot in self.product.owner:
                for each in self.product.copies(slot):
                    self.adopt(self.product.owner[each][0], each)
                self.forget_orders()
            else:
                self.add_component(slot)

    def add_component(self, slot: int) -> None:
        """Make an object that no thread has touched, as it started, a component of its own."""
        self.torn = True  # until states are packed anew
        self.order = None
        if not self.origins:
            self.origins = self.unmoved()
        origin, numbers = self.origins[0]
        self.origins.append((origin, [0] * len(numbers)))
        self.owner[slot] = len(self.components)
        self.components.append([slot])
        self.values.append([(0,)])
        self.numbers.append({(0,): 0})

    def learn(self, thread: int, state: State) -> None:
        """Enter all that can be done in `state`. Errors: those of `Quotient.transitions`."""
        if state == self.latest:
            assert thread < self.threads, "what was learned of a state is not what it takes"
            return
        steps = list(self.product.transitions(state))
        for each in range(self.threads):
            super().learn(each, state)
        self.add_orders()
        for step in steps:
            self.learn_order(step)
        self.latest = state

    def learn_order(self, step: Transition) -> None:
        """Enter how the copies are sorted in the state that a step leads to, by which exchanges."""
        state, ahead = step.real, len(self.product.classes)
        for kind, members in enumerate(self.product.classes):
            values = [self.number(at, state, {}) for at in range(len(self.components))]
            self.learn_ranks(kind, members, state, values)
            stands = {step.permutation[thread]: at for at, thread in enumerate(members)}
            for at in exchanges([stands[thread] for thread in members]):
                state = self.product.exchanged((members[0], members[at]), state)
                images = [self.number(each, state, {}) for each in range(len(self.components))]
                row = ahead + int(self.classes[kind]) + at
                to = {members[0]: members[at], members[at]: members[0]}
                for component, value in enumerate(values):
                    self.enter(component, row, value, images[to.get(component, component)])
                values = images

    def learn_ranks(self, kind: int, members: list[int], state: State, values: list[int]) -> None:
        """Enter what the copies of a class are sorted by in `state`, if it is not known."""
        for component, value in enumerate(values):
            if self.entry(component, kind, value) == UNKNOWN:
                row = self.rank(members, component, state)
                self.enter(component, kind, value, row)

    def rank(self, members: list[int], component: int, state: State) -> int:
        """The row of `ranks` for what a component holds in `state`: 0 where it tells nothing."""
        if component in members:
            return self.row(self.product.key(members, members.index(component), state, []))
        if component < self.threads:
            return 0
        (slot,) = self.components[component]
        if not self.product.is_moved(slot, state[slot]):
            return 0
        return self.row(self.product.parts_in(members, slot, state[slot]))

    def row(self, key: tuple[int, ...]) -> int:
        """The row of `ranks` that holds `key`."""
        found = self.rows.setdefault(key, len(self.rows))
        if len(key) > self.ranks.shape[1]:
            self.ranks = np.pad(self.ranks, ((0, 0), (0, len(key) - self.ranks.shape[1])))
        self.ranks = with_room(self.ranks, found + 1)
        self.ranks[found, : len(key)] = key
        return found
