"""The quotient of a product by its symmetry: one state stands for all that differ by a permutation.

The permutations of copies are automorphisms of the product (`symmetry`). Those of a state make its
orbit. A walk keeps a representative: the state with its copies sorted by what tells them apart.

After: Ip and Dill, Better verification through symmetry; Emerson and Sistla, Symmetry and model
checking; Clarke, Enders, Filkorn and Jha, Exploiting symmetry in temporal logic model checking (all
in Formal Methods in System Design 9, 1996).
Differs: the representative need not be canonical: one orbit may have several, where sorting does
not decide. This costs states, not verdicts. Only exchanges of two copies are ever applied, because
only those were compared.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice
from math import factorial, prod
from operator import itemgetter
from typing import NamedTuple

from locking.explore.product import Move, State
from locking.explore.reduction.symmetry import Copies, PairOfCopies, most_images
from locking.programs.keys import typed

Permutation = tuple[int, ...]
"""For every thread of a state, which thread it is in the representative."""

ME, FELLOW, STRANGER = "\0me", "\0fellow", "\0stranger"
"""What stands for a thread's name when only its part in a value counts."""


LATEST = 200
"""Targets of a walk, the latest ones, by which it is told how many states one stands for."""


class Transition(NamedTuple):
    """A step to the state `real`, and to `target`, its representative by `permutation`."""

    choice: tuple[int, int]
    target: State
    permutation: Permutation
    real: State


