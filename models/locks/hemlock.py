"""Hemlock: a queue lock in which a thread has one word for all the locks that it holds.

A thread swaps itself into the tail of the lock, and waits until the word of the one before says
*this* lock; then it clears that word, which is the answer that its owner waits for. Is any lock in
the word good enough ("any-lock")? No: the one before may hand on another lock that it holds, and
whoever waits for this one takes it for its turn. And who hands on must wait for the answer
("no-answer"): its word is used for the next lock.

Dice and Kogan, "Hemlock: Compact and scalable mutual exclusion", SPAA 2021. "any-lock" is the error
that the libvsync set of SV-COMP plants in this algorithm.
"""

from functools import partial

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Specification,
    Spinlock,
    System,
    Thread,
    array,
    current,
    deadlock_free,
    refine,
    required,
    table,
    wait_until,
)
from locking.models.locks.users import NAMES

tail = array(Cell, "tail", 2, None)
grant = table(Cell, "grant", NAMES, None)
specification = tuple(Specification(Spinlock(f"lock[{at}]")) for at in range(2))


async def lock(which: int, variant: str) -> None:
    """Queue up, wait until the one before grants this lock, and answer."""
    before = await tail[which].xchg(current())
    if before is None:
        return
    if variant == "any-lock":
        await wait_until(lambda granted: granted is not None, grant[before])
    else:
        await wait_until(lambda granted: granted == which, grant[before])
    await grant[before].WRITE_ONCE(None)


async def unlock(which: int, variant: str) -> None:
    """Leave the queue empty; or grant the lock, and wait for the answer."""
    me = current()
    if await tail[which].try_cmpxchg_release(me, None):
        return
    await grant[me].smp_store_release(which)
    if variant != "no-answer":
        await wait_until(lambda granted: granted is None, grant[me])


async def hold(which: int, variant: str, *inside: int) -> None:
    """Hold a lock; while it is held, hold each of the locks `inside`."""
    await refine(specification[which], "spin_lock", partial(lock, which, variant))
    for other in inside:
        await hold(other, variant)
    await refine(specification[which], "spin_unlock", partial(unlock, which, variant))


def build(case: Case) -> System:
    """One holds both locks, the others wait for one each."""
    held = {"a": (0,), "b": (1, 0), "c": (1,)}
    return System(
        [tail, grant, specification],
        [Thread(name, hold, (held[name][0], case.variant, *held[name][1:])) for name in NAMES],
        [required("refinement", "users see only what spinlocks do"), deadlock_free()],
    )


MODEL = Model(
    "locks.hemlock",
    "A queue lock with one word for each thread",
    build,
    variants=("right", "any-lock", "no-answer"),
    expected=(
        Expect("refinement", "another lock was granted", variants=("any-lock",)),
        Expect("deadlock-free", "the answer is for another grant", variants=("any-lock",)),
        Expect("deadlock-free", "the word is overwritten", variants=("no-answer",)),
    ),
)
