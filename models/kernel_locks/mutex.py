"""The mutex of v4.19: an owner word with three flags, and a list of waiters under a spinlock.

Kernel: kernel/locking/mutex.c, v4.19: __mutex_trylock_or_owner, __mutex_lock_common,
__mutex_unlock_slowpath, __mutex_handoff, __mutex_add_waiter. `owner` is the task and the flags.
WAITERS: whoever unlocks must wake the first of the list. HANDOFF: it must give the lock to that
one. PICKUP: it has, and only that one may take it.

Left out: optimistic spinning, of which a newcomer makes one attempt here, at any time, and a first
waiter none while it would sleep; wound-wait and the debugging forms; the wake_q, which has one task
here. The list is changed by marked stores, as in include/linux/list.h, because a waiter looks at it
without `wait_lock`. A signal may end the wait of
`mutex_lock_interruptible`, where the kernel looks for one. Its users see what they would see of a
trylock that may fail though the lock is free, so that is its specification.

Variants: "v4.19" leaves WAITERS behind where the only waiter is interrupted; "v5.13" has the fix,
commit 3a010c493271, "locking/mutex: clear MUTEX_FLAGS if wait_list is empty due to signal". The
others are planted errors.

None serves everybody, even under strong fairness: the first waiter sets HANDOFF once. If nobody
owns the lock then, who takes it next drops the flag, and may come before that waiter for ever. But
somebody gets the lock each time.
"""

from functools import partial
from typing import Any, NamedTuple

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Again,
    Algorithm,
    Case,
    Cell,
    Expect,
    Implementation,
    Model,
    Mutex,
    Order,
    Outcome,
    Specification,
    Spinlock,
    System,
    Task,
    Thread,
    access,
    at_end,
    choose,
    current,
    ordered,
    procedure,
    retry_with,
)
from locking.models.kernel_locks.users import (
    FOR_EVER,
    ONCE,
    Method,
    Turn,
    live,
    of_every_lock,
    take_turns,
    without_end,
)

WAITERS, HANDOFF, PICKUP = 1, 2, 4


class Owned(NamedTuple):
    """The owner word: a task, or None, and flags."""

    task: str | None = None
    flags: int = 0


class OwnerWord(Cell):
    """A word with the two operations on flags, which are one atomic step each.

    They order nothing, and forget nothing that was published before, as they read what they change.
    """

    @ordered(Order())
    @access(writes=True, marked=True)
    def set_flag(self, word: Owned, me: str, flags: int) -> Outcome:
        """__mutex_set_flag(), atomic_long_or()."""
        return word._replace(flags=word.flags | flags), None

    @ordered(Order())
    @access(writes=True, marked=True)
    def clear_flag(self, word: Owned, me: str, flags: int) -> Outcome:
        """__mutex_clear_flag(), atomic_long_andnot()."""
        return word._replace(flags=word.flags & ~flags), None


