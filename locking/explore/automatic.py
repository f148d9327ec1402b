"""The engine for any size: the reference engine, and the compiled one for what outgrows it.

numba takes time to import, and more where its compiled code was never kept; so it is only imported
for a search that is larger than `OUTGROWN`.
"""

from importlib import import_module
from weakref import WeakSet

from loguru import logger

from locking.explore import reference
from locking.explore.graph import Graph, Watch
from locking.explore.product import Product
from locking.explore.search import Engine

OUTGROWN = 200_000
"""States after which the compiled engine pays: about as many as the reference engine meets in the
time that it takes to import numba and to walk the states met so far again."""

SEARCH_IS_LARGE = "the search is large"

LARGE: WeakSet[Product] = WeakSet()
"""Products that have outgrown the reference engine: so has a walk after threads were merged."""


def explore(product: Product, watch: Watch) -> Graph:
    """Every state that `product` can reach, unless `watch` or Ctrl-C ends the walk before."""
    if type(product) is not Product:  # the compiled engine would give it back
        return reference.explore(product, watch)
    if product not in LARGE:
        graph = reference.explore(product, lambda met, at: watch(met, at) or outgrown(met))
        if graph.cause != SEARCH_IS_LARGE:
            return graph
        logger.info("the compiled engine takes over at {} states", OUTGROWN)
        LARGE.add(product)
    try:
        compiled: Engine = import_module("locking.explore.compiled.engine").explore
    except ImportError as error:
        logger.warning("the reference engine goes on alone, which is slow: {}", error)
        return reference.explore(product, watch)
    return compiled(product, watch)


def outgrown(met: int) -> str | None:
    """The cause to stop, for a walk that has met so many states."""
    return SEARCH_IS_LARGE if met > OUTGROWN else None
