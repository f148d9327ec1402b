"""The last waiter is killed, and the bit that promises it the lock stays set.

A waiter of an rwsem that has waited too long gets the lock handed over: HANDOFF is set, and nobody
may take the lock past the queue. A reader at its head asks for that and is killed. The bit stays,
for there is a writer behind it. That writer is killed too, and clears HANDOFF only if it knows that
it was itself at the head. Now HANDOFF is set and the queue is empty: nobody is left to clear it.

Commit: d257cc8cb8d5 "locking/rwsem: Make handoff bit handling more consistent", v5.16. After the
fix, who leaves the queue empty clears both bits.
Left out: the owner, which holds the lock all the time, and that the changelog also speaks of a bit
that is subtracted twice. Why a waiter is killed, or waits too long, is not asked.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Spinlock,
    System,
    Thread,
    at_end,
    deadlock_free,
)

WAITERS, HANDOFF = 2, 4
wait_lock, count = Spinlock("wait_lock"), Atomic("count", WAITERS)
queue = Cell("wait_list", ("reader", "writer"))


async def mark_wake() -> None:
    """rwsem_mark_wake(): the lock is held, and the reader at the head has waited too long."""
    async with wait_lock.hold():
        if (await queue.read())[:1] == ("reader",):
            await count.atomic_or(HANDOFF)


async def killed(me: str, if_empty: int) -> None:
    """Leave the queue; clear the bits of `if_empty` if nobody is left in it."""
    async with wait_lock.hold():
        left = tuple(each for each in await queue.read() if each != me)
        await queue.write(left)
        if not left:
            await count.atomic_andnot(if_empty)


def build(case: Case) -> System:
    """The first waiter is a reader, the second a writer; both are killed."""
    writer = WAITERS if case.variant == "before" else WAITERS | HANDOFF
    threads = [
        Thread("waker", mark_wake),
        Thread("reader", killed, ("reader", WAITERS | HANDOFF)),
        Thread("writer", killed, ("writer", writer)),
    ]
    gone = at_end("no-handoff-left", lambda s: not s[count] & HANDOFF, "nobody is left to get it")
    return System([wait_lock, count, queue], threads, [gone, deadlock_free()])


MODEL = Model(
    "kernel_bugs.rwsem_handoff",
    "A promise whose waiters are killed",
    build,
    variants=("before", "after"),
    expected=(Expect("no-handoff-left", "the writer clears WAITERS alone", variants=("before",)),),
)
