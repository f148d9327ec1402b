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
    Setting,
    Waiter,
    clear_nonspinnable,
    count,
    granted,
    leave,
    mark_wake,
    owner,
    owner_is,
    set_owner,
    tasks,
    try_write_lock,
    wait_list,
    wait_lock,
    wake,
    wake_all,
)
from locking.models.kernel_locks.users import Done, Returns, in_one_step

# --- read -----------------------------------------------------------------------------------------


async def count_reader(setting: Setting, killable: bool) -> Done | str:
    """rwsem_read_trylock(), and the start of the slow path: be counted, and enter or queue up."""
    found = await count.atomic_add_return_acquire(READER)
    if found & (WRITER | WAITERS | HANDOFF):
        others_read = found // READER > 1 and not found & WRITER
        if others_read and await owner_is(setting, READ_OWNED, NONSPINNABLE):
            return "queue"
        if found & (WRITER | HANDOFF):
            return "queue"
    await set_owner(setting, READ_OWNED)
    wakes = found // READER == 1 and found & WAITERS
    return Done(True if killable else None, "wake" if wakes else None)


async def queue_or_wake(
    setting: Setting, killable: bool, to_do: str, returns: Returns
) -> bool | None:
    """The rest of rwsem_down_read_slowpath(): wait for the lock, or let in others who wait."""
    if to_do == "queue":
        return await queue_reader(setting, killable, returns)
    await wake("read-owned", setting)
    return None


@procedure
async def queue_reader(setting: Setting, killable: bool, returns: Returns) -> bool | None:
    """The queue of a reader; False if it was killed there, else with the lock."""
    me = Waiter(current(), writes=False)
    async with in_one_step(setting.coarse):
        await wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await wait_list.read()
        if not waiters and not await count.atomic_read() & (WRITER | HANDOFF):
            await wait_lock.spin_unlock()
            await set_owner(setting, READ_OWNED)
            return await returns(True if killable else None)
    async with in_one_step(setting.coarse):
        await granted[me.task].WRITE_ONCE(False)  # the waiter is a new one for each wait
        await wait_list.write((*waiters, me))
        now = await count.atomic_add_return(-READER + (0 if waiters else WAITERS))
        wakes = not now & LOCKED or (not now & WRITER and not waiters)
        wakes = wakes and setting.variant != "queues-blindly"
        if not wakes:
            await wait_lock.spin_unlock()
    if wakes:
        if not now & LOCKED:
            await clear_nonspinnable(setting)
        await wake_all(await mark_wake("any", setting, locked=True), setting)
    got = await retry(look_or_sleep, setting, killable, returns)
    return got if killable else None


async def look_or_sleep(setting: Setting, killable: bool, returns: Returns) -> bool | None:
    """One round of the wait of a reader: with the lock, killed, or None to sleep on."""
    me = current()
    async with in_one_step(setting.coarse):
        await tasks[me].schedule()
        await tasks[me].set_current_state(TASK_UNINTERRUPTIBLE)
        if await granted[me].smp_load_acquire():
            await tasks[me].set_current_state(TASK_RUNNING)
            await returns(True if killable else None)
            return True
    if not killable or await choose("sleep", "killed") == "sleep":
        return None
    async with in_one_step(setting.coarse):
        await wait_lock.spin_lock()
        got = bool(await granted[me].read())
        if not got:
            await leave(setting)
        await wait_lock.spin_unlock()
        await tasks[me].set_current_state(TASK_RUNNING)
        await returns(got)
    return got


async def leave_reading(setting: Setting) -> Done:
    """__up_read(): be counted no longer; the last one wakes whoever waits."""
    now = await count.atomic_add_return_release(-READER)
    flags = WAITERS | HANDOFF if setting.variant == "up-read-blind" else WAITERS
    return Done(to_do="wake" if now & (LOCKED | flags) == WAITERS else None)


async def last_reader_wakes(setting: Setting, *_: Any) -> None:
    """The slow path of __up_read()."""
    await clear_nonspinnable(setting)
    await wake("any", setting)


async def try_read(setting: Setting) -> Done:
    """__down_read_trylock()."""
    got = await retry(try_read_once)
    if got:
        await set_owner(setting, READ_OWNED)
    return Done(got)


async def try_read_once() -> bool | None:
    """One round of it; the kernel's first round takes the lock for free."""
    found = await count.atomic_read()
    if found & (WRITER | WAITERS | HANDOFF):
        return False
    return await count.atomic_try_cmpxchg_acquire(found, found + READER) or None


# --- write ----------------------------------------------------------------------------------------


