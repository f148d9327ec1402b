"""MCS lock: a queue of nodes, in which each waiter spins on its own node.

A thread swaps itself into the tail, then links itself to the one before it. Can the owner leave
as soon as it sees no successor? No: one that has swapped the tail may not have linked itself yet.
If the owner's compare-and-swap of the tail fails, somebody is behind it, and it must wait for the
link. If it leaves instead, nobody ever wakes the successor.

Source: Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory
multiprocessors", ACM TOCS 9(1), 1991. Kernel: kernel/locking/mcs_spinlock.h.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    System,
    current,
    deadlock_free,
    never_together,
    section,
    smp_cond_load_relaxed,
    table,
    wait_until,
    workers,
)

NAMES = ("w0", "w1", "w2")
tail = Cell("tail", None)
behind, waits = table(Cell, "next", NAMES, None), table(Cell, "locked", NAMES, False)


async def lock() -> None:
    """Queue up, and spin until the one before hands the lock on."""
    me = current()
    await behind[me].WRITE_ONCE(None)
    await waits[me].WRITE_ONCE(True)
    if before := await tail.xchg(me):
        await behind[before].WRITE_ONCE(me)
        await wait_until(lambda locked: not locked, waits[me])


async def unlock(waits_for_link: bool) -> None:
    """Hand the lock on, or leave the queue empty."""
    me = current()
    successor = await behind[me].READ_ONCE()
    if successor is None:
        if await tail.try_cmpxchg_release(me, None) or not waits_for_link:
            return
        successor = await smp_cond_load_relaxed(behind[me], lambda link: link)
    await waits[successor].smp_store_release(False)


async def work(waits_for_link: bool) -> None:
    """Enter the critical section once."""
    await lock()
    async with section("critical"):
        await unlock(waits_for_link)


def build(case: Case) -> System:
    """Three threads in one queue."""
    return System(
        [tail, behind, waits],
        workers(3, work, case.variant == "right"),
        [never_together("exclusion", "critical", "critical"), deadlock_free()],
    )


MODEL = Model(
    "classics.mcs_lock",
    "A queue lock whose waiters link themselves to their predecessors",
    build,
    variants=("right", "no-wait"),
    expected=(Expect("deadlock-free", "its successor has no link yet", variants=("no-wait",)),),
)
