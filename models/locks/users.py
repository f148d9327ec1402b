"""What all users of a lock do here: three threads take it and let it go."""

from collections.abc import Awaitable, Callable

from locking import (
    Object,
    Record,
    Specification,
    Spinlock,
    System,
    Thread,
    deadlock_free,
    refine,
    required,
)

NAMES = ("a", "b", "c")
Method = Callable[[], Awaitable[None]]
"""An operation of a lock's algorithm."""


async def take_turns(
    specification: Specification, lock: Method, unlock: Method, count: int
) -> None:
    """Take the lock and let it go, `count` times."""
    for _ in range(count):
        await refine(specification, "spin_lock", lock)
        await refine(specification, "spin_unlock", unlock)


def system_of(objects: list[Object | Record], lock: Method, unlock: Method) -> System:
    """Three threads on one lock; the first comes twice."""
    specification = Specification(Spinlock("lock"))
    return System(
        [*objects, specification],
        [
            Thread(name, take_turns, (specification, lock, unlock, 2 if name == "a" else 1))
            for name in NAMES
        ],
        [required("refinement", "users see only what a spinlock does"), deadlock_free()],
    )
