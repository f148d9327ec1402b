"""MCS as its users call it: a queue of nodes, of which each thread has one and spins on it.

The algorithm is that of `classics.mcs_lock`, whose mistake "no-wait" is here too. May who leaves
empty the queue and hand the lock on as well ("empties-queue")? No: whoever comes next finds no
queue, and goes in beside the one that was handed the lock.

Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory
multiprocessors", ACM TOCS 9(1), 1991.
"""

from functools import partial

from locking import Case, Expect, Model, System
from locking.models.classics import mcs_lock
from locking.models.locks.users import EITHER, FOR_EVER, system_of


async def unlock(variant: str) -> None:
    """Hand the lock on, or leave the queue empty."""
    if variant == "empties-queue":
        await mcs_lock.tail.WRITE_ONCE(None)
    await mcs_lock.unlock(waits_for_link=variant != "no-wait")


def build(case: Case) -> System:
    """Three threads."""
    return system_of(
        case,
        [mcs_lock.tail, mcs_lock.behind, mcs_lock.waits],
        mcs_lock.lock,
        partial(unlock, case.variant),
        names=mcs_lock.NAMES,
    )


MODEL = Model(
    "locks.mcs",
    "A queue lock whose waiters spin on nodes of their own",
    build,
    EITHER,
    variants=("right", "no-wait", "empties-queue"),
    expected=(
        Expect("deadlock-free", "its successor has no link yet", variants=("no-wait",)),
        Expect(
            "served",
            "its successor has no link yet",
            variants=("no-wait",),
            scenarios=(FOR_EVER.name,),
        ),
        Expect("refinement", "a newcomer finds no queue", variants=("empties-queue",)),
        Expect("deadlock-free", "it waits for a link", variants=("empties-queue",)),
    ),
)