async def lock_free(setting: Setting) -> bool:
    """rwsem_write_trylock(): whether nobody had the lock or waited for it."""
    got = bool(await count.atomic_try_cmpxchg_acquire(0, WRITER))
    if got:
        await set_owner(setting, WRITE_OWNED)
    return got


async def write_fast(setting: Setting, killable: bool) -> Done | bool:
    """__down_write(); if it does not get the lock, whether it may spin."""
    if await lock_free(setting):
        return Done(True if killable else None)
    return not await owner_is(setting, NONSPINNABLE)


async def try_write(setting: Setting) -> Done:
    """__down_write_trylock()."""
    return Done(await lock_free(setting))


async def spin_or_queue(
    setting: Setting, killable: bool, may_spin: bool, returns: Returns
) -> bool | None:
    """rwsem_down_write_slowpath(): steal the lock, or wait for it in the queue."""
    got = may_spin and await retry(spin_once, setting, killable, returns)
    if not got:
        got = await queue_writer(setting, killable, returns)
    return got if killable else None


async def spin_once(setting: Setting, killable: bool, returns: Returns) -> bool | None:
    """One round of rwsem_optimistic_spin(): whether the lock is stolen, or None to go on."""
    if setting.coarse:
        async with in_one_step(setting.coarse):
            stolen = await retry(steal_once, setting)
            if stolen:
                await returns(True if killable else None)
            return stolen
    read_owned = await owner_is(setting, READ_OWNED)
    if await retry(steal_once, setting):
        await set_owner(setting, WRITE_OWNED)
        return True
    if (read_owned and setting.variant == "spins-on") or not await choose(*setting.late):
        return None
    if read_owned:
        await owner.try_cmpxchg(READ_OWNED, NONSPINNABLE)
    return False


async def steal_once(setting: Setting) -> bool | None:
    """One round of rwsem_try_write_lock_unqueued()."""
    found = await count.atomic_read()
    flags = 0 if setting.variant == "steals-handoff" else HANDOFF
    busy = WRITER if setting.variant == "steals-from-readers" else LOCKED
    if found & (busy | flags):
        return False
    return await count.atomic_try_cmpxchg_acquire(found, found | WRITER) or None


@procedure
async def queue_writer(setting: Setting, killable: bool, returns: Returns) -> bool:
    """The queue of a writer; False if it was killed there, else with the lock."""
    me = Waiter(current(), writes=True)
    async with in_one_step(setting.coarse):
        await wait_lock.spin_lock()
        waiters: tuple[Waiter, ...] = await wait_list.read()
        await wait_list.write((*waiters, me))
        if waiters:
            now = await count.atomic_read()
        else:
            now = await count.atomic_fetch_or(WAITERS)
        wakes = waiters and not now & WRITER
        if not wakes:
            await wait_lock.spin_unlock()
    if wakes:
        kind = "readers" if now & LOCKED else "any"
        await wake_all(await mark_wake(kind, setting, locked=True), setting)
    return await retry(try_or_sleep, setting, killable, returns)


async def try_or_sleep(setting: Setting, killable: bool, returns: Returns) -> bool | None:
    """One round of the wait of a writer: with the lock, killed, or None to sleep on."""
    task = tasks[current()]
    async with in_one_step(setting.coarse):
        await task.schedule()
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    got, again = await try_write_lock(setting, killable, returns)
    if got:
        return True
    if killable and await choose("sleep", "killed") == "killed":
        await be_killed(setting, returns)
        return False
    if again:
        await task.set_current_state(TASK_RUNNING)
    return None


async def be_killed(setting: Setting, returns: Returns) -> None:
    """out_nolock of a writer: leave the queue, and wake who is first then."""
    async with in_one_step(setting.coarse):
        await tasks[current()].set_current_state(TASK_RUNNING)
        await wait_lock.spin_lock()
        others = await leave(setting)
        if not others:
            await wait_lock.spin_unlock()
        await returns(False)
    if others:
        await wake_all(await mark_wake("any", setting, locked=True), setting)


async def leave_writing(setting: Setting) -> Done:
    """__up_write()."""
    await set_owner(setting, None)
    found = await count.atomic_fetch_sub_release(WRITER)
    return Done(to_do="wake" if found & WAITERS else None)


async def writer_wakes(setting: Setting, *_: Any) -> None:
    """The slow path of __up_write()."""
    await wake("any", setting)


async def go_on_reading(setting: Setting) -> Done:
    """__downgrade_write()."""
    found = await count.atomic_fetch_add_release(READER - WRITER)
    await set_owner(setting, READ_OWNED)
    return Done(to_do="wake" if found & WAITERS else None)


async def downgrade_wakes(setting: Setting, *_: Any) -> None:
    """The slow path of __downgrade_write()."""
    await wake("read-owned", setting)
