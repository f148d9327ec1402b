"""CLH lock: a queue of nodes, in which each waiter spins on the node of the one before it.

A thread swaps its node into the tail, gets the node before it, and spins on that. May it take its
own node again for its next turn? No: the node is still in the tail, or its successor still spins on
it and would not see that it was let go before it is marked once more. If it is in the tail, one
thread suffices: it gets its own node as the one before, and waits for itself. The thread takes the
node of its predecessor instead, on which nobody spins any more.

Source: Craig, "Building FIFO and priority-queuing spin locks from atomic swap", University of
Washington TR 93-02-02, 1993; Magnusson, Landin and Hagersten, IPPS 1994. The mistake: Herlihy and
Shavit, "The Art of Multiprocessor Programming", exercise of the chapter on spin locks, 2008.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    System,
    Thread,
    array,
    deadlock_free,
    never_together,
    section,
    wait_until,
)

FREE = 2
"""The node that no thread begins with: it is in the tail at the start."""
tail, must_wait = Cell("tail", FREE), array(Cell, "must_wait", 3, False)


async def lock(mine: int) -> int:
    """Queue up with a node, and spin on the node before, which is returned."""
    await must_wait[mine].WRITE_ONCE(True)
    before: int = await tail.xchg(mine)
    await wait_until(lambda waits: not waits, must_wait[before])
    return before


async def unlock(mine: int) -> None:
    """Let the next in."""
    await must_wait[mine].smp_store_release(False)


async def turn(mine: int, keeps: bool) -> int:
    """Enter the critical section once; the node for the next turn."""
    before = await lock(mine)
    async with section("critical"):
        await unlock(mine)
    return mine if keeps else before


async def work(mine: int, keeps: bool) -> None:
    """Enter the critical section twice."""
    for _ in range(2):
        mine = await turn(mine, keeps)


def build(case: Case) -> System:
    """Two threads, each with a node to begin with."""
    keeps = case.variant == "own-node"
    return System(
        [tail, must_wait],
        [Thread("a", work, (0, keeps)), Thread("b", work, (1, keeps))],
        [never_together("exclusion", "critical", "critical"), deadlock_free()],
    )


MODEL = Model(
    "classics.clh_lock",
    "A queue lock whose waiters spin on the node before theirs",
    build,
    variants=("right", "own-node"),
    expected=(Expect("deadlock-free", "the node is still in the queue", variants=("own-node",)),),
)
