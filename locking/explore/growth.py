"""What came to new states when a search was ended early: perhaps the search has no end.

A search that reaches a limit says which objects and threads it saw in ever new states. That is a
fact about this search, and no proof that they have infinitely many.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from locking.explore.graph import Graph
from locking.explore.product import Product
from locking.objects.operation import Site
from locking.objects.unbounded import Unbounded

MANY_OBJECTS = 20
"""States that an object has before it is named."""

LONG = 100
"""Steps that a thread takes before it is named."""

LOOKED_AT = 20_000
"""States of the first half of a walk, evenly spread, in which the newest is looked for."""


class Growth(NamedTuple):
    """An object or a thread that still came to new states: its name, and to how many so far.

    `site` is where the thread stands in the newest of them, None for an object; `counts` whether
    that can do without its count.
    """

    name: str
    states: int
    site: Site | None = None
    counts: bool = False


def growths(product: Product, graph: Graph) -> tuple[Growth, ...]:
    """What came to new states in the second half of a walk that was ended early."""
    if graph.cause is None:
        return ()
    half = len(graph.states) // 2
    first = (graph.states[at] for at in range(0, half + 1, 1 + half // LOOKED_AT))
    known = list(map(max, zip(*first, strict=True)))  # numbers go by when a state was met first
    return (*growing_threads(product, known), *growing_objects(product, known))


def growing_threads(product: Product, known: Sequence[int]) -> Iterator[Growth]:
    """The threads that came to a place after many steps, and later than to those `known`."""
    for thread, automaton in enumerate(product.automata):
        place = len(automaton.members) - 1
        if known[thread] < place and len(automaton.results_before(place)) >= LONG:
            site = automaton.position(place).site
            yield Growth(product.threads[thread].name, place + 1, site)


def growing_objects(product: Product, known: Sequence[int]) -> Iterator[Growth]:
    """The objects with many states, of which one came later than those `known`."""
    for object_, values in zip(product.objects, product.values, strict=True):
        states = len(values)
        if states >= MANY_OBJECTS and known[product.slot_of[object_]] < states - 1:
            yield Growth(object_.name, states, counts=isinstance(object_, Unbounded))
