"""What an operation orders: for `happens_before_race_free`."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple


class Order(NamedTuple):
    """What an operation does to happens-before, besides coming after what its thread did before.

    `acquires`: what was published on the object comes before what the thread does next.
    `releases`: what the thread has done, this operation included, is published on the object.
    `forgets`: what was published before is dropped, as a store drops the store that it writes over.
    `shared`: it is a reader's; what readers publish is acquired by all but readers.
    `full`: it is a full barrier, though it does not publish all that came before.
    `parts`: of which `parts` of the object all this is so; None for all of them.
    """

    acquires: bool = False
    releases: bool = False
    forgets: bool = False
    shared: bool = False
    parts: tuple[Hashable, ...] | None = None
    full: bool = False


NO_ORDER = Order()
ACQUIRE = Order(acquires=True)
RELEASE = Order(releases=True)
FULL_BARRIER = Order(full=True)
FULLY_ORDERED = Order(acquires=True, releases=True)

Ordering = Order | Callable[[Any, tuple[Hashable, ...]], Order]
"""What an operation orders; or that by what it returned and by what it was given."""
