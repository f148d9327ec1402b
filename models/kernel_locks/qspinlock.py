"""The queued spinlock: a word with a locked byte, a pending bit and the tail of an MCS queue.

Kernel: kernel/locking/qspinlock.c and include/asm-generic/qspinlock.h, v4.19:
queued_spin_lock, queued_spin_lock_slowpath, queued_spin_unlock, queued_spin_trylock. The first who
waits spins on the word, as the pending one; those behind it queue, each spins on a node of its own,
and the head of the queue waits until nobody owns the lock or is pending.

Here the word is (locked, pending, tail), so a store to one of its parts is an operation of its own:
in the kernel these are the bytes of the word. Left out: paravirtualisation, and more than one node
per CPU, which are for interrupts: no thread here is interrupted while it waits. Also left out: the
bound on how long the hand-over from pending to owner is waited for (`_Q_PENDING_LOOPS`), here one
look, and the attempt before a thread queues up: without these it queues up more often.

Variants: "right"; the others are planted errors.
"""

from functools import partial
from typing import NamedTuple

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Outcome,
    Specification,
    Spinlock,
    System,
    Thread,
    access,
    at_end,
    current,
    procedure,
    table,
    wait_until,
)
from locking.models.kernel_locks.users import of_every_lock, take_turns

NAMES = ("a", "b", "c")


class Lockword(NamedTuple):
    """The three parts of the word; `tail` is the last of the queue."""

    locked: bool = False
    pending: bool = False
    tail: str | None = None


class QSpinWord(Cell):
    """A word whose parts are also read and written by themselves, each in one step."""

    @access(writes=True, marked=True)
    def fetch_set_pending(self, word: Lockword, me: str) -> Outcome:
        """The word before; the pending bit is set: queued_fetch_set_pending_acquire()."""
        return word._replace(pending=True), word

    @access(writes=True, marked=True)
    def clear_pending(self, word: Lockword, me: str) -> Outcome:
        """Nothing; the pending bit is clear."""
        return word._replace(pending=False), None

    @access(writes=True, marked=True)
    def clear_pending_set_locked(self, word: Lockword, me: str) -> Outcome:
        """Nothing; locked and not pending: a store of two bytes."""
        return word._replace(locked=True, pending=False), None

    @access(writes=True, marked=True)
    def set_locked(self, word: Lockword, me: str) -> Outcome:
        """Nothing; locked: a store of one byte."""
        return word._replace(locked=True), None

    @access(writes=True, marked=True)
    def xchg_tail(self, word: Lockword, me: str) -> Outcome:
        """Who was the last of the queue; `me` is now."""
        return word._replace(tail=me), word.tail

    @access(writes=True, marked=True)
    def unlock(self, word: Lockword, me: str) -> Outcome:
        """Nothing; not locked: queued_spin_unlock(), a store of one byte."""
        return word._replace(locked=False), None


word = QSpinWord("word", Lockword())
follower, may_go = table(Cell, "next", NAMES, None), table(Cell, "locked", NAMES, False)
specification = Specification(Spinlock("qspinlock"))


async def lock(variant: str) -> None:
    """queued_spin_lock(), and the slow path where the word is not as new."""
    found = await word.cmpxchg_acquire(Lockword(), Lockword(locked=True))
    if found == Lockword():
        return
    if found == Lockword(pending=True):  # the pending one is about to own the lock: one look
        found = await word.READ_ONCE()
    if found.pending or found.tail or not await wait_as_pending(variant):
        await queue_up(variant)


@procedure
async def wait_as_pending(variant: str) -> bool:
    """Set the pending bit, and own the lock after its owner; False where somebody was faster."""
    found = await word.fetch_set_pending()
    if found.pending or found.tail:
        if not found.pending and variant != "pending-stays":
            await word.clear_pending()
        return False
    if found.locked and variant != "pending-rushes":
        await wait_until(lambda now: not now.locked, word)
    await word.clear_pending_set_locked()
    return True


@procedure
async def queue_up(variant: str) -> None:
    """Wait as the last of the queue, until at its head; then until the lock is free."""
    me = current()
    await may_go[me].WRITE_ONCE(False)
    await follower[me].WRITE_ONCE(None)
    if before := await word.xchg_tail():
        await follower[before].WRITE_ONCE(me)
        await wait_until(lambda go: go, may_go[me])
    if variant == "head-passes-pending":
        now = await wait_until(lambda now: not now.locked and now, word)
    else:
        now = await wait_until(lambda now: not (now.locked or now.pending) and now, word)
    if now.tail == me and await leave_empty(now, variant):
        return
    await word.set_locked()
    after = await wait_until(lambda link: link, follower[me])
    await may_go[after].smp_store_release(True)


async def leave_empty(found: Lockword, variant: str) -> bool:
    """Whether the head of the queue owns the lock now, and left the queue empty."""
    if variant == "tail-is-stored":
        await word.WRITE_ONCE(Lockword(locked=True))
        return True
    return bool(await word.try_cmpxchg_relaxed(found, Lockword(locked=True)))


async def unlock(variant: str) -> None:
    """queued_spin_unlock(): store to the locked byte alone."""
    if variant == "whole-word":
        await word.smp_store_release(Lockword())
    else:
        await word.unlock()


LOCKS = ("spin_lock", "spin_unlock")


def build(case: Case) -> System:
    """Three threads; the first comes twice."""
    algorithm = {
        "spin_lock": partial(lock, case.variant),
        "spin_unlock": partial(unlock, case.variant),
    }
    return System(
        [word, follower, may_go, specification],
        [
            Thread(name, take_turns, (specification, algorithm, LOCKS, *more))
            for name, more in zip(NAMES, ((LOCKS,), (), ()), strict=True)
        ],
        [*of_every_lock(), at_end("as-new", lambda s: s[word] == Lockword())],
    )


MODEL = Model(
    "kernel_locks.qspinlock",
    "The queued spinlock of v4.19, with its pending bit",
    build,
    variants=(
        "right",
        "pending-stays",
        "pending-rushes",
        "head-passes-pending",
        "tail-is-stored",
        "whole-word",
    ),
    expected=(
        Expect(
            "deadlock-free", "the bit is set and nobody is pending", variants=("pending-stays",)
        ),
        Expect("refinement", "it owns the lock beside its owner", variants=("pending-rushes",)),
        Expect("refinement", "both own the lock", variants=("head-passes-pending",)),
        Expect("deadlock-free", "a part is overwritten", variants=("head-passes-pending",)),
        Expect("deadlock-free", "who queued up is lost", variants=("tail-is-stored",)),
        Expect("refinement", "the pending one is forgotten", variants=("whole-word",)),
        Expect("deadlock-free", "the queue is forgotten", variants=("whole-word",)),
    ),
)
