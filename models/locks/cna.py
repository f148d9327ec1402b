"""CNA: an MCS queue whose owner hands the lock to a thread of its own node of the machine.

It looks along the queue for one, and moves those that it passes to a secondary queue. Who gets the
lock gets the head of that queue with it, in the word that it spins on. When no thread of the node
is left, or it is the others' turn, the secondary queue goes before the main one.

Who leaves with nobody behind it must look at the secondary queue ("drops-secondary"): its threads
are in no other. The last that is moved must have no link any more ("keeps-link"): the link leads
back into the main queue. And now and then the lock must leave the node ("always-local").

Dice and Kogan, "Compact NUMA-aware locks", EuroSys 2019. There a random number says when it is the
others' turn; here either may be in one scenario, and every second time in the other.
"""

from functools import partial

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Scenario,
    Specification,
    Spinlock,
    System,
    Thread,
    choose,
    current,
    deadlock_free,
    procedure,
    refine,
    required,
    table,
    wait_until,
)
from locking.models.locks.users import EITHER, FOR_EVER, TURNS, system_of

WAIT, ALONE = "wait", "alone"
"""What a thread is told: wait; or it owns the lock, and the secondary queue is empty.

Else it is told the head of the secondary queue.
"""
NODES = {"a": 0, "b": 1, "c": 1, "d": 0}
"""The node of the machine on which each thread runs."""
tail, stayed = Cell("tail", None), Cell("stayed", False)
told, behind = table(Cell, "told", NODES, WAIT), table(Cell, "next", NODES, None)
last = table(Cell, "last", NODES, None)
"""The last of the secondary queue, by its head."""


async def lock() -> None:
    """Queue up, and spin until the one before hands the lock on."""
    me = current()
    await behind[me].WRITE_ONCE(None)
    await told[me].WRITE_ONCE(WAIT)
    before = await tail.xchg(me)
    if before is None:
        await told[me].WRITE_ONCE(ALONE)
        return
    await behind[before].smp_store_release(me)
    await wait_until(lambda now: now != WAIT, told[me])


async def unlock(variant: str, chooses: bool) -> None:
    """Leave both queues empty, or hand the lock on."""
    me = current()
    head = await told[me].READ_ONCE()
    successor = await behind[me].smp_load_acquire()
    if successor is None:
        if await left_empty(me, head, variant):
            return
        successor = await wait_until(lambda link: link, behind[me])
    if await stays(variant, chooses) and await hand_over_nearby(me, head, successor, variant):
        return
    if head != ALONE:
        await behind[await last[head].READ_ONCE()].WRITE_ONCE(successor)
        successor = head
    await told[successor].smp_store_release(ALONE)


@procedure
async def left_empty(me: str, head: str, variant: str) -> bool:
    """Whether nobody was behind: then the secondary queue, if there is one, is the main one."""
    if head == ALONE or variant == "drops-secondary":
        return bool(await tail.try_cmpxchg_release(me, None))
    if not await tail.try_cmpxchg_release(me, await last[head].READ_ONCE()):
        return False
    await told[head].smp_store_release(ALONE)
    return True


@procedure
async def stays(variant: str, chooses: bool) -> bool:
    """Whether the lock may stay in the node once more."""
    if variant == "always-local":
        return True
    if chooses:
        return await choose(True, False)
    once_more = not await stayed.READ_ONCE()
    await stayed.WRITE_ONCE(once_more)
    return once_more


@procedure
async def hand_over_nearby(me: str, head: str, successor: str, variant: str) -> bool:
    """Whether the lock was handed to a thread of this node, which is the first in the queue."""
    passed, found = None, successor
    while found is not None and NODES[found] != NODES[me]:
        passed, found = found, await behind[found].smp_load_acquire()
    if found is None:
        return False
    if passed is not None:
        head = await move(head, successor, passed, variant)
    await told[found].smp_store_release(head)
    return True


async def move(head: str, first: str, end: str, variant: str) -> str:
    """The head of the secondary queue, with those of the main queue from `first` to `end` in it."""
    if head == ALONE or variant == "forgets-secondary":
        head = first
    else:
        await behind[await last[head].READ_ONCE()].WRITE_ONCE(first)
    if variant != "keeps-link":
        await behind[end].WRITE_ONCE(None)
    await last[head].WRITE_ONCE(end)
    return head


IN_ORDER = Scenario("in-order", "the owner passes by a thread when another was passed before")
ARRIVALS = {
    "a": ((None, "c"), (None, None)),
    "b": (("a", None),),
    "c": (("d", None),),
    "d": (("b", "a"),),
}
"""For each turn of a thread, who is last in the queue when it comes, and before it leaves."""


async def come(
    specification: Specification, turns: tuple[tuple[str | None, str | None], ...], variant: str
) -> None:
    """Take the lock and let it go, after those that come first."""
    for before, after in turns:
        if before is not None:
            await wait_until(lambda end, before=before: end == before, tail)
        await refine(specification, "spin_lock", lock)
        if after is not None:
            await wait_until(lambda end, after=after: end == after, tail)
        await refine(specification, "spin_unlock", partial(unlock, variant, True))


def build(case: Case) -> System:
    """One thread on one node of the machine, and two on another; or two on each."""
    objects = [tail, stayed, told, behind, last]
    if case.scenario == IN_ORDER:
        specification = Specification(Spinlock("lock"))
        return System(
            [*objects, specification],
            [
                Thread(name, come, (specification, turns, case.variant))
                for name, turns in ARRIVALS.items()
            ],
            [required("refinement", "users see only what a spinlock does"), deadlock_free()],
        )
    return system_of(case, objects, lock, partial(unlock, case.variant, case.scenario != FOR_EVER))


ONCE = (TURNS.name, IN_ORDER.name)
MODEL = Model(
    "locks.cna",
    "A queue lock that stays in one node of the machine for a while",
    build,
    (*EITHER, IN_ORDER),
    variants=("right", "drops-secondary", "keeps-link", "forgets-secondary", "always-local"),
    expected=(
        Expect("deadlock-free", "they are in no queue", variants=("drops-secondary",)),
        Expect(
            "served",
            "they are in no queue",
            variants=("drops-secondary",),
            scenarios=(FOR_EVER.name,),
        ),
        Expect(
            "deadlock-free",
            "the lock is given to one that left",
            variants=("keeps-link",),
            scenarios=ONCE,
        ),
        Expect(
            "served",
            "the lock is given to one that left",
            variants=("keeps-link",),
            scenarios=(FOR_EVER.name,),
        ),
        Expect(
            "deadlock-free",
            "who was passed before is in no queue",
            variants=("forgets-secondary",),
            scenarios=(IN_ORDER.name,),
        ),
        Expect(
            "served",
            "two of one node hand it to each other",
            variants=("always-local",),
            scenarios=(FOR_EVER.name,),
        ),
    ),
)
