"""A recursive lock: an owner and a depth around a spinlock.

A thread that finds itself as the owner only goes deeper: nobody else can make that look true. The
owner must be cleared before the word ("owner-last"): else it overwrites the owner that came next,
which then waits for itself.

Kernel: the big kernel lock was one, lib/kernel_lock.c, until v2.6.39. The libvsync set of SV-COMP
has three, each around another lock.
"""

from functools import partial

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    RecursiveMutex,
    Specification,
    System,
    Thread,
    current,
    deadlock_free,
    refine,
    required,
    retry,
    wait_until,
)

word, owner, depth = Atomic("word"), Cell("owner", None), Cell("depth", 0)
specification = Specification(RecursiveMutex("lock"))


async def attempt() -> bool | None:
    """One round: whether the word was 0."""
    if await word.atomic_cmpxchg_acquire(0, 1) == 0:
        return True
    await wait_until(lambda value: value == 0, word)
    return None


async def lock() -> None:
    """Go deeper, or wait for the word."""
    if await owner.READ_ONCE() != current():
        await retry(attempt)
        await owner.WRITE_ONCE(current())
    await depth.write(await depth.read() + 1)


async def unlock(variant: str) -> None:
    """Come back; the last time, let go of the word."""
    left = await depth.read() - 1
    await depth.write(left)
    if left and variant != "first-unlock-frees":
        return
    if variant != "owner-last":
        await owner.WRITE_ONCE(None)
    await word.atomic_set_release(0)
    if variant == "owner-last":
        await owner.WRITE_ONCE(None)


async def work(variant: str, levels: int) -> None:
    """Take the lock that often, then let go as often."""
    for _ in range(levels):
        await refine(specification, "lock", lock)
    for _ in range(levels):
        await refine(specification, "unlock", partial(unlock, variant))


def build(case: Case) -> System:
    """Two threads take the lock twice, one takes it once."""
    levels = {"a": 2, "b": 2, "c": 1}
    return System(
        [word, owner, depth, specification],
        [Thread(name, work, (case.variant, often)) for name, often in levels.items()],
        [required("refinement", "users see only what a recursive mutex does"), deadlock_free()],
    )


MODEL = Model(
    "locks.recursive",
    "An owner and a depth around a spinlock",
    build,
    variants=("right", "owner-last", "first-unlock-frees"),
    expected=(
        Expect("deadlock-free", "it overwrites the next owner", variants=("owner-last",)),
        Expect("refinement", "the lock is still held", variants=("first-unlock-frees",)),
    ),
)