class HandoffMutex:
    """The words of one mutex, and what it does for `threads`."""

    def __init__(self, variant: str, name: str, threads: tuple[str, ...]) -> None:
        self.variant = variant
        self.owner = OwnerWord(f"{name}.owner", Owned())
        self.wait_list = Cell(f"{name}.wait_list", ())
        self.wait_lock = Spinlock(f"{name}.wait_lock")
        self.tasks = {each: Task(each) for each in threads}

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [self.owner, self.wait_list, self.wait_lock, self.tasks]

    # --- lock -------------------------------------------------------------------------------------

    async def try_once(self, found: Owned) -> bool | Again[Owned]:
        """One round of __mutex_trylock_or_owner()."""
        flags = found.flags
        if found.task is not None:
            if found.task != current() or not flags & PICKUP:
                return False
            flags &= ~PICKUP
        mine = Owned(current(), flags & ~HANDOFF)
        if self.variant == "looks-then-stores":
            await self.owner.WRITE_ONCE(mine)
            return True
        now = await self.owner.cmpxchg_acquire(found, mine)
        return True if now == found else Again(now)

    @procedure
    async def trylock(self) -> bool:
        """__mutex_trylock(): whether the task owns the lock now."""
        return await retry_with(await self.owner.READ_ONCE(), self.try_once)

    async def lock(self) -> None:
        """mutex_lock()."""
        await self.lock_common(interruptible=False)

    async def lock_interruptible(self) -> bool:
        """mutex_lock_interruptible(): False after a signal."""
        return await self.lock_common(interruptible=True)

    async def lock_common(self, interruptible: bool) -> bool:
        """__mutex_lock_common(): True with the lock, or False after a signal."""
        if await self.owner.try_cmpxchg_acquire(Owned(), Owned(current())) or await self.trylock():
            return True
        await self.wait_lock.spin_lock()
        got = await self.trylock() or await self.queue_up(interruptible)
        await self.wait_lock.spin_unlock()
        return got

    @procedure
    async def queue_up(self, interruptible: bool) -> bool:
        """Be the last of the list, sleep until the lock is had, and leave the list."""
        waiters = await self.wait_list.read()
        await self.wait_list.WRITE_ONCE((*waiters, current()))
        if not waiters and self.variant != "no-waiters-bit":
            await self.owner.set_flag(WAITERS)
        task = self.tasks[current()]
        if self.variant != "state-last":
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        began = (False, self.variant == "looks-late")
        got = await retry_with(began, self.one_sleep, interruptible)
        await task.set_current_state(TASK_RUNNING)
        await self.leave(got)
        return got

    async def one_sleep(
        self, carried: tuple[bool, bool], interruptible: bool
    ) -> bool | Again[tuple[bool, bool]]:
        """One round of the loop, with `wait_lock` held around it; whether the lock is had."""
        first, blind = carried
        task = self.tasks[current()]
        if not blind and await self.trylock():
            return True
        if interruptible and await choose("sleep", "signal") == "signal":
            return False
        await self.wait_lock.spin_unlock()
        if self.variant == "state-last":
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await task.schedule()
        if not first:
            first = (await self.wait_list.READ_ONCE())[0] == current()
            if first:
                await self.owner.set_flag(HANDOFF)
        if self.variant != "state-last":
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        got = await self.trylock()
        await self.wait_lock.spin_lock()
        return True if got else Again((first, False))

    async def leave(self, got: bool) -> None:
        """__mutex_remove_waiter(); v4.19 clears the flags only on the way with the lock."""
        waiters = tuple(each for each in await self.wait_list.read() if each != current())
        await self.wait_list.WRITE_ONCE(waiters)
        clears = got or self.variant != "v4.19"
        if (not waiters or self.variant == "clears-always") and clears:
            await self.owner.clear_flag(WAITERS | HANDOFF | PICKUP)

    # --- unlock -----------------------------------------------------------------------------------

    async def let_go_once(self, found: Owned) -> Owned | Again[Owned]:
        """One round of the loop of __mutex_unlock_slowpath(); the word as the lock was left."""
        if found.flags & HANDOFF:
            return found
        left = 0 if self.variant == "drops-flags" else found.flags
        now = await self.owner.cmpxchg_release(found, Owned(None, left))
        return found if now == found else Again(now)

    async def unlock(self) -> None:
        """mutex_unlock(), __mutex_unlock_slowpath()."""
        if await self.owner.try_cmpxchg_release(Owned(current()), Owned()):
            return
        found = await retry_with(await self.owner.READ_ONCE(), self.let_go_once)
        if found.flags:
            await self.wake_first(found.flags)

    @procedure
    async def wake_first(self, flags: int) -> None:
        """Wake the first of the list, and give it the lock if it asked for that."""
        await self.wait_lock.spin_lock()
        waiters = await self.wait_list.read()
        if flags & HANDOFF:
            await retry_with(await self.owner.READ_ONCE(), self.hand_off, (*waiters, None)[0])
        await self.wait_lock.spin_unlock()
        if waiters:
            await self.tasks[waiters[0]].wake_up_process()

    async def hand_off(self, found: Owned, to: str | None) -> Again[Owned] | None:
        """One round of __mutex_handoff()."""
        picks_up = PICKUP if to and self.variant != "no-pickup" else 0
        now = await self.owner.cmpxchg_release(found, Owned(to, found.flags & WAITERS | picks_up))
        return None if now == found else Again(now)


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """A mutex in place of a lock that one thread holds."""
    own = HandoffMutex(variant, lock, threads)
    return Implementation(
        own.words,
        {"mutex_lock": own.lock, "mutex_trylock": own.trylock},
        {"mutex_unlock": own.unlock},
    )


