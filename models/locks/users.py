"""What all users of a lock do here: they take it and let it go, a few times or for ever."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence

from locking import (
    Case,
    Object,
    Property,
    Record,
    Scenario,
    Specification,
    Spinlock,
    System,
    Thread,
    deadlock_free,
    forever,
    refine,
    required,
    section,
    served,
)

NAMES = ("a", "b", "c")
Method = Callable[[], Awaitable[bool | None]]
"""An operation of a lock's algorithm."""

TURNS = Scenario("turns", "three threads take the lock, the first of them twice")
FOR_EVER = Scenario("for-ever", "the first takes the lock once, the others again and again")
EITHER = (TURNS, FOR_EVER)
"""The scenarios of a lock whose words come back to the values that they had."""


async def take_turn(specification: Specification, lock: Method, unlock: Method) -> None:
    """Take the lock and let it go."""
    async with section("waits"):
        await refine(specification, "spin_lock", lock)
    await refine(specification, "spin_unlock", unlock)


async def take_turns(
    specification: Specification, lock: Method, unlock: Method, count: int
) -> None:
    """Take the lock and let it go, `count` times."""
    for _ in range(count):
        await take_turn(specification, lock, unlock)


async def try_once(specification: Specification, trylock: Method, unlock: Method) -> None:
    """Take the lock if it is free, and let it go."""
    if await refine(specification, "spin_trylock", trylock):
        await refine(specification, "spin_unlock", unlock)


def turns_of(names: Sequence[str], methods: tuple[Specification, Method, Method]) -> list[Thread]:
    """Threads that each take the lock once, but for the first, which takes it twice."""
    return [Thread(name, take_turns, (*methods, 1 + (name == names[0]))) for name in names]


def without_end(
    names: Sequence[str], methods: tuple[Specification, Method, Method]
) -> list[Thread]:
    """Threads of which all but the first take the lock again and again."""
    return [
        Thread(names[0], take_turns, (*methods, 1)),
        *(Thread(name, forever, (take_turn, *methods), daemon=True) for name in names[1:]),
    ]


def system_of(
    case: Case,
    objects: list[Object | Record],
    lock: Method,
    unlock: Method,
    trylock: Method | None = None,
    names: Sequence[str] = NAMES,
    more: Sequence[Property] = (),
    starts: Mapping[Object, Hashable] | None = None,
) -> System:
    """Threads of these names on one lock, in the scenario of the case.

    In `TURNS` the last thread only tries, if there is a `trylock`. In `FOR_EVER`, who waits must be
    served, by a scheduler that is weakly fair. `more` is judged besides.
    """
    specification = Specification(Spinlock("lock"))
    methods = specification, lock, unlock
    properties: list[Property] = [
        required("refinement", "users see only what a spinlock does"),
        deadlock_free(),
        *more,
    ]
    if case.scenario == FOR_EVER:
        threads = without_end(names, methods)
        properties.append(served("waits"))
    else:
        threads = turns_of(names, methods)
        if trylock:
            threads[-1] = Thread(names[-1], try_once, (specification, trylock, unlock))
    return System([*objects, specification], threads, properties, starts)
