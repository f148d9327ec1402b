"""Every data race that some state shows, by the lines that race: what one run leaves out.

No thread is named, so copies of a program that change places make no difference: a cell that two
threads touch belongs to neither of them, and keeps its name.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from locking.explore.product import Product, State
from locking.objects.operation import Site
from locking.properties.explored import Explored
from locking.properties.overlap import SideBySide, ThreadPair
from locking.properties.race import access_in_words, next_touch, races_between, states_by_next
from locking.text.file_names import line_of


@dataclass(frozen=True)
class Race:
    """Two accesses to the cell named `cell`, next to each other, each with the line of its step.

    The step is the atomic block around an access, where there is one. Accesses are `read` or
    `write`, and `(marked)`; they stand in the order of their lines.
    """

    cell: str
    accesses: tuple[tuple[Site, str], tuple[Site, str]]

    def __str__(self) -> str:
        ways = [f"{access} at {line_of(site)}" for site, access in self.accesses]
        return f"{self.cell} ({' and '.join(ways)})"


def races_of_pair(
    product: Product,
    pair: ThreadPair,
    state: State,
    beside: SideBySide,
    looked: dict[int, None] | None = None,
) -> Iterator[Race]:
    """The races between the next steps of two threads in `state`; some come twice.

    The slots of the objects that their blocks work on are added to `looked`. Errors: `Supposed`.
    """
    mine, theirs = (product.position(thread, state).site for thread in pair)
    for one, other in races_between(product, pair, state, beside, looked):
        first, second = sorted([(mine, access_in_words(one)), (theirs, access_in_words(other))])
        yield Race(one.cell.name, (first, second))


def races_in_state(product: Product, state: State) -> list[Race]:
    """The races that one state shows, each once."""
    beside = SideBySide(product)
    pairs = combinations(product.everybody, 2)
    found = (race for pair in pairs for race in races_of_pair(product, pair, state, beside))
    return list(dict.fromkeys(found))


def listed_races(found: Iterable[Race], product: Product, state: State) -> tuple[Race, ...]:
    """The races that were `found`, each once: first those that `state` shows, then by their words.

    `state` may be one of another product of the same system.
    """
    first = races_in_state(product, state)
    return tuple(dict.fromkeys([*first, *sorted(found, key=str)]))


def all_races(explored: Explored) -> frozenset[Race]:
    """The races that the states show which were met. Errors: `Supposed`."""
    beside = SideBySide(explored.product, exact=True)
    pairs = combinations(explored.product.everybody, 2)
    return frozenset(race for pair in pairs for race in races_seen(explored, pair, beside))


def races_seen(explored: Explored, pair: ThreadPair, beside: SideBySide) -> set[Race]:
    """The races between the next steps of two threads, in any state that was met."""
    found: set[Race] = set()

    def note(state: State, looked: dict[int, None]) -> bool:
        found.update(races_of_pair(explored.product, pair, state, beside, looked))
        return False

    any(states_by_next(explored, pair, next_touch_and_line, note))  # which goes through all of them
    return found


def next_touch_and_line(product: Product, thread: int) -> Callable[[int], Hashable]:
    """What decides the accesses of a thread's next step and their line, by its place."""
    touch, position = next_touch(product, thread), product.automata[thread].position
    return lambda place: (touch(place), position(place).site)
