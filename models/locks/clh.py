"""CLH as its users call it: each thread has a word that says which node it has now.

The algorithm is that of `classics.clh_lock`. The word must name a node before the first call. May
that be forgotten ("not-initialized")? No: the thread goes through a null pointer. It is the error
that the libvsync set of SV-COMP plants in this algorithm; that of MCS takes any node.

Source: Craig, "Building FIFO and priority-queuing spin locks from atomic swap", University of
Washington TR 93-02-02, 1993; Magnusson, Landin and Hagersten, "Queue locks on cache coherent
multiprocessors", IPPS 1994.
"""

from locking import Case, Cell, Expect, Model, System, current, require, required, table
from locking.models.classics import clh_lock
from locking.models.locks.users import EITHER, system_of

NODES = {"a": 0, "b": 1}
"""The node that each thread begins with."""
mine = {name: Cell(f"mine[{name}]", node) for name, node in NODES.items()}
before = table(Cell, "before", NODES, None)


async def lock() -> None:
    """Queue up with the node that the thread has, and remember the one before."""
    me = current()
    node = await mine[me].read()
    require(node is not None, "valid-pointer")
    await before[me].write(await clh_lock.lock(node))


async def unlock() -> None:
    """Let the next in, and have the node before from now on."""
    me = current()
    await clh_lock.unlock(await mine[me].read())
    await mine[me].write(await before[me].read())


def build(case: Case) -> System:
    """Two threads."""
    return system_of(
        case,
        [clh_lock.tail, clh_lock.must_wait, mine, before],
        lock,
        unlock,
        names=(*NODES,),
        more=[required("valid-pointer", "no thread goes through a null pointer")],
        starts=dict.fromkeys(mine.values()) if case.variant == "not-initialized" else None,
    )


MODEL = Model(
    "locks.clh",
    "A queue lock whose nodes go from thread to thread",
    build,
    EITHER,
    variants=("right", "not-initialized"),
    expected=(Expect("valid-pointer", "there is no node", variants=("not-initialized",)),),
)
