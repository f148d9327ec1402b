"""The engine for any size: the reference engine, and the compiled one for what outgrows it.

numba takes time to import, and more where its compiled code was never kept; so it is only imported
for a search that is larger than `OUTGROWN`, be it in one walk or in several.
"""

from importlib import import_module
from weakref import WeakKeyDictionary

from loguru import logger

from locking.explore import reference
from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.product import Product
from locking.explore.reduction.partial_order import PartialOrder
from locking.explore.reduction.quotient import Quotient
from locking.explore.search import Engine

OUTGROWN = 200_000
"""States after which the compiled engine pays: about as many as the reference engine meets in the
time that it takes to import numba and to walk the states met so far again."""

OUTGROWN_FOLDED = 10_000
"""That number of a quotient, whose states take the reference engine many times longer."""

OUTGROWN_LEAN = 10_000
"""That number under a partial order, whose states take it as long as those of a quotient."""

SEARCH_IS_LARGE = "the search is large"

MET: WeakKeyDictionary[Product, int] = WeakKeyDictionary()
"""How many states of a product the reference engine has met, in all walks so far: each time that
threads are merged or parted, there is another."""


def explore(product: Product, watch: Watch) -> Graph:
    """Every state that `product` can reach, unless `watch` or Ctrl-C ends the walk before.

    Errors: `PlaceSplit`; `KeyboardInterrupt`, where nothing was walked by then.
    """
    most = most_of(product)
    if most is None:
        return reference.explore(product, watch)
    graph = None
    if MET.get(product, 0) <= most:
        graph = while_it_pays(product, watch, most)
        if graph.cause != SEARCH_IS_LARGE:
            return graph
        logger.info("the compiled engine takes over at {} states", most)
    try:
        compiled: Engine = import_module("locking.explore.compiled.engine").explore
    except ImportError as error:
        logger.warning("the reference engine goes on alone, which is slow: {}", error)
        return reference.explore(product, watch)
    except KeyboardInterrupt:  # the import takes about a second
        if graph is None:
            raise
        graph.cause = INTERRUPTED
        return graph
    del graph
    return compiled(product, watch)


def most_of(product: Product) -> int | None:
    """The states after which the compiled engine pays; None where it would give them back."""
    copies = isinstance(product, Quotient) and product.pairs
    if isinstance(product, PartialOrder):
        return None if copies else OUTGROWN_LEAN
    if type(product) not in (Product, Quotient):
        return None
    return OUTGROWN_FOLDED if copies else OUTGROWN


def while_it_pays(product: Product, watch: Watch, most: int) -> Graph:
    """A walk by the reference engine, up to so many states at `most`. Errors: `PlaceSplit`."""
    before = met = MET.get(product, 0)

    def watching(now: int, through: int) -> str | None:
        nonlocal met
        met = before + now
        return watch(now, through) or (SEARCH_IS_LARGE if met > most else None)

    try:
        return reference.explore(product, watching)
    finally:
        MET[product] = met
