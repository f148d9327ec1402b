"""The queue of the rwsem of v5.3 and later: its words, and who takes waiters off.

Kernel: kernel/locking/rwsem.c, v5.15 with commit d257cc8cb8d5 (v5.16, and in v5.15.y): struct
rwsem_waiter, rwsem_mark_wake, rwsem_try_write_lock, rwsem_del_waiter, rwsem_wake. What the words
mean, what was left out, and which steps are one are said in `rwsem_5_3`.
"""

from typing import NamedTuple

from locking import (
    TASK_RUNNING,
    Atomic,
    Cell,
    Spinlock,
    Task,
    choose,
    current,
    procedure,
    retry,
    table,
)
from locking.models.kernel_locks.users import Returns, in_one_step

WRITER, WAITERS, HANDOFF, READER = 1, 2, 4, 8
LOCKED = ~(WAITERS | HANDOFF)
"""RWSEM_LOCK_MASK: the writer's bit, and the number of readers above the three flags."""

READ_OWNED, NONSPINNABLE, WRITE_OWNED = "readers", "readers, nonspinnable", "a writer"


class Waiter(NamedTuple):
    """A task in the queue, whether it wants to write, and whether HANDOFF is its own."""

    task: str
    writes: bool
    handoff_set: bool = False


class Setting(NamedTuple):
    """A variant, its grain, and whether a wait may be found too long, each time that it is asked.

    Where the grain is coarse there is no owner: what is asked of it is a free choice.
    """

    variant: str
    coarse: bool = True
    late: tuple[bool, ...] = (False, True)


NAMES = ("r0", "r1", "w0", "w1")
count, owner = Atomic("count"), Cell("owner", None)
wait_list, wait_lock = Cell("wait_list", ()), Spinlock("wait_lock")
tasks = {name: Task(name) for name in NAMES}
granted = table(Cell, "granted", NAMES, False)


async def set_owner(setting: Setting, now: str | None) -> None:
    """rwsem_set_owner(), rwsem_set_reader_owned(), rwsem_clear_owner()."""
    if not setting.coarse:
        await owner.WRITE_ONCE(now)


async def owner_is(setting: Setting, *words: str | None) -> bool:
    """Whether the owner is one of these."""
    if setting.coarse:
        return await choose(False, True)
    return await owner.READ_ONCE() in words


async def clear_nonspinnable(setting: Setting) -> None:
    """The last reader leaves: spinners may spin again."""
    if not setting.coarse:
        await owner.try_cmpxchg(NONSPINNABLE, READ_OWNED)


async def wake_all(names: tuple[str, ...], setting: Setting) -> None:
    """wake_up_q()."""
    async with in_one_step(setting.coarse):
        for name in names:
            await tasks[name].wake_up_process()


@procedure
async def wake(kind: str, setting: Setting) -> None:
    """rwsem_wake(), rwsem_downgrade_wake()."""
    await wake_all(await mark_wake(kind, setting), setting)


@procedure
async def mark_wake(kind: str, setting: Setting, locked: bool = False) -> tuple[str, ...]:
    """rwsem_mark_wake(), and the end of `wait_lock`; who is to be waked afterwards.

    `kind` is "any", "readers", or "read-owned" of a waker that reads; `locked`: whether `wait_lock`
    is held already.
    """
    found = 0
    async with in_one_step(setting.coarse):
        if not locked:
            await wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await wait_list.read()
        if not waiters or waiters[0].writes:
            await wait_lock.spin_unlock()
            return tuple(each.task for each in waiters[:1] if kind == "any")
        if kind != "read-owned":
            found = await count.atomic_fetch_add(READER)
    if found & WRITER:
        await take_back(found, setting)
        return ()
    return await grant(kind != "read-owned", setting)


async def take_back(found: int, setting: Setting) -> None:
    """A writer has stolen the lock; the first reader asks for it if it has waited too long."""
    async with in_one_step(setting.coarse):
        first, *others = await wait_list.read()
        late = await choose(*setting.late)
        await wait_list.write((first._replace(handoff_set=first.handoff_set or late), *others))
        await count.atomic_add(-READER + (HANDOFF if late and not found & HANDOFF else 0))
        await wait_lock.spin_unlock()


