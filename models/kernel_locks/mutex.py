"""The mutex of v4.19: an owner word with three flags, and a list of waiters under a spinlock.

Kernel: kernel/locking/mutex.c, v4.19: __mutex_trylock_or_owner, __mutex_lock_common,
__mutex_unlock_slowpath, __mutex_handoff, __mutex_add_waiter. `owner` is the task and the flags.
WAITERS: whoever unlocks must wake the first of the list. HANDOFF: it must give the lock to that
one. PICKUP: it has, and only that one may take it.

Left out: optimistic spinning, of which a newcomer makes one attempt here, at any time, and a first
waiter none while it would sleep; wound-wait and the debugging forms; the wake_q, which has one task
here. A signal may end the wait of
`mutex_lock_interruptible`, where the kernel looks for one. Its users see what they would see of a
trylock that may fail though the lock is free, so that is its specification.

Variants: "v4.19" leaves WAITERS behind where the only waiter is interrupted; "v5.13" has the fix,
commit 3a010c493271, "locking/mutex: clear MUTEX_FLAGS if wait_list is empty due to signal". The
others are planted errors.
"""

from functools import partial
from typing import NamedTuple

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Again,
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
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
    procedure,
    retry_with,
)
from locking.models.kernel_locks.users import of_every_lock, take_turns

WAITERS, HANDOFF, PICKUP = 1, 2, 4
NAMES = ("a", "b", "c")


class Owned(NamedTuple):
    """The owner word: a task, or None, and flags."""

    task: str | None = None
    flags: int = 0


class OwnerWord(Cell):
    """A word with the two operations on flags, which are one atomic step each."""

    @access(writes=True, marked=True)
    def set_flag(self, word: Owned, me: str, flags: int) -> Outcome:
        """__mutex_set_flag(), atomic_long_or()."""
        return word._replace(flags=word.flags | flags), None

    @access(writes=True, marked=True)
    def clear_flag(self, word: Owned, me: str, flags: int) -> Outcome:
        """__mutex_clear_flag(), atomic_long_andnot()."""
        return word._replace(flags=word.flags & ~flags), None


owner, wait_list, wait_lock = OwnerWord("owner", Owned()), Cell("wait_list", ()), Spinlock("wait")
tasks = {name: Task(name) for name in NAMES}
specification = Specification(Mutex("mutex"), may_fail=["mutex_trylock"])


async def try_once(found: Owned, variant: str) -> bool | Again[Owned]:
    """One round of __mutex_trylock_or_owner()."""
    flags = found.flags
    if found.task is not None:
        if found.task != current() or not flags & PICKUP:
            return False
        flags &= ~PICKUP
    mine = Owned(current(), flags & ~HANDOFF)
    if variant == "looks-then-stores":
        await owner.WRITE_ONCE(mine)
        return True
    now = await owner.cmpxchg_acquire(found, mine)
    return True if now == found else Again(now)


@procedure
async def trylock(variant: str) -> bool:
    """__mutex_trylock(): whether the task owns the lock now."""
    return await retry_with(await owner.READ_ONCE(), try_once, variant)


async def lock(variant: str, interruptible: bool = False) -> bool | None:
    """__mutex_lock_common(): None with the lock, or False after a signal."""
    if await owner.try_cmpxchg_acquire(Owned(), Owned(current())) or await trylock(variant):
        return True if interruptible else None
    await wait_lock.spin_lock()
    got = await trylock(variant)
    if not got:
        got = await queue_up(variant, interruptible)
    await wait_lock.spin_unlock()
    return got if interruptible else None


@procedure
async def queue_up(variant: str, interruptible: bool) -> bool:
    """Be the last of the list, sleep until the lock is had, and leave the list."""
    waiters = await wait_list.read()
    await wait_list.write((*waiters, current()))
    if not waiters and variant != "no-waiters-bit":
        await owner.set_flag(WAITERS)
    task = tasks[current()]
    if variant != "state-last":
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    got = await retry_with((False, variant == "looks-late"), one_sleep, variant, interruptible)
    await task.set_current_state(TASK_RUNNING)
    await leave(variant, got)
    return got


