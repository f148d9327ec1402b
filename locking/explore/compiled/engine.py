"""The compiled engine: all that the reference engine returns, number by number, only sooner.

A walk goes through states in chunks. Where a chunk meets what no table has yet, the product is
asked, in the order in which the reference engine would ask it, and the walk goes on from there.
"""

from locking.explore import reference
from locking.explore.compiled.filed_store import DiskIsFull
from locking.explore.compiled.lean_tables import LeanTables
from locking.explore.compiled.lean_walk import LeanWalk
from locking.explore.compiled.quotient_tables import QuotientTables
from locking.explore.compiled.row_files import LEAST_FREE
from locking.explore.compiled.store import WORKERS, processors
from locking.explore.compiled.tables import PackedTables
from locking.explore.compiled.walk import PackedWalk
from locking.explore.deadline import OutOfTime
from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.product import Product
from locking.explore.recorded import Recorded
from locking.explore.reduction.partial_order import PartialOrder
from locking.explore.reduction.quotient import Quotient


def explore(product: Product, watch: Watch, workers: int | None = None) -> Graph:
    """Every state that `product` can reach, unless `watch` or Ctrl-C ends the walk before.

    `workers` share the work, one for each processor where it is not said. A product that takes
    steps of its own kind is not in its tables, and is walked by the reference engine.
    """
    if not compiles(product):
        return reference.explore(product, watch)
    return ended(walk_of(product, workers or min(WORKERS, processors())), watch)


def compiles(product: Product) -> bool:
    """Whether this engine can walk a product."""
    if isinstance(product, PartialOrder):
        return not product.pairs
    return type(product) in (Product, Recorded, Quotient)


def walk_of(product: Product, workers: int) -> PackedWalk:
    """A walk that has not begun, of a product of which nothing is in tables yet."""
    if isinstance(product, PartialOrder):
        return LeanWalk(LeanTables(product), workers)
    tables = QuotientTables(product) if isinstance(product, Quotient) else PackedTables(product)
    return PackedWalk(tables, workers)


def ended(walk: PackedWalk, watch: Watch) -> Graph:
    """What `walk` does until there is nothing left, or a cause to end it."""
    try:
        return walk.graph(walk.on(watch))
    except KeyboardInterrupt:
        cause = INTERRUPTED
    except OutOfTime as late:
        cause = str(late)
    except DiskIsFull:
        cause = f"less than {LEAST_FREE >> 20:,} MiB left on the disk"
    except OSError as error:
        cause = f"no more can be written to the disk: {error.strerror or error}"
    if walk.tables.torn:  # states are not what the tables say
        return explore(walk.tables.product, lambda *_: cause, 1)
    walk.go_back()
    return walk.graph(cause)
