"""Locks that are let go: a thread that has ended holds none."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from locking.explore.product import Effect, Product, State
from locking.explore.reduction.quotient import Quotient
from locking.objects.operation import Object
from locking.properties.explored import Explored, Finding, Judgement
from locking.properties.view import View, ended


@dataclass(frozen=True)
class LocksReleased:
    """No thread that has come to its end holds a lock."""

    name: str = "locks-released"
    about: str = "a thread that has ended holds no lock"
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state in which a thread has ended and still holds an object."""
        if not may_leak(explored.product):
            return explored.never(iter(()))
        locks = [each for each in explored.product.objects if may_be_held(each)]
        return explored.never(explored.where(lambda s: any(leaks(s, locks)), same=True))

    def find(self, product: Product, state: State) -> Finding | None:
        """Who has ended, and what that thread still holds."""
        for thread, who in enumerate(product.threads):
            if not ended(product.position(thread, state)):
                continue
            for object_ in product.objects:
                value = product.value(object_, state)
                if who.name in holders(object_, value):
                    says = f"{who.name} has ended and still holds {object_.name}"
                    return Finding(says, ((object_.name, object_.show(value)),))
        return None


def leaks(seen: View, locks: list[Object]) -> Iterator[bool]:
    """For every thread that has ended and every lock: whether the thread holds the lock."""
    for at, thread in enumerate(seen.threads):
        if seen.look(at, ended):
            yield from (thread.name in holders(lock, seen.value(lock)) for lock in locks)


def holders(object_: Object, value: Any) -> set[str]:
    """The names of those who hold an object in a state of it."""
    return {holding.thread for holding in object_.holders(value)}


def may_be_held(object_: Object) -> bool:
    """Whether an object is of a kind that threads hold."""
    return getattr(object_.holders, "__func__", None) is not Object.holders


def may_leak(product: Product) -> bool:
    """Whether some thread perhaps ends with a lock, by all steps that are known of it.

    What a thread holds is carried along from place to place, whatever the others do meanwhile: so
    this may be true where no run shows it, but is false only where none does. It takes a look at
    the tables, not at the states.
    """
    known = Holdings(product)
    return known.handed_over or any(
        known.held.get(known.place(thread, place))
        for thread, automaton in enumerate(product.automata)
        for place in range(len(automaton.members))
        if ended(automaton.position(place))
    )


class Holdings:
    """What threads may hold at each place: `held`; copies of a program are taken for one.

    `handed_over` is whether a step makes another thread than its own hold something.
    """

    def __init__(self, product: Product) -> None:
        self.product = product
        self.handed_over = False
        self.held: dict[Hashable, set[int]] = {}
        self.names: dict[tuple[int, int], set[str]] = {}
        steps = list(self.steps())
        for thread, automaton in enumerate(product.automata):
            for slot in self.locks:
                if product.threads[thread].name in self.holders(slot, 0):
                    here = self.place(thread, automaton.place_of[0])
                    self.held.setdefault(here, set()).add(self.lock(slot))
        while sum(self.carry(*step) for step in steps):
            pass  # until nothing changes: loops lead back

    @property
    def locks(self) -> list[int]:
        """The slots of what can be held."""
        product = self.product
        return [product.slot_of[each] for each in product.objects if may_be_held(each)]

    def steps(self) -> Iterator[tuple[Hashable, Hashable, int | None, bool]]:
        """The known steps: from where, to where, by which lock, and whether it is then held."""
        locks = set(self.locks)
        for thread, table in enumerate(self.product.effects):
            me = self.product.threads[thread].name
            for (place, value), effects in table.items():
                for effect in effects:
                    is_lock = effect.slot in locks
                    if is_lock:
                        before = self.holders(effect.slot, value)
                        self.handed_over |= bool(self.after(effect) - before - {me})
                    here, there = self.place(thread, place), self.place(thread, effect.place)
                    lock = self.lock(effect.slot) if is_lock else None
                    yield here, there, lock, is_lock and me in self.after(effect)

    def carry(self, here: Hashable, there: Hashable, lock: int | None, taken: bool) -> bool:
        """Whether a step adds to what may be held where it leads."""
        carried = self.held.get(here, set()) - {lock}
        carried |= {lock} if taken and lock is not None else set()
        known = self.held.setdefault(there, set())
        if carried <= known:
            return False
        known |= carried
        return True

    def after(self, effect: Effect) -> set[str]:
        """Who holds the lock of a step once it is taken."""
        return self.holders(effect.slot, effect.value)

    def holders(self, slot: int, value: int) -> set[str]:
        """Who holds a lock in one of its states, by the numbers of both."""
        if (slot, value) not in self.names:
            at = slot - len(self.product.threads)
            state = self.product.values[at][value]
            self.names[slot, value] = holders(self.product.objects[at], state)
        return self.names[slot, value]

    def place(self, thread: int, place: int) -> Hashable:
        """A place, the same for all copies of the thread."""
        if isinstance(self.product, Quotient):
            label = self.product.labels[thread].get(place)
            if label is not None:
                return self.product.fellows(thread)[0], "label", label
        return thread, "place", place

    def lock(self, slot: int) -> int:
        """A lock, the same for those that copies have each for itself."""
        return self.product.copies(slot)[0] if isinstance(self.product, Quotient) else slot


def locks_released(name: str = "locks-released") -> LocksReleased:
    """No thread that has come to its end holds a lock."""
    return LocksReleased(name)
