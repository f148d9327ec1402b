"""One exhaustive search: walk, merge what was learned, walk again until nothing changes.

Early walks are short, so that threads are merged before the long one.
"""

from collections.abc import Callable
from importlib import import_module

from locking.errors import unknown
from locking.explore.automaton import Parted
from locking.explore.graph import Graph, Watch
from locking.explore.product import Product

Engine = Callable[[Product, Watch], Graph]

ENGINES = {"reference": "locking.explore.reference"}
"""Engines by name; the module is imported when the engine is asked for."""

FIRST_WALK = 4_000
"""States after which the first walk stops to merge; each further one may go four times as far."""

ROUNDS = 60
"""Walks after which merging is given up: the unmerged walk is always right."""

NOT_YET = "merge first"


def engine(name: str) -> Engine:
    """The engine called `name`.

    Errors: `UsageError` for an unknown name.
    """
    if name not in ENGINES:
        raise unknown("engine", name, ENGINES)
    found: Engine = import_module(ENGINES[name]).explore
    return found


def search(product: Product, engine: Engine, watch: Watch, *, minimise: bool = True) -> Graph:
    """All that `product` can do; over merged threads, if `minimise` says so."""
    if not minimise:
        return engine(product, watch)
    most = FIRST_WALK
    for _ in range(ROUNDS):
        try:
            graph = engine(product, up_to(most, watch))
        except Parted:
            product.merge()
            continue
        if graph.cause not in (None, NOT_YET):
            return graph
        if not product.merge() and graph.cause is None:
            return graph
        if graph.cause == NOT_YET:
            most *= 4
    product.part()
    return engine(product, watch)


def up_to(most: int, watch: Watch) -> Watch:
    """`watch`, which also ends the walk once it has met more than `most` states."""

    def watching(met: int, through: int) -> str | None:
        return NOT_YET if met > most else watch(met, through)

    return watching