LOCKS: Turn = ("mutex_lock", "mutex_unlock")
TRIES: Turn = ("mutex_trylock", "mutex_unlock")

TURNS: dict[str, dict[str, tuple[Turn, ...]]] = {
    ONCE.name: {"a": (LOCKS,), "b": (LOCKS,), "c": (TRIES,)},
    "four": {"a": (LOCKS,), "b": (LOCKS,), "c": (LOCKS,), "d": (LOCKS,)},
    "four-interrupted": {"a": (LOCKS,), "b": (LOCKS,), "c": (LOCKS,), "d": (TRIES,)},
    "two-turns": {"a": (LOCKS, LOCKS), "b": (LOCKS, LOCKS), "c": (TRIES, TRIES)},
}
"""The turns of each task, of which those that try may be interrupted."""


def build(case: Case) -> System:
    """The tasks of the scenario; or one, and one that comes for ever."""
    turns = TURNS.get(case.scenario.name, {})
    specification = Specification(Mutex("mutex"), may_fail=["mutex_trylock"])
    own = HandoffMutex(case.variant, "mutex", (*turns,) or ("a", "b"))
    algorithm: dict[str, Method] = {
        "mutex_lock": own.lock,
        "mutex_trylock": own.lock_interruptible,
        "mutex_unlock": own.unlock,
    }
    if not turns:
        threads = without_end(specification, algorithm, {"a": LOCKS}, {"b": LOCKS})
        return System([*own.words, specification], threads, [*of_every_lock(), *live("strong")])
    return System(
        [*own.words, specification],
        [Thread(name, take_turns, (specification, algorithm, *turns[name])) for name in turns],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: s[own.owner] == Owned() and s[own.wait_list] == ()),
        ],
    )


ALGORITHM = Algorithm("mutex", "the mutex of v4.19, mended as in v5.13", partial(make, "v5.13"))

LOST, AS_NEW = "deadlock-free", "as-new"
IN_TURN = (ONCE.name,)
MODEL = Model(
    "kernel_locks.mutex",
    "The mutex of v4.19, with handoff",
    build,
    (ONCE, FOR_EVER),
    variants=(
        "v5.13",
        "v4.19",
        "no-waiters-bit",
        "state-last",
        "looks-late",
        "clears-always",
        "drops-flags",
        "no-pickup",
        "looks-then-stores",
    ),
    expected=(
        Expect("served", "a newcomer takes it free, and drops HANDOFF", scenarios=(FOR_EVER.name,)),
        Expect(
            AS_NEW,
            "WAITERS stays, and every unlock is slow",
            scenarios=IN_TURN,
            variants=("v4.19",),
        ),
        Expect(LOST, "who unlocks does not know of a waiter", variants=("no-waiters-bit",)),
        Expect(LOST, "it is waked before it says that it sleeps", variants=("state-last",)),
        Expect(
            LOST,
            "the lock was released before it queued up",
            scenarios=IN_TURN,
            variants=("looks-late",),
        ),
        Expect(
            LOST,
            "the others in the list are forgotten",
            scenarios=IN_TURN,
            variants=("clears-always",),
        ),
        Expect(LOST, "the waiters are forgotten", variants=("drops-flags",)),
        Expect(LOST, "the lock is its own, and it waits for it", variants=("no-pickup",)),
        Expect(
            AS_NEW,
            "the lock stays with who was interrupted",
            scenarios=IN_TURN,
            variants=("no-pickup",),
        ),
        Expect("refinement", "both saw it free", variants=("looks-then-stores",)),
        Expect(LOST, "the store loses WAITERS", scenarios=IN_TURN, variants=("looks-then-stores",)),
        Expect(
            AS_NEW, "the store loses the owner", scenarios=IN_TURN, variants=("looks-then-stores",)
        ),
    ),
)
