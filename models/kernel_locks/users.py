"""What all users of a lock do here, and what is asked of every lock.

That nobody is inside who must not be needs no property of its own: the specification never returns
a lock to two that exclude each other, so `refinement` fails there.
"""

from collections.abc import Awaitable, Callable, Mapping

from locking import (
    Property,
    Scenario,
    Specification,
    Thread,
    deadlock_free,
    forever,
    no_livelock,
    refine,
    required,
    section,
    served,
)

Method = Callable[[], Awaitable[bool | None]]
"""An operation of a lock's algorithm."""


ONCE = Scenario("once", "each thread takes the lock once or twice")
FOR_EVER = Scenario("for-ever", "some take the lock again and again; who waits must be served")

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


async def be_served(
    specification: Specification, algorithm: Mapping[str, Method], turn: Turn
) -> None:
    """Take the lock, inside the section "waits", and let it go, inside "holds"."""
    takes, *rest = turn
    async with section("waits"):
        await refine(specification, takes, algorithm[takes])
    async with section("holds"):
        for operation in rest:
            await refine(specification, operation, algorithm[operation])


def without_end(
    specification: Specification,
    algorithm: Mapping[str, Method],
    once: Mapping[str, Turn],
    again: Mapping[str, Turn],
) -> list[Thread]:
    """Threads by name that take their turn once, and daemons that do so again and again."""
    methods = specification, algorithm
    return [
        *(Thread(name, be_served, (*methods, turn)) for name, turn in once.items()),
        *(
            Thread(name, forever, (be_served, *methods, turn), daemon=True)
            for name, turn in again.items()
        ),
    ]


def live(fairness: str) -> list[Property]:
    """What is asked besides where threads come for ever: somebody gets the lock, and everybody."""
    return [no_livelock("holds"), served("waits", fairness=fairness)]


def of_every_lock() -> list[Property]:
    """What must be so of every lock."""
    return [
        required("refinement", "users see only what the specification does"),
        deadlock_free(),
    ]
