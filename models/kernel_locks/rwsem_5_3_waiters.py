"""The queue of the rwsem of v5.3 and later: its words, and who takes waiters off.

Kernel: kernel/locking/rwsem.c, v5.15 with commit d257cc8cb8d5 (v5.16, and in v5.15.y): struct
rwsem_waiter, rwsem_mark_wake, rwsem_try_write_lock, rwsem_del_waiter, rwsem_wake. What the words
mean, what was left out, and which steps are one are said in `rwsem_5_3`.
"""

from typing import Any, NamedTuple

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


class HandoffRwsem:
    """The words of one rwsem for `threads`, a variant of it, and its grain.

    `late`: whether a wait may be found too long, each time that it is asked. Where the grain is
    coarse there is no owner: what is asked of it is a free choice.
    """

    def __init__(
        self,
        variant: str,
        name: str,
        threads: tuple[str, ...],
        coarse: bool = False,
        late: tuple[bool, ...] = (False, True),
    ) -> None:
        self.variant, self.coarse, self.late = variant, coarse, late
        self.count, self.owner = Atomic(f"{name}.count"), Cell(f"{name}.owner", None)
        self.wait_list, self.wait_lock = (
            Cell(f"{name}.wait_list", ()),
            Spinlock(f"{name}.wait_lock"),
        )
        self.tasks = {each: Task(each) for each in threads}
        self.granted = table(Cell, f"{name}.granted", threads, False)

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [
            self.count, self.owner, self.wait_list, self.wait_lock, self.tasks, self.granted
        ]  # fmt: skip


async def set_owner(sem: HandoffRwsem, now: str | None) -> None:
    """rwsem_set_owner(), rwsem_set_reader_owned(), rwsem_clear_owner()."""
    if not sem.coarse:
        await sem.owner.WRITE_ONCE(now)


async def owner_is(sem: HandoffRwsem, *words: str | None) -> bool:
    """Whether the owner is one of these."""
    if sem.coarse:
        return await choose(False, True)
    return await sem.owner.READ_ONCE() in words


async def clear_nonspinnable(sem: HandoffRwsem) -> None:
    """The last reader leaves: spinners may spin again."""
    if not sem.coarse:
        await sem.owner.try_cmpxchg(NONSPINNABLE, READ_OWNED)


async def wake_all(names: tuple[str, ...], sem: HandoffRwsem) -> None:
    """wake_up_q()."""
    async with in_one_step(sem.coarse):
        for name in names:
            await sem.tasks[name].wake_up_process()


@procedure
async def wake(kind: str, sem: HandoffRwsem) -> None:
    """rwsem_wake(), rwsem_downgrade_wake()."""
    await wake_all(await mark_wake(kind, sem), sem)


@procedure
async def mark_wake(kind: str, sem: HandoffRwsem, locked: bool = False) -> tuple[str, ...]:
    """rwsem_mark_wake(), and the end of `wait_lock`; who is to be waked afterwards.

    `kind` is "any", "readers", or "read-owned" of a waker that reads; `locked`: whether `wait_lock`
    is held already.
    """
    found = 0
    async with in_one_step(sem.coarse):
        if not locked:
            await sem.wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await sem.wait_list.read()
        if not waiters or waiters[0].writes:
            await sem.wait_lock.spin_unlock()
            return tuple(each.task for each in waiters[:1] if kind == "any")
        if kind != "read-owned":
            found = await sem.count.atomic_fetch_add(READER)
    if found & WRITER:
        await take_back(found, sem)
        return ()
    return await grant(kind != "read-owned", sem)


async def take_back(found: int, sem: HandoffRwsem) -> None:
    """A writer has stolen the lock; the first reader asks for it if it has waited too long."""
    async with in_one_step(sem.coarse):
        first, *others = await sem.wait_list.read()
        late = await choose(*sem.late)
        await sem.wait_list.write((first._replace(handoff_set=first.handoff_set or late), *others))
        await sem.count.atomic_add(-READER + (HANDOFF if late and not found & HANDOFF else 0))
        await sem.wait_lock.spin_unlock()


async def grant(one_is_counted: bool, sem: HandoffRwsem) -> tuple[str, ...]:
    """The lock is that of all readers in the queue, wherever they stand (phase-fair)."""
    variant = sem.variant
    if one_is_counted:
        await set_owner(sem, READ_OWNED)
    waiters: tuple[Waiter, ...] = await sem.wait_list.read()
    readers = tuple(each.task for each in waiters if not each.writes)
    others = tuple(each for each in waiters if each.writes)
    if variant == "wakes-first":
        await wake_all(readers, sem)
    async with in_one_step(sem.coarse):
        await sem.wait_list.write(others)
        gone = 0 if others or variant == "waiters-stay" else WAITERS
        gone |= await sem.count.atomic_read() & HANDOFF
        await sem.count.atomic_add((len(readers) - one_is_counted) * READER - gone)
        for reader in readers:
            await sem.granted[reader].smp_store_release(True)
        await sem.wait_lock.spin_unlock()
    if variant == "wakes-first":
        return ()
    return readers[:1] if variant == "wakes-one" else readers


# --- the queue of a writer ------------------------------------------------------------------------


@procedure
async def try_write_lock(sem: HandoffRwsem, killable: bool, returns: Returns) -> tuple[bool, bool]:
    """rwsem_try_write_lock() under `wait_lock`: whether the lock is had, or to be tried again."""
    async with in_one_step(sem.coarse):
        late = await choose(*sem.late)
        await sem.wait_lock.spin_lock()
        got = await retry(try_once, late, sem)
        if got:
            await set_owner(sem, WRITE_OWNED)
            await sem.wait_list.write(without_me(await sem.wait_list.read()))
        handoff = any(each.handoff_set for each in await sem.wait_list.read() if is_me(each))
        if got:
            await sem.tasks[current()].set_current_state(TASK_RUNNING)
        await sem.wait_lock.spin_unlock()
        if got:
            await returns(True if killable else None)
        again = not got and handoff and await owner_is(sem, None)
    return got, again


async def try_once(late: bool, sem: HandoffRwsem) -> bool | None:
    """One look at the count, and what follows from it; None where the count has changed since."""
    waiters: tuple[Waiter, ...] = await sem.wait_list.read()
    found = await sem.count.atomic_read()
    if found & HANDOFF and is_me(waiters[0]):
        waiters = marked(waiters)
        await sem.wait_list.write(waiters)
    elif found & HANDOFF and waiters[0].handoff_set:
        return False
    if found & LOCKED and (found & HANDOFF or not late):
        return False
    free = not found & LOCKED
    new = (found | WRITER) & ~HANDOFF if free else found | HANDOFF
    if free and (len(waiters) == 1 or sem.variant == "others-forgotten"):
        new &= ~WAITERS
    if new & HANDOFF and sem.variant == "waiters-lost":
        new &= ~WAITERS
    if not await sem.count.atomic_try_cmpxchg_acquire(found, new):
        return None
    if not free:
        await sem.wait_list.write(marked(waiters))
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


async def leave(sem: HandoffRwsem) -> bool:
    """rwsem_del_waiter(), with `wait_lock` held, for one that was killed; whether others wait."""
    waiters: tuple[Waiter, ...] = await sem.wait_list.read()
    left = without_me(waiters)
    await sem.wait_list.write(left)
    if not left:
        flags = WAITERS if sem.variant == "handoff-stays" else WAITERS | HANDOFF
        await sem.count.atomic_andnot(flags)
    return bool(left)
