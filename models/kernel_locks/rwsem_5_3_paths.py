"""The operations of the rwsem of v5.3 and later, each with its fast path and its slow path.

Kernel: kernel/locking/rwsem.c, v5.15: __down_read_common, rwsem_down_read_slowpath, __up_read,
__down_write_common, rwsem_down_write_slowpath, rwsem_optimistic_spin, __up_write,
__downgrade_write, and the trylocks. What was left out is said in `rwsem_5_3`.
"""

from typing import Any

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    choose,
    current,
    procedure,
    retry,
)
from locking.models.kernel_locks.rwsem_5_3_waiters import (
    HANDOFF,
    LOCKED,
    NONSPINNABLE,
    READ_OWNED,
    READER,
    WAITERS,
    WRITE_OWNED,
    WRITER,
    HandoffRwsem,
    Waiter,
    clear_nonspinnable,
    leave,
    mark_wake,
    owner_is,
    set_owner,
    try_write_lock,
    wake,
    wake_all,
)
from locking.models.kernel_locks.users import Done, Returns, in_one_step

# --- read -----------------------------------------------------------------------------------------


async def count_reader(sem: HandoffRwsem, killable: bool) -> Done | str:
    """rwsem_read_trylock(), and the start of the slow path: be counted, and enter or queue up."""
    found = await sem.count.atomic_add_return_acquire(READER)
    if found & (WRITER | WAITERS | HANDOFF):
        others_read = found // READER > 1 and not found & WRITER
        if others_read and await owner_is(sem, READ_OWNED, NONSPINNABLE):
            return "queue"
        if found & (WRITER | HANDOFF):
            return "queue"
    await set_owner(sem, READ_OWNED)
    wakes = found // READER == 1 and found & WAITERS
    return Done(True if killable else None, "wake" if wakes else None)


async def queue_or_wake(
    sem: HandoffRwsem, killable: bool, to_do: str, returns: Returns
) -> bool | None:
    """The rest of rwsem_down_read_slowpath(): wait for the lock, or let in others who wait."""
    if to_do == "queue":
        return await queue_reader(sem, killable, returns)
    await wake("read-owned", sem)
    return None


@procedure
async def queue_reader(sem: HandoffRwsem, killable: bool, returns: Returns) -> bool | None:
    """The queue of a reader; False if it was killed there, else with the lock."""
    me = Waiter(current(), writes=False)
    async with in_one_step(sem.coarse):
        await sem.wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await sem.wait_list.read()
        if not waiters and not await sem.count.atomic_read() & (WRITER | HANDOFF):
            await sem.wait_lock.spin_unlock()
            await set_owner(sem, READ_OWNED)
            return await returns(True if killable else None)
    async with in_one_step(sem.coarse):
        await sem.granted[me.task].WRITE_ONCE(False)  # the waiter is a new one for each wait
        await sem.wait_list.write((*waiters, me))
        now = await sem.count.atomic_add_return(-READER + (0 if waiters else WAITERS))
        wakes = not now & LOCKED or (not now & WRITER and not waiters)
        wakes = wakes and sem.variant != "queues-blindly"
        if not wakes:
            await sem.wait_lock.spin_unlock()
    if wakes:
        if not now & LOCKED:
            await clear_nonspinnable(sem)
        await wake_all(await mark_wake("any", sem, locked=True), sem)
    got = await retry(look_or_sleep, sem, killable, returns)
    return got if killable else None


async def look_or_sleep(sem: HandoffRwsem, killable: bool, returns: Returns) -> bool | None:
    """One round of the wait of a reader: with the lock, killed, or None to sleep on."""
    me = current()
    async with in_one_step(sem.coarse):
        await sem.tasks[me].schedule()
        await sem.tasks[me].set_current_state(TASK_UNINTERRUPTIBLE)
        if await sem.granted[me].smp_load_acquire():
            await sem.tasks[me].set_current_state(TASK_RUNNING)
            await returns(True if killable else None)
            return True
    if not killable or await choose("sleep", "killed") == "sleep":
        return None
    async with in_one_step(sem.coarse):
        await sem.wait_lock.spin_lock()
        got = bool(await sem.granted[me].read())
        if not got:
            await leave(sem)
        await sem.wait_lock.spin_unlock()
        await sem.tasks[me].set_current_state(TASK_RUNNING)
        await returns(got)
    return got


async def leave_reading(sem: HandoffRwsem) -> Done:
    """__up_read(): be counted no longer; the last one wakes whoever waits."""
    now = await sem.count.atomic_add_return_release(-READER)
    flags = WAITERS | HANDOFF if sem.variant == "up-read-blind" else WAITERS
    return Done(to_do="wake" if now & (LOCKED | flags) == WAITERS else None)


async def last_reader_wakes(sem: HandoffRwsem, *_: Any) -> None:
    """The slow path of __up_read()."""
    await clear_nonspinnable(sem)
    await wake("any", sem)


async def try_read(sem: HandoffRwsem) -> Done:
    """__down_read_trylock()."""
    got = await retry(try_read_once, sem)
    if got:
        await set_owner(sem, READ_OWNED)
    return Done(got)