async def grant(one_is_counted: bool, setting: Setting) -> tuple[str, ...]:
    """The lock is that of all readers in the queue, wherever they stand (phase-fair)."""
    variant = setting.variant
    if one_is_counted:
        await set_owner(setting, READ_OWNED)
    waiters: tuple[Waiter, ...] = await wait_list.read()
    readers = tuple(each.task for each in waiters if not each.writes)
    others = tuple(each for each in waiters if each.writes)
    if variant == "wakes-first":
        await wake_all(readers, setting)
    async with in_one_step(setting.coarse):
        await wait_list.write(others)
        gone = 0 if others or variant == "waiters-stay" else WAITERS
        gone |= await count.atomic_read() & HANDOFF
        await count.atomic_add((len(readers) - one_is_counted) * READER - gone)
        for reader in readers:
            await granted[reader].smp_store_release(True)
        await wait_lock.spin_unlock()
    if variant == "wakes-first":
        return ()
    return readers[:1] if variant == "wakes-one" else readers


# --- the queue of a writer ------------------------------------------------------------------------


@procedure
async def try_write_lock(setting: Setting, killable: bool, returns: Returns) -> tuple[bool, bool]:
    """rwsem_try_write_lock() under `wait_lock`: whether the lock is had, or to be tried again."""
    async with in_one_step(setting.coarse):
        late = await choose(*setting.late)
        await wait_lock.spin_lock()
        got = await retry(try_once, late, setting)
        if got:
            await set_owner(setting, WRITE_OWNED)
            await wait_list.write(without_me(await wait_list.read()))
        handoff = any(each.handoff_set for each in await wait_list.read() if is_me(each))
        if got:
            await tasks[current()].set_current_state(TASK_RUNNING)
        await wait_lock.spin_unlock()
        if got:
            await returns(True if killable else None)
        again = not got and handoff and await owner_is(setting, None)
    return got, again


async def try_once(late: bool, setting: Setting) -> bool | None:
    """One look at the count, and what follows from it; None where the count has changed since."""
    waiters: tuple[Waiter, ...] = await wait_list.read()
    found = await count.atomic_read()
    if found & HANDOFF and is_me(waiters[0]):
        waiters = marked(waiters)
        await wait_list.write(waiters)
    elif found & HANDOFF and waiters[0].handoff_set:
        return False
    if found & LOCKED and (found & HANDOFF or not late):
        return False
    free = not found & LOCKED
    new = (found | WRITER) & ~HANDOFF if free else found | HANDOFF
    if free and (len(waiters) == 1 or setting.variant == "others-forgotten"):
        new &= ~WAITERS
    if new & HANDOFF and setting.variant == "waiters-lost":
        new &= ~WAITERS
    if not await count.atomic_try_cmpxchg_acquire(found, new):
        return None
    if not free:
        await wait_list.write(marked(waiters))
    return free


def is_me(waiter: Waiter) -> bool:
    """Whether it is the thread that runs."""
    return waiter.task == current()


def marked(waiters: tuple[Waiter, ...]) -> tuple[Waiter, ...]:
    """The queue, with the handoff of the thread that runs."""
    return tuple(each._replace(handoff_set=True) if is_me(each) else each for each in waiters)


def without_me(waiters: tuple[Waiter, ...]) -> tuple[Waiter, ...]:
    """The queue without the thread that runs."""
    return tuple(each for each in waiters if not is_me(each))


async def leave(setting: Setting) -> bool:
    """rwsem_del_waiter(), with `wait_lock` held, for one that was killed; whether others wait."""
    waiters: tuple[Waiter, ...] = await wait_list.read()
    left = without_me(waiters)
    await wait_list.write(left)
    if not left:
        flags = WAITERS if setting.variant == "handoff-stays" else WAITERS | HANDOFF
        await count.atomic_andnot(flags)
    return bool(left)
