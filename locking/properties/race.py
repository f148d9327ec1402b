"""Data races: two threads about to touch one cell, at least one to write, not both marked.

After tools/memory-model/Documentation/explanation.txt of the kernel ("PLAIN ACCESSES AND DATA
RACES"), for sequential consistency: two accesses race if they can be next to each other.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from heapq import merge
from itertools import combinations

from locking.explore.coverage import with_blocks
from locking.explore.decisions import Look
from locking.explore.product import Product, State
from locking.programs.position import Position
from locking.properties.explored import Explored, Finding, Judgement
from locking.properties.overlap import SideBySide, ThreadPair, Touch, step_alone, touch_of


@dataclass(frozen=True)
class DataRaceFree:
    """No two accesses race: they are never next to each other.

    What keeps them apart may be a flag that publishes nothing in the memory model of the kernel:
    `happens_before_race_free` asks for more.
    """

    name: str = "data-race"
    about: str = (
        "no two threads touch a cell next to each other, one writing, unless both are marked"
    )
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state where two next steps race."""
        return explored.never(racing_states(explored))

    def find(self, product: Product, state: State) -> Finding | None:
        """The two accesses."""
        pair = race_in(product, state)
        if pair is None:
            return None
        (one, mine), (other, theirs) = pair
        cell = mine.cell
        return Finding(
            f"data race on {cell.name}, next to each other: {product.threads[one].name} is about "
            f"to {access_in_words(mine)} it, "
            f"{product.threads[other].name} to {access_in_words(theirs)} it",
            ((cell.name, cell.show(product.value(cell, state))),),
            frozenset([cell.name]),
        )


def access_in_words(touch: Touch) -> str:
    """How a touch reads in a sentence."""
    return ("write" if touch.access.writes else "read") + (
        " (marked)" if touch.access.marked else ""
    )


def conflict(one: Touch, other: Touch) -> bool:
    """Whether two accesses of different threads race where they are next to each other."""
    return (
        one.cell is other.cell
        and (one.access.writes or other.access.writes)
        and not (one.access.marked and other.access.marked)
    )


def races_between(
    product: Product,
    pair: ThreadPair,
    state: State,
    beside: SideBySide,
    looked: dict[int, None] | None = None,
) -> Iterator[tuple[Touch, Touch]]:
    """Every two accesses of the next steps of two threads that race in `state`; some come twice.

    An atomic block makes several accesses; where both blocks work on one lock, its rule is asked
    which of them can be next to each other. The slots of the objects that blocks work on are added
    to `looked`. Errors: `Supposed`.
    """
    mine, theirs = (step_alone(product, thread, state, looked) for thread in pair)
    races = [
        (one, other) for one in mine.touched for other in theirs.touched if conflict(one, other)
    ]
    if races and mine.locks & theirs.locks:
        yield from (met for met in beside.meetings(pair, state, looked) if met in races)
    else:
        yield from races


def race_between(
    product: Product,
    pair: ThreadPair,
    state: State,
    beside: SideBySide,
    looked: dict[int, None] | None = None,
) -> tuple[Touch, Touch] | None:
    """The first two accesses of the next steps of two threads that race. Errors: `Supposed`."""
    return next(races_between(product, pair, state, beside, looked), None)


def racing_states(explored: Explored) -> Iterator[int]:
    """The states in which two next steps race, in order; one state may come several times."""
    beside = SideBySide(explored.product, exact=True)
    pairs = combinations(explored.product.everybody, 2)
    return merge(*(racing_pair(explored, pair, beside) for pair in pairs))


def racing_pair(explored: Explored, pair: ThreadPair, beside: SideBySide) -> Iterator[int]:
    """Those in which the next steps of these two threads race, in order."""

    def races(state: State, looked: dict[int, None]) -> bool:
        return race_between(explored.product, pair, state, beside, looked) is not None

    return states_by_next(explored, pair, next_touch, races)