async def try_read_once(sem: HandoffRwsem) -> bool | None:
    """One round of it; the kernel's first round takes the lock for free."""
    found = await sem.count.atomic_read()
    if found & (WRITER | WAITERS | HANDOFF):
        return False
    return await sem.count.atomic_try_cmpxchg_acquire(found, found + READER) or None


# --- write ----------------------------------------------------------------------------------------


async def lock_free(sem: HandoffRwsem) -> bool:
    """rwsem_write_trylock(): whether nobody had the lock or waited for it."""
    got = bool(await sem.count.atomic_try_cmpxchg_acquire(0, WRITER))
    if got:
        await set_owner(sem, WRITE_OWNED)
    return got


async def write_fast(sem: HandoffRwsem, killable: bool) -> Done | bool:
    """__down_write(); if it does not get the lock, whether it may spin."""
    if await lock_free(sem):
        return Done(True if killable else None)
    return not await owner_is(sem, NONSPINNABLE)


async def try_write(sem: HandoffRwsem) -> Done:
    """__down_write_trylock()."""
    return Done(await lock_free(sem))


async def spin_or_queue(
    sem: HandoffRwsem, killable: bool, may_spin: bool, returns: Returns
) -> bool | None:
    """rwsem_down_write_slowpath(): steal the lock, or wait for it in the queue."""
    got = may_spin and await retry(spin_once, sem, killable, returns)
    if not got:
        got = await queue_writer(sem, killable, returns)
    return got if killable else None


async def spin_once(sem: HandoffRwsem, killable: bool, returns: Returns) -> bool | None:
    """One round of rwsem_optimistic_spin(): whether the lock is stolen, or None to go on."""
    if sem.coarse:
        async with in_one_step(sem.coarse):
            stolen = await retry(steal_once, sem)
            if stolen:
                await returns(True if killable else None)
            return stolen
    read_owned = await owner_is(sem, READ_OWNED)
    if await retry(steal_once, sem):
        await set_owner(sem, WRITE_OWNED)
        return True
    if (read_owned and sem.variant == "spins-on") or not await choose(*sem.late):
        return None
    if read_owned:
        await sem.owner.try_cmpxchg(READ_OWNED, NONSPINNABLE)
    return False


async def steal_once(sem: HandoffRwsem) -> bool | None:
    """One round of rwsem_try_write_lock_unqueued()."""
    found = await sem.count.atomic_read()
    flags = 0 if sem.variant == "steals-handoff" else HANDOFF
    busy = WRITER if sem.variant == "steals-from-readers" else LOCKED
    if found & (busy | flags):
        return False
    return await sem.count.atomic_try_cmpxchg_acquire(found, found | WRITER) or None


@procedure
async def queue_writer(sem: HandoffRwsem, killable: bool, returns: Returns) -> bool:
    """The queue of a writer; False if it was killed there, else with the lock."""
    me = Waiter(current(), writes=True)
    async with in_one_step(sem.coarse):
        await sem.wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await sem.wait_list.read()
        await sem.wait_list.write((*waiters, me))
        if waiters:
            now = await sem.count.atomic_read()
        else:
            now = await sem.count.atomic_fetch_or(WAITERS)
        wakes = waiters and not now & WRITER
        if not wakes:
            await sem.wait_lock.spin_unlock()
    if wakes:
        kind = "readers" if now & LOCKED else "any"
        await wake_all(await mark_wake(kind, sem, locked=True), sem)
    return await retry(try_or_sleep, sem, killable, returns)


async def try_or_sleep(sem: HandoffRwsem, killable: bool, returns: Returns) -> bool | None:
    """One round of the wait of a writer: with the lock, killed, or None to sleep on."""
    task = sem.tasks[current()]
    async with in_one_step(sem.coarse):
        await task.schedule()
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    got, again = await try_write_lock(sem, killable, returns)
    if got:
        return True
    if killable and await choose("sleep", "killed") == "killed":
        await be_killed(sem, returns)
        return False
    if again:
        await task.set_current_state(TASK_RUNNING)
    return None


async def be_killed(sem: HandoffRwsem, returns: Returns) -> None:
    """out_nolock of a writer: leave the queue, and wake who is first then."""
    async with in_one_step(sem.coarse):
        await sem.tasks[current()].set_current_state(TASK_RUNNING)
        await sem.wait_lock.spin_lock()
        others = await leave(sem)
        if not others:
            await sem.wait_lock.spin_unlock()
        await returns(False)
    if others:
        await wake_all(await mark_wake("any", sem, locked=True), sem)


async def leave_writing(sem: HandoffRwsem) -> Done:
    """__up_write()."""
    await set_owner(sem, None)
    found = await sem.count.atomic_fetch_sub_release(WRITER)
    return Done(to_do="wake" if found & WAITERS else None)


async def writer_wakes(sem: HandoffRwsem, *_: Any) -> None:
    """The slow path of __up_write()."""
    await wake("any", sem)


async def go_on_reading(sem: HandoffRwsem) -> Done:
    """__downgrade_write()."""
    found = await sem.count.atomic_fetch_add_release(READER - WRITER)
    await set_owner(sem, READ_OWNED)
    return Done(to_do="wake" if found & WAITERS else None)


async def downgrade_wakes(sem: HandoffRwsem, *_: Any) -> None:
    """The slow path of __downgrade_write()."""
    await wake("read-owned", sem)
