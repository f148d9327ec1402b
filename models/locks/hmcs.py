"""HMCS: a tree of MCS queues, one for each part of the machine, so that the lock stays nearby.

Who leads the queue of a domain queues up for the lock of the whole machine, in the domain's own
node. Who leaves hands both to the next of its domain, with a count; once that is at a threshold it
gives up the upper lock first, and then tells the next to ask for that itself.

May it tell the next before it gives up the upper lock ("tells-first")? No: both use the domain's
node. Does the next own the lock by being told ("enters")? No, it has to ask. And without the
threshold ("no-threshold") nobody starves by a deadlock, but a domain may keep the lock for ever.

Chabbi, Fagan and Mellor-Crummey, "High performance locks for multi-level NUMA systems", PPoPP 2015.
Left out: more than two levels; a level is added by another round of the same.
"""

from functools import partial

from locking import Case, Cell, Expect, Model, System, current, procedure, table, wait_until
from locking.models.locks.users import EITHER, FOR_EVER, NAMES, TURNS, system_of

WAIT, ASK_ABOVE, FIRST = "wait", "ask above", 1
"""What a node says: wait; lead the queue, but ask for the upper lock; or how many came before."""
THRESHOLD = 2
"""So many threads of a domain may have the lock in turn."""
DOMAINS = {"a": "far", "b": "near", "c": "near"}
ABOVE = "above"
"""The queue of the domains' nodes."""
tail = table(Cell, "tail", ["near", "far", ABOVE], None)
behind = table(Cell, "next", [*NAMES, "near", "far"], None)
status = table(Cell, "status", [*NAMES, "near", "far"], None)


@procedure
async def queue_up(queue: str, node: str) -> str | int | None:
    """Lead a queue: what the one before said, or None if there was none."""
    await behind[node].WRITE_ONCE(None)
    await status[node].WRITE_ONCE(WAIT)
    before = await tail[queue].xchg(node)
    if before is None:
        return None
    await behind[before].smp_store_release(node)
    said: tuple[str | int] = await wait_until(lambda now: now != WAIT and (now,), status[node])
    return said[0]


@procedure
async def leave(queue: str, node: str, says: str | int) -> None:
    """Leave a queue empty, or say that to the next."""
    successor = await behind[node].smp_load_acquire()
    if successor is None:
        if await tail[queue].try_cmpxchg_release(node, None):
            return
        successor = await wait_until(lambda link: link, behind[node])
    await status[successor].smp_store_release(says)


async def lock(variant: str) -> None:
    """Lead the queue of the domain, and that of the domains, unless the one before did."""
    me, domain = current(), DOMAINS[current()]
    said = await queue_up(domain, me)
    if said is None or said == ASK_ABOVE:
        await status[me].WRITE_ONCE(FIRST)
        if said is None or variant != "enters":
            await queue_up(ABOVE, domain)


async def unlock(variant: str) -> None:
    """Hand the lock to the next of the domain, if it is that one's turn; else to another domain."""
    me, domain = current(), DOMAINS[current()]
    count = await status[me].READ_ONCE()
    if count < THRESHOLD:
        successor = await behind[me].smp_load_acquire()
        if successor is not None:
            after = count if variant == "no-threshold" else count + 1
            await status[successor].smp_store_release(after)
            return
    if variant == "tells-first":
        await leave(domain, me, ASK_ABOVE)
        await leave(ABOVE, domain, FIRST)
    else:
        await leave(ABOVE, domain, FIRST)
        await leave(domain, me, ASK_ABOVE)


def build(case: Case) -> System:
    """One thread of one domain, and two of another."""
    return system_of(
        case, [tail, behind, status], partial(lock, case.variant), partial(unlock, case.variant)
    )


MODEL = Model(
    "locks.hmcs",
    "A tree of MCS queues",
    build,
    EITHER,
    variants=("right", "tells-first", "enters", "no-threshold"),
    expected=(
        Expect("deadlock-free", "the node of the domain is in use", variants=("tells-first",)),
        Expect(
            "served",
            "the node of the domain is in use",
            variants=("tells-first",),
            scenarios=(FOR_EVER.name,),
        ),
        Expect("refinement", "another domain has the upper lock", variants=("enters",)),
        Expect(
            "deadlock-free",
            "it gives up an upper lock that it has not",
            variants=("enters",),
            scenarios=(TURNS.name,),
        ),
        Expect(
            "served",
            "it gives up an upper lock that it has not",
            variants=("enters",),
            scenarios=(FOR_EVER.name,),
        ),
        Expect(
            "served",
            "two of one domain hand it to each other",
            variants=("no-threshold",),
            scenarios=(FOR_EVER.name,),
        ),
    ),
)
