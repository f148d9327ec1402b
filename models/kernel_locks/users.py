"""What all users of a lock do here, and what is asked of every lock.

That nobody is inside who must not be needs no property of its own: the specification never returns
a lock to two that exclude each other, so `refinement` fails there.
"""

from collections.abc import Awaitable, Callable, Mapping

from locking import Property, Specification, deadlock_free, refine, required

Method = Callable[[], Awaitable[bool | None]]
"""An operation of a lock's algorithm."""


Turn = tuple[str, ...]
"""The operations, by name, by which a lock is taken and let go once; the first may fail."""


def also_percpu(methods: Mapping[str, Method]) -> dict[str, Method]:
    """The methods of a lock for readers and writers, also by the names of a percpu_rwsem's."""
    return {**methods, **{f"percpu_{name}": each for name, each in methods.items()}}


async def take_turns(
    specification: Specification, algorithm: Mapping[str, Method], *turns: Turn
) -> None:
    """Take the lock and let it go, once for each of `turns`, unless an attempt fails."""
    for turn in turns:
        for operation in turn:
            if await refine(specification, operation, algorithm[operation]) is False:
                break


def of_every_lock() -> list[Property]:
    """What must be so of every lock."""
    return [
        required("refinement", "users see only what the specification does"),
        deadlock_free(),
    ]
