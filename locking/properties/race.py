"""Data races: two threads about to touch one cell, at least one to write, not both marked.

After tools/memory-model/Documentation/explanation.txt of the kernel ("PLAIN ACCESSES AND DATA
RACES"), for sequential consistency: two accesses race if they can be next to each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from locking.explore.product import Product, State
from locking.objects.operation import Access, Object, Operation
from locking.properties.explored import Explored, Finding, Judgement

Locks = frozenset[tuple[Object, str]]


class Touch(NamedTuple):
    """An access that a thread's next step makes.

    `locks` are those that the step itself takes and still holds then, by their modes.
    """

    cell: Object
    access: Access
    locks: Locks = frozenset()


@dataclass(frozen=True)
class DataRaceFree:
    """No two accesses race."""

    name: str = "data-race"
    about: str = "no two threads touch a cell at once, one writing, unless both are marked"
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state where two next steps race."""
        return explored.never(racing(explored))

    def find(self, product: Product, state: State) -> Finding | None:
        """The two accesses."""
        pair = race_in(product, state)
        if pair is None:
            return None
        (one, mine), (other, theirs) = pair
        cell = mine.cell
        return Finding(
            f"data race on {cell.name}: {product.threads[one].name} is about to {kind(mine)} it, "
            f"{product.threads[other].name} to {kind(theirs)} it",
            ((cell.name, cell.show(product.value(cell, state))),),
        )


def kind(touch: Touch) -> str:
    """How a touch reads in a sentence."""
    return ("write" if touch.access.writes else "read") + (
        " (marked)" if touch.access.marked else ""
    )


def race(one: Touch, other: Touch) -> bool:
    """Whether two touches of different threads race."""
    return (
        one.cell is other.cell
        and (one.access.writes or other.access.writes)
        and not (one.access.marked and other.access.marked)
        and not any(
            mine is theirs and {mode, theirs_mode} != {"read"}
            for mine, mode in one.locks
            for theirs, theirs_mode in other.locks
        )
    )


def touches(product: Product, thread: int, state: State) -> list[Touch]:
    """Every access that the next step of `thread` may make; an atomic block makes several."""
    found: dict[Touch, None] = {}
    name = product.threads[thread].name
    begun: list[tuple[State, tuple[Touch, ...], Locks]] = [(state, (), frozenset())]
    for at, made, locks in begun:
        step = product.position(thread, at).next
        for effect in product.effects_of(thread, at):
            target = product.apply(at, thread, effect)
            now, held = made, locks
            if isinstance(step, Operation):
                access = step.target.access(step.name)
                if access:
                    now = (*made, Touch(step.target, access, locks))
                else:
                    held = frozenset(lock for lock in locks if lock[0] is not step.target)
                    held |= holding(product, step.target, target, name)
            if effect.bound:
                begun.append((target, now, held))
            else:
                found.update(dict.fromkeys(now))
    return list(found)


def holding(product: Product, lock: Object, state: State, me: str) -> Locks:
    """`lock` with the modes in which `me` holds it in `state`; empty where it doesn't."""
    held = lock.holders(product.value(lock, state))
    return frozenset((lock, each.mode) for each in held if each.thread == me)


def racing(explored: Explored) -> Iterator[int]:
    """The states in which two next steps race, in order.

    Outside atomic blocks that depends on the places of the threads alone.
    """
    product, states = explored.product, explored.graph.states
    threads = range(len(product.threads))

    def may_race(state: State) -> bool:
        positions = [product.position(thread, state) for thread in threads]
        if any(position.failure for position in positions):
            return False  # the run has broken off
        return any(position.opens for position in positions) or bool(race_in(product, state))

    return (
        at
        for at in explored.graph.pick(lambda: list(threads), may_race)
        if race_in(product, states[at])
    )


def race_in(product: Product, state: State) -> tuple[tuple[int, Touch], tuple[int, Touch]] | None:
    """The first two next steps that race in `state`, each with its thread."""
    made = [touches(product, thread, state) for thread in range(len(product.threads))]
    for (one, mine), (other, theirs) in combinations(enumerate(made), 2):
        for my_touch in mine:
            for their_touch in theirs:
                if race(my_touch, their_touch):
                    return (one, my_touch), (other, their_touch)
    return None


def data_race_free(name: str = "data-race") -> DataRaceFree:
    """No two accesses race."""
    return DataRaceFree(name)
