"""Data races: two threads about to touch one cell, at least one to write, not both marked.

After tools/memory-model/Documentation/explanation.txt of the kernel ("PLAIN ACCESSES AND DATA
RACES"), for sequential consistency: two accesses race if they can be next to each other.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import combinations
from typing import NamedTuple

from locking.explore.graph import Look
from locking.explore.product import Product, State
from locking.objects.operation import Access, Object, Operation
from locking.programs.position import Position
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


def touches(
    product: Product, thread: int, state: State, looked: dict[int, None] | None = None
) -> list[Touch]:
    """Every access that the next step of `thread` may make; an atomic block makes several.

    The slots of the objects that a block works on are added to `looked`.
    """
    found: dict[Touch, None] = {}
    name = product.threads[thread].name
    begun: list[tuple[State, tuple[Touch, ...], Locks]] = [(state, (), frozenset())]
    for at, made, locks in begun:
        position = product.position(thread, at)
        step = position.next
        if looked is not None and in_block(position) and isinstance(step, Operation):
            looked[product.slot_of[step.target]] = None
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
    """The states in which two next steps race, in order; one state may come several times."""
    pairs = combinations(range(len(explored.product.threads)), 2)
    return merge(*(racing_pair(explored, pair) for pair in pairs))


def racing_pair(explored: Explored, pair: tuple[int, int]) -> Iterator[int]:
    """Those in which the next steps of these two threads race, in order.

    Outside atomic blocks that depends on what the two are about to do alone, and on whether any
    thread has failed: then the run has broken off.
    """
    product = explored.product
    looks: list[Look] = [(thread, next_touch(product, thread)) for thread in pair]
    looks += explored.failing
    looked: dict[int, None] = {}

    def races(state: State) -> bool:
        if any(fails(state[thread]) for thread, fails in explored.failing):
            return False
        before = len(looked)
        mine, theirs = (touches(product, thread, state, looked) for thread in pair)
        looks.extend((slot, None) for slot in list(looked)[before:])
        return first_race(mine, theirs) is not None

    return explored.graph.pick(lambda: looks, races)


def next_touch(product: Product, thread: int) -> Callable[[int], Hashable]:
    """What decides the accesses of a thread's next step, by its place: of a block, where it is."""
    automaton = product.automata[thread]

    def see(place: int) -> Hashable:
        position = automaton.position(place)
        if in_block(position):
            return place
        step = position.next
        return isinstance(step, Operation) and (step.target, step.target.access(step.name))

    return see


def in_block(position: Position) -> bool:
    """Whether a thread's next step begins an atomic block, or goes on with one."""
    return position.opens or position.bound


def race_in(product: Product, state: State) -> tuple[tuple[int, Touch], tuple[int, Touch]] | None:
    """The first two next steps that race in `state`, each with its thread."""
    made = [touches(product, thread, state) for thread in range(len(product.threads))]
    for (one, mine), (other, theirs) in combinations(enumerate(made), 2):
        found = first_race(mine, theirs)
        if found:
            return (one, found[0]), (other, found[1])
    return None


def first_race(mine: list[Touch], theirs: list[Touch]) -> tuple[Touch, Touch] | None:
    """The first two of these that race."""
    return next(((one, other) for one in mine for other in theirs if race(one, other)), None)


def data_race_free(name: str = "data-race") -> DataRaceFree:
    """No two accesses race."""
    return DataRaceFree(name)
