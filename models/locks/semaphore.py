"""A counting semaphore in one word: how many may still come in.

Who comes in subtracts one by compare-and-swap, from what is not 0. May the look and the subtraction
be two steps ("two-steps")? No: two can come in by one look. May it subtract first, and add again
where that was too much ("subtracts-first")? As long as it is not added, a thread that only tries
fails though there is room; so the specification would have to let it.

Dijkstra, "Cooperating sequential processes", in "Programming Languages", ed. Genuys, 1968.
"""

from functools import partial

from locking import (
    Atomic,
    Case,
    Expect,
    Model,
    Semaphore,
    Specification,
    System,
    Thread,
    at_end,
    deadlock_free,
    refine,
    required,
    retry,
    wait_until,
)

ROOM = 2
word = Atomic("word", ROOM)
specification = Specification(Semaphore("semaphore", ROOM))


async def attempt(variant: str) -> bool | None:
    """One round: whether the thread came in."""
    (seen,) = await wait_until(lambda count: count > 0 and (count,), word)
    if variant == "two-steps":
        await word.atomic_dec()
        return True
    return await word.atomic_try_cmpxchg_acquire(seen, seen - 1) or None


async def down(variant: str) -> None:
    """Come in once there is room."""
    await retry(attempt, variant)


async def down_trylock(variant: str) -> bool:
    """Whether there was room; then the thread came in."""
    if variant == "subtracts-first":
        if await word.atomic_dec_return() >= 0:
            return True
        await word.atomic_inc()
        return False
    return bool(await word.atomic_dec_if_positive() >= 0)


async def up() -> None:
    """Make room for another."""
    await word.atomic_inc_return_release()


async def enter(variant: str) -> None:
    """Come in and leave."""
    await refine(specification, "down", partial(down, variant))
    await refine(specification, "up", up)


async def try_to_enter(variant: str) -> None:
    """Come in, if there is room, and leave."""
    if await refine(specification, "down_trylock", partial(down_trylock, variant)):
        await refine(specification, "up", up)


def build(case: Case) -> System:
    """Two threads that come in, and two that try; there is room for two."""
    programs = {"a": enter, "b": enter, "c": try_to_enter, "d": try_to_enter}
    return System(
        [word, specification],
        [Thread(name, program, (case.variant,)) for name, program in programs.items()],
        [
            required("refinement", "users see only what a semaphore does"),
            deadlock_free(),
            at_end("as-new", lambda s: s[word] == ROOM),
        ],
    )


MODEL = Model(
    "locks.semaphore",
    "A count of those that may come in",
    build,
    variants=("right", "two-steps", "subtracts-first"),
    expected=(
        Expect("refinement", "two come in by one look", variants=("two-steps",)),
        Expect("refinement", "it fails though there is room", variants=("subtracts-first",)),
    ),
)