async def one_sleep(
    carried: tuple[bool, bool], variant: str, interruptible: bool
) -> bool | Again[tuple[bool, bool]]:
    """One round of the loop, with `wait_lock` held around it; whether the lock is had."""
    first, blind = carried
    task = tasks[current()]
    if not blind and await trylock(variant):
        return True
    if interruptible and await choose("sleep", "signal") == "signal":
        return False
    await wait_lock.spin_unlock()
    if variant == "state-last":
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    await task.schedule()
    if not first:
        first = (await wait_list.READ_ONCE())[0] == current()
        if first:
            await owner.set_flag(HANDOFF)
    if variant != "state-last":
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    got = await trylock(variant)
    await wait_lock.spin_lock()
    return True if got else Again((first, False))


async def leave(variant: str, got: bool) -> None:
    """__mutex_remove_waiter(); v4.19 clears the flags only on the way with the lock."""
    waiters = tuple(each for each in await wait_list.read() if each != current())
    await wait_list.write(waiters)
    clears = got or variant != "v4.19"
    if (not waiters or variant == "clears-always") and clears:
        await owner.clear_flag(WAITERS | HANDOFF | PICKUP)


async def let_go_once(found: Owned, variant: str) -> Owned | Again[Owned]:
    """One round of the loop of __mutex_unlock_slowpath(); the word that the lock was left with."""
    if found.flags & HANDOFF:
        return found
    left = 0 if variant == "drops-flags" else found.flags
    now = await owner.cmpxchg_release(found, Owned(None, left))
    return found if now == found else Again(now)


async def unlock(variant: str) -> None:
    """mutex_unlock(), __mutex_unlock_slowpath()."""
    if await owner.try_cmpxchg_release(Owned(current()), Owned()):
        return
    found = await retry_with(await owner.READ_ONCE(), let_go_once, variant)
    if found.flags:
        await wake_first(found.flags, variant)


@procedure
async def wake_first(flags: int, variant: str) -> None:
    """Wake the first of the list, and give it the lock if it asked for that."""
    await wait_lock.spin_lock()
    waiters = await wait_list.read()
    if flags & HANDOFF:
        await retry_with(await owner.READ_ONCE(), hand_off, (*waiters, None)[0], variant)
    await wait_lock.spin_unlock()
    if waiters:
        await tasks[waiters[0]].wake_up_process()


async def hand_off(found: Owned, to: str | None, variant: str) -> Again[Owned] | None:
    """One round of __mutex_handoff()."""
    picks_up = PICKUP if to and variant != "no-pickup" else 0
    now = await owner.cmpxchg_release(found, Owned(to, found.flags & WAITERS | picks_up))
    return None if now == found else Again(now)


LOCKS = ("mutex_lock", "mutex_unlock")
TRIES = ("mutex_trylock", "mutex_unlock")


def build(case: Case) -> System:
    """Three tasks, of which the last may be interrupted."""
    algorithm = {
        "mutex_lock": partial(lock, case.variant),
        "mutex_trylock": partial(lock, case.variant, True),
        "mutex_unlock": partial(unlock, case.variant),
    }
    return System(
        [owner, wait_list, wait_lock, tasks, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for name, turn in zip(NAMES, (LOCKS, LOCKS, TRIES), strict=True)
        ],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: s[owner] == Owned() and s[wait_list] == ()),
        ],
    )


LOST = "deadlock-free"
MODEL = Model(
    "kernel_locks.mutex",
    "The mutex of v4.19, with handoff",
    build,
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
        Expect("as-new", "WAITERS stays, and every unlock is slow", variants=("v4.19",)),
        Expect(LOST, "who unlocks does not know of a waiter", variants=("no-waiters-bit",)),
        Expect(LOST, "it is waked before it says that it sleeps", variants=("state-last",)),
        Expect(LOST, "the lock was let go before it queued up", variants=("looks-late",)),
        Expect(LOST, "the others in the list are forgotten", variants=("clears-always",)),
        Expect(LOST, "the waiters are forgotten", variants=("drops-flags",)),
        Expect(LOST, "the lock is its own, and it waits for it", variants=("no-pickup",)),
        Expect("as-new", "the lock stays with who was interrupted", variants=("no-pickup",)),
        Expect("refinement", "both saw it free", variants=("looks-then-stores",)),
        Expect(LOST, "the store loses WAITERS", variants=("looks-then-stores",)),
        Expect("as-new", "the store loses the owner", variants=("looks-then-stores",)),
    ),
)