class Quotient(Copies):
    """A product of which `moves` leads to representatives of orbits only.

    Errors: `Asymmetric`, also of `moves`.
    """

    def forget(self) -> None:
        """Drop what was tabled for places."""
        self.getters: dict[tuple[int, int], Callable[[State], State]] = {}
        self.keys: list[dict[State, tuple[int, ...]]] = [{} for _ in self.threads]
        self.parts: dict[tuple[int, int, int], tuple[int, ...]] = {}
        self.names: dict[tuple[int, int], bool] = {}
        self.free: list[int] = []
        self.codes: dict[Hashable, int] = {}
        self.orders: dict[State, tuple[State, Permutation]] = {}
        self.identity = tuple(range(len(self.threads)))
        super().forget()

    def moves(self, state: State) -> list[Move]:
        """Every step that can be taken from `state`, each to a representative."""
        return [(*step.choice, step.target) for step in self.transitions(state)]

    def transitions(self, state: State) -> Iterator[Transition]:
        """The steps that a walk takes from `state`, with the real states and the permutations."""
        return self.steps(self.everybody, state)

    def steps(self, threads: Iterable[int], state: State) -> Iterator[Transition]:
        """The steps of some threads from `state`. Errors: `Asymmetric`."""
        real = [
            (thread, outcome, self.advanced(thread, target))
            for thread, outcome, target in self.moves_of(threads, state)
        ]
        self.compare_all()
        for thread, outcome, target in real:
            found, permutation = self.representative(target)
            if target in self.halted:
                self.halted.add(found)
            yield Transition((thread, outcome), found, permutation, target)

    def advanced(self, thread: int, state: State) -> State:
        """Where a thread that has come to `state` is after all steps that it takes at once."""
        return state

    def passed(self, thread: int) -> set[int]:
        """The places at which a thread has been between the states that are met."""
        return set()

    def representative(self, state: State) -> tuple[State, Permutation]:
        """The representative of `state`, and which thread each of its threads is in it."""
        if not self.pairs:
            return state, self.identity
        known = self.orders.get(state)
        if known is None:  # kept: what is learned later may lead to another order
            known = self.orders[state] = self.find_representative(state)
        return known

    def find_representative(self, state: State) -> tuple[State, Permutation]:
        """The representative of a state that was not asked for before."""
        turn = list(range(len(self.threads)))
        for members in self.classes:
            order = self.order_of(members, state)
            for at in exchanges(order):
                state = self.exchanged((members[0], members[at]), state)
            for to, from_ in enumerate(order):
                turn[members[from_]] = members[to]
        return state, tuple(turn)

    def order_of(self, members: list[int], state: State) -> list[int]:
        """The order in which the copies of a class stand in the representative of `state`."""
        telling = self.naming_slots(state)
        keys = [self.key(members, at, state, telling) for at in range(len(members))]
        return sorted(range(len(members)), key=keys.__getitem__)

    def images_of_latest(self) -> float:
        """How many states each of those met last stands for, on average: an estimate.

        It counts the orders of copies that differ in what they are sorted by.
        """
        latest = islice(reversed(self.orders.values()), LATEST)
        found = [self.images_of(state) for state in dict.fromkeys(state for state, _ in latest)]
        return sum(found) / len(found) if found else 1.0

    def images_of(self, state: State) -> int:
        """How many orders of the copies in `state` differ in what copies are sorted by."""
        telling = self.naming_slots(state)
        found = most_images(self.classes)
        for members in self.classes:
            keys = Counter(self.key(members, at, state, telling) for at in range(len(members)))
            found //= prod(map(factorial, keys.values()))
        return found

    def key(self, members: list[int], at: int, state: State, telling: list[int]) -> tuple[int, ...]:
        """What the copies of a class are sorted by: any key is sound, a sharp one saves states."""
        thread = members[at]
        kind = (thread, len(self.own[thread]))
        if kind not in self.getters:
            self.getters[kind] = itemgetter(thread, thread, *self.slots_of(thread))
        held = self.getters[kind](state)
        found = self.keys[thread].get(held)
        if found is None:
            own = [self.parts_in(members, slot, state[slot])[at] for slot in self.slots_of(thread)]
            found = self.keys[thread][held] = (self.labels[thread][state[thread]], *own)
        for slot in telling:
            found = (*found, self.parts_in(members, slot, state[slot])[at])
        return found

    def slots_of(self, thread: int) -> list[int]:
        """The slots of what only this thread uses, in the order of the roles."""
        return [slot for _, slot in sorted(self.own[thread].items())]

    def naming_slots(self, state: State) -> list[int]:
        """The slots, but for what one thread owns, with values that an exchange changes."""
        if len(self.free) + len(self.owner) != len(self.objects):
            slots = range(len(self.threads), len(state))
            self.free = [slot for slot in slots if slot not in self.owner]
        return [slot for slot in self.free if self.is_moved(slot, state[slot])]

    def is_moved(self, slot: int, value: int) -> bool:
        """Whether some exchange changes a value of an object that no thread owns."""
        known = self.names.get((slot, value))
        if known is None:
            known = self.names[slot, value] = any(
                self.renamed(pair, slot, value, slot, self.renaming(pair)) != value
                for pair in self.pairs
            )
        return known

    def parts_in(self, members: list[int], slot: int, value: int) -> tuple[int, ...]:
        """For every thread of a class, a number for its part in the value of an object."""
        key = (members[0], slot, value)
        known = self.parts.get(key)
        if known is None:
            at = slot - len(self.threads)
            object_, state = self.objects[at], self.values[at][value]
            fellows = {
                thread.name: FELLOW if number in members else STRANGER
                for number, thread in enumerate(self.threads)
            }
            seen = [
                typed(object_.rename(state, {**fellows, self.threads[thread].name: ME}))
                for thread in members
            ]
            known = self.parts[key] = tuple(
                self.codes.setdefault(each, len(self.codes)) for each in seen
            )
        return known

    def exchanged(self, pair: PairOfCopies, state: State) -> State:
        """`state` with the threads of a pair exchanged: what effects were compared with."""
        names = self.renaming(pair)
        changed = list(state)
        for here, there in zip(pair, reversed(pair), strict=True):
            changed[there] = self.places[there][self.labels[here][state[here]]]
            for role, slot in self.own[here].items():
                at = self.own[there][role]
                changed[at] = self.renamed(pair, slot, state[slot], at, names)
        # What another thread owns may name threads of this pair.
        others = [slot for slot, (thread, _) in self.owner.items() if thread not in pair]
        for slot in (*others, *self.naming_slots(state)):
            changed[slot] = self.renamed(pair, slot, state[slot], slot, names)
        return tuple(changed)

    def moved(self, pair: PairOfCopies, slot: int, value: int) -> tuple[int, int]:
        """Where a value of a slot is once a pair is exchanged, and what it is there.

        It is what `exchanged` makes of that slot. Errors: `KeyError` for a place or an object that
        was not compared.
        """
        to = slot
        if slot in pair:
            to = pair[1 - pair.index(slot)]
            return to, self.places[to][self.labels[slot][value]]
        if slot < len(self.threads):
            return slot, value
        if slot in self.owner and self.owner[slot][0] in pair:
            thread, role = self.owner[slot]
            to = self.own[pair[1 - pair.index(thread)]][role]
        return to, self.renamed(pair, slot, value, to, self.renaming(pair))

    def copies(self, slot: int) -> list[int]:
        """The orbit of a slot: those that may take its place, itself among them."""
        if slot < len(self.threads):
            return self.fellows(slot)
        if slot not in self.owner:
            return [slot]
        thread, role = self.owner[slot]
        return [self.own[member][role] for member in self.fellows(thread)]

    def fellows(self, thread: int) -> list[int]:
        """The copies of a thread, itself among them."""
        return next((each for each in self.classes if thread in each), [thread])

    def spread(self, thread: int, places: set[int]) -> dict[int, set[int]]:
        """The places at which the copies of a thread stand in images of where it is at `places`."""
        members = self.fellows(thread)
        if len(members) == 1:
            return {thread: places}
        labels = {self.labels[thread][place] for place in places}
        return {member: {self.places[member][label] for label in labels} for member in members}


def exchanges(order: Sequence[int]) -> Iterator[int]:
    """The exchanges of the first with another, one after the other, that bring about `order`.

    Only what an exchange makes of a state was compared: other permutations are made of these.
    """
    stands = list(range(len(order)))
    while stands != list(order):
        at = order.index(stands[0]) or next(
            at for at, wanted in enumerate(order) if stands[at] != wanted
        )
        stands[0], stands[at] = stands[at], stands[0]
        yield at
