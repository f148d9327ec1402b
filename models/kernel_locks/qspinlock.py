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

Everybody is served under weak fairness: the queue is in order, and the pending one goes before it.

Variants: "right"; the others are planted errors.
"""

from functools import partial
from typing import Any, NamedTuple

from locking import (
    Algorithm,
    Case,
    Cell,
    Expect,
    Implementation,
    Model,
    Order,
    Outcome,
    Specification,
    Spinlock,
    System,
    Thread,
    access,
    at_end,
    current,
    ordered,
    procedure,
    smp_cond_load_relaxed,
    smp_wmb,
    table,
    wait_until,
)
from locking.models.kernel_locks.users import (
    FOR_EVER,
    ONCE,
    Method,
    live,
    of_every_lock,
    take_turns,
    without_end,
)

NAMES = ("a", "b", "c")


class Lockword(NamedTuple):
    """The three parts of the word; `tail` is the last of the queue."""

    locked: bool = False
    pending: bool = False
    tail: str | None = None


class QSpinWord(Cell):
    """A word whose parts are also read and written by themselves, each in one step.

    To change a part forgets nothing that was published on the others.
    """

    @ordered(Order(acquires=True))
    @access(writes=True, marked=True)
    def fetch_set_pending(self, word: Lockword, me: str) -> Outcome:
        """The word before; the pending bit is set: queued_fetch_set_pending_acquire()."""
        return word._replace(pending=True), word

    @ordered(Order())
    @access(writes=True, marked=True)
    def clear_pending(self, word: Lockword, me: str) -> Outcome:
        """Nothing; the pending bit is clear."""
        return word._replace(pending=False), None

    @ordered(Order())
    @access(writes=True, marked=True)
    def clear_pending_set_locked(self, word: Lockword, me: str) -> Outcome:
        """Nothing; locked and not pending: a store of two bytes."""
        return word._replace(locked=True, pending=False), None

    @ordered(Order())
    @access(writes=True, marked=True)
    def set_locked(self, word: Lockword, me: str) -> Outcome:
        """Nothing; locked: a store of one byte."""
        return word._replace(locked=True), None

    @ordered(Order())
    @access(writes=True, marked=True)
    def xchg_tail(self, word: Lockword, me: str) -> Outcome:
        """Who was the last of the queue; `me` is now."""
        return word._replace(tail=me), word.tail

    @ordered(Order(releases=True))
    @access(writes=True, marked=True)
    def unlock(self, word: Lockword, me: str) -> Outcome:
        """Nothing; not locked: queued_spin_unlock(), a store of one byte."""
        return word._replace(locked=False), None


class QueuedSpinlock:
    """The words of one queued spinlock, with a node for each thread, and what it does for them."""

    def __init__(self, variant: str, name: str, threads: tuple[str, ...]) -> None:
        self.variant = variant
        self.word = QSpinWord(f"{name}.word", Lockword())
        self.follower = table(Cell, f"{name}.next", threads, None)
        self.may_go = table(Cell, f"{name}.locked", threads, False)

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [self.word, self.follower, self.may_go]

    async def lock(self) -> None:
        """queued_spin_lock(), and the slow path where the word is not as new."""
        found = await self.word.cmpxchg_acquire(Lockword(), Lockword(locked=True))
        if found == Lockword():
            return
        if found == Lockword(pending=True):  # about to own the lock: one look
            found = await self.word.READ_ONCE()
        if found.pending or found.tail or not await self.wait_as_pending():
            await self.queue_up()

    async def trylock(self) -> bool:
        """queued_spin_trylock(): whether the word was as new."""
        if await self.word.READ_ONCE() != Lockword():
            return False
        return bool(await self.word.try_cmpxchg_acquire(Lockword(), Lockword(locked=True)))

    @procedure
    async def wait_as_pending(self) -> bool:
        """Set the pending bit, and own the lock after its owner; False if somebody was faster."""
        found = await self.word.fetch_set_pending()
        if found.pending or found.tail:
            if not found.pending and self.variant != "pending-stays":
                await self.word.clear_pending()
            return False
        if found.locked and self.variant != "pending-rushes":
            await wait_until(lambda now: not now.locked, self.word)
        await self.word.clear_pending_set_locked()
        return True

    @procedure
    async def queue_up(self) -> None:
        """Wait as the last of the queue, until at its head; then until the lock is free."""
        me = current()
        # Plain in the kernel, which counts on smp_wmb() and on dependencies. Races by
        # happens-before know neither: each model that stands on this lock would have one.
        await self.may_go[me].WRITE_ONCE(False)
        await self.follower[me].WRITE_ONCE(None)
        await smp_wmb()
        if before := await self.word.xchg_tail():
            await self.follower[before].WRITE_ONCE(me)
            await wait_until(lambda go: go, self.may_go[me])
        if self.variant == "head-passes-pending":
            now = await wait_until(lambda now: not now.locked and now, self.word)
        else:
            now = await wait_until(lambda now: not (now.locked or now.pending) and now, self.word)
        if now.tail == me and await self.leave_empty(now):
            return
        await self.word.set_locked()
        after = await smp_cond_load_relaxed(self.follower[me], lambda link: link)
        await self.may_go[after].smp_store_release(True)

    async def leave_empty(self, found: Lockword) -> bool:
        """Whether the head of the queue owns the lock now, and left the queue empty."""
        if self.variant == "tail-is-stored":
            await self.word.WRITE_ONCE(Lockword(locked=True))
            return True
        return bool(await self.word.try_cmpxchg_relaxed(found, Lockword(locked=True)))

    async def unlock(self) -> None:
        """queued_spin_unlock(): store to the locked byte alone."""
        if self.variant == "whole-word":
            await self.word.smp_store_release(Lockword())
        else:
            await self.word.unlock()


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """A queued spinlock in place of a spinlock."""
    own = QueuedSpinlock(variant, lock, threads)
    return Implementation(
        own.words,
        {"spin_lock": own.lock, "spin_trylock": own.trylock},
        {"spin_unlock": own.unlock},
    )


LOCKS = ("spin_lock", "spin_unlock")


def build(case: Case) -> System:
    """Three threads; the first comes twice, or the last for ever."""
    own = QueuedSpinlock(case.variant, "qspinlock", NAMES)
    specification = Specification(Spinlock("qspinlock"))
    algorithm: dict[str, Method] = {"spin_lock": own.lock, "spin_unlock": own.unlock}
    if case.scenario == FOR_EVER:
        once = {"a": LOCKS, "b": LOCKS}
        threads = without_end(specification, algorithm, once, {"c": LOCKS})
        return System([*own.words, specification], threads, [*of_every_lock(), *live("weak")])
    return System(
        [*own.words, specification],
        [
            Thread(name, take_turns, (specification, algorithm, LOCKS, *more))
            for name, more in zip(NAMES, ((LOCKS,), (), ()), strict=True)
        ],
        [*of_every_lock(), at_end("as-new", lambda s: s[own.word] == Lockword())],
    )


ALGORITHM = Algorithm("qspinlock", "the queued spinlock of v4.19", partial(make, "right"))

MODEL = Model(
    "kernel_locks.qspinlock",
    "The queued spinlock of v4.19, with its pending bit",
    build,
    (ONCE, FOR_EVER),
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
        *(
            Expect("served", "who queued up waits on", scenarios=(FOR_EVER.name,), variants=(each,))
            for each in ("pending-stays", "head-passes-pending", "tail-is-stored", "whole-word")
        ),
    ),
)
