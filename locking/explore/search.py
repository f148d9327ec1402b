"""One exhaustive search: walk, merge what was learned, walk again until nothing changes.

A walk stops now and then to see whether threads can be merged further; it goes on where they can't.
Random runs before that learn what the walk itself would come to much later: it would part what was
merged too early, and the walk would begin again each time.
"""

from collections.abc import Callable
from importlib import import_module

from locking.errors import UsageError, unknown
from locking.explore.automaton import PlaceSplit
from locking.explore.graph import Graph, Watch
from locking.explore.product import Product
from locking.explore.rehearsal import rehearse
from locking.explore.room import room_of

Engine = Callable[[Product, Watch], Graph]

RAY = "ray"

ENGINES = {
    "automatic": "locking.explore.automatic",
    "reference": "locking.explore.reference",
    "compiled": "locking.explore.compiled.engine",
    RAY: "locking.explore.cluster.engine",
}
"""Engines by name; the module is imported when the engine is asked for."""

EXTRAS = {RAY: "cluster"}
"""The extras of this distribution that engines need."""

FIRST_STOP = 4_000
"""States after which a walk first tries to merge; it tries again whenever it has grown fourfold."""

WORTH = 0.02
"""The share of places that merging must save for a walk to be begun again; it costs that walk."""

ROUNDS = 60
"""Walks after which merging is given up: the unmerged walk is always right."""

MOST_VOID = 2
"""Void walks after which merging is given up: each may take as long as the plain walk."""

WORTH_AGAIN = 0.2
"""The share of places that merging must save for a walk to be made again that came to its end, and
is larger than `FIRST_STOP`: it judges already, and smaller ones take no time."""

MERGED = "threads were merged"


def engine(name: str) -> Engine:
    """The engine called `name`.

    Errors: `UsageError` for an unknown name, or where what the engine needs can't be imported.
    """
    if name not in ENGINES:
        raise unknown("engine", name, ENGINES)
    try:
        found: Engine = import_module(ENGINES[name]).explore
    except ImportError as error:
        extra = f"; it comes with locking[{EXTRAS[name]}]" if name in EXTRAS else ""
        raise UsageError(f"engine {name!r} can't be imported: {error}{extra}") from error
    return found


def search(
    product: Product, engine: Engine, watch: Watch, *, minimise: bool = True, sooner: float = 1.0
) -> Graph:
    """All that `product` can do; over merged threads, if `minimise` says so.

    It first tries to merge so many times `sooner` than it does else.
    """
    if not minimise:
        return engine(product, watch)
    stops = Stops(product, watch, int(FIRST_STOP / sooner))
    void = 0
    for _ in range(ROUNDS):
        try:
            graph = engine(product, stops)
        except PlaceSplit:
            void += 1
            if void < MOST_VOID and product.merge():
                continue
            break
        if stops.merging:  # it was ended in the middle of it: places are not what they were
            product.unmerge()
            return engine(product, ended_for(graph.cause))
        if graph.cause not in (None, MERGED):
            return graph
        large = len(graph.states) > FIRST_STOP
        if graph.cause is None and not product.merge(WORTH_AGAIN if large else WORTH):
            return graph
    product.unmerge()
    return engine(product, watch)


def ended_for(cause: str | None) -> Watch:
    """A watch that ends a walk at once, for a cause."""
    return lambda *_: cause


class Stops:
    """`watch`, which also ends a walk over threads that can be merged further by now.

    It first looks whether they can at `first` states.
    """

    def __init__(self, product: Product, watch: Watch, first: int) -> None:
        self.product = product
        self.watch = watch
        self.room = room_of(watch)
        self.next = first
        self.merging = False

    def __call__(self, met: int, through: int) -> str | None:
        """The cause to stop, if there is one."""
        if met > self.next:
            self.next *= 4
            rehearse(self.product)
            self.merging = True
            changed = self.product.merge(WORTH)
            self.merging = False
            if changed:
                return MERGED
        return self.watch(met, through)