def states_by_next(
    explored: Explored,
    pair: ThreadPair,
    see: Callable[[Product, int], Callable[[int], Hashable]],
    ask: Callable[[State, dict[int, None]], bool],
) -> Iterator[int]:
    """The states for which `ask` is true, in order: once for all that `see` finds alike.

    What it asks about the next steps of two threads depends, outside atomic blocks, on what the two
    are about to do alone, and on whether any thread has failed: then the run has broken off. It
    adds the slots of the objects that blocks work on to those that were looked at.
    """
    product, may_race = explored.product, places_that_may_race(explored, pair)
    near: list[Look] = [(thread, see(product, thread)) for thread in pair]
    if may_race:
        near = [(each, unless_far(may_race, at, look)) for at, (each, look) in enumerate(near)]
    looked: dict[int, None] = {}
    looks: list[Look] = []

    def asked(state: State) -> bool:
        looks[:] = near
        if may_race is not None and (state[pair[0]], state[pair[1]]) not in may_race:
            return False
        looks.extend(explored.failing)
        if any(fails(state[thread]) for thread, fails in explored.failing):
            return False
        looked.clear()
        answer = ask(state, looked)
        looks.extend((slot, None) for slot in looked)
        return answer

    return explored.graph.pick(lambda: looks, asked)


def places_that_may_race(explored: Explored, pair: ThreadPair) -> set[tuple[int, int]] | None:
    """Where two threads may stand so that next steps conflict, by all that was learned of these.

    None where not all of it was learned: before the end of a search, where threads don't take all
    their steps from all states, and where a step is asked for that the thread has no processor for.
    """
    product = explored.product
    if type(product) is not Product or not explored.complete:
        return None
    mine, theirs = (
        {place: accesses_ahead(product, each, place) for place in explored.graph.values(each)}
        for each in pair
    )
    apart = cache(lambda one, other: not any(conflict(a, b) for a in one for b in other))
    return {
        (one, other)
        for one, some in mine.items()
        for other, others in theirs.items()
        if not apart(some, others)
    }


def accesses_ahead(product: Product, thread: int, place: int) -> frozenset[Touch]:
    """The accesses that the next step of a thread makes at `place`, in one state or another."""
    automaton = product.automata[thread]
    steps = (automaton.position(at).next for at in with_blocks(automaton, {place}))
    return frozenset(filter(None, map(touch_of, steps)))


def unless_far(
    may_race: set[tuple[int, int]], which: int, look: Callable[[int], Hashable] | None
) -> Callable[[int], Hashable]:
    """`look` at the place of one of two threads; None for all where no step of it may race."""
    near = {each[which] for each in may_race}
    return lambda place: look(place) if look and place in near else None


def next_touch(product: Product, thread: int) -> Callable[[int], Hashable]:
    """What decides the accesses of a thread's next step, by its place: of a block, where it is."""
    automaton = product.automata[thread]

    def see(place: int) -> Hashable:
        position = automaton.position(place)
        return ("block", place) if in_block(position) else touch_of(position.next)

    return see


def in_block(position: Position) -> bool:
    """Whether a thread's next step begins an atomic block, or goes on with one."""
    return position.opens or position.bound


Racing = tuple[tuple[int, Touch], tuple[int, Touch]]
"""Two accesses that race, each with its thread."""


def race_in(product: Product, state: State) -> Racing | None:
    """The first two accesses of next steps that race in `state`, each with its thread."""
    return next(races_in(product, state), None)


def races_in(product: Product, state: State) -> Iterator[Racing]:
    """For every two threads whose next steps race in `state`, their first accesses that do."""
    beside = SideBySide(product)
    for pair in combinations(product.everybody, 2):
        found = race_between(product, pair, state, beside)
        if found:
            yield (pair[0], found[0]), (pair[1], found[1])


def data_race_free(name: str = "data-race") -> DataRaceFree:
    """No two accesses race."""
    return DataRaceFree(name)
