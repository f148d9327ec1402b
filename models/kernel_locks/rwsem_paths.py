"""The words of the rwsem of v4.19, and its operations, each with its fast path and its slow path.

Kernel: kernel/locking/rwsem-xadd.c and rwsem.h, v4.19: __rwsem_down_read_failed_common,
__rwsem_down_write_failed_common, __rwsem_mark_wake, rwsem_try_write_lock,
rwsem_try_write_lock_unqueued, rwsem_wake, rwsem_downgrade_wake. What was left out, and which steps
are one, is said in `rwsem`.
"""

from typing import Any

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Atomic,
    Cell,
    Spinlock,
    Task,
    atomic,
    current,
    procedure,
    retry,
    table,
)
from locking.models.kernel_locks.users import Done, InTwoPaths, Returns, in_one_step

READ_BIAS, ACTIVE_MASK, WAITING_BIAS = 1, 0xFF, -0x100
WRITE_BIAS = WAITING_BIAS + 1

Waiter = tuple[str, str]
"""A task, and what it waits for: "read" or "write"."""


def front_readers(waiters: tuple[Waiter, ...]) -> tuple[str, ...]:
    """The readers before the first writer."""
    writers = [at for at, (_, kind) in enumerate(waiters) if kind == "write"]
    return tuple(name for name, _ in waiters[: (writers or [len(waiters)])[0]])


class Rwsem:
    """The words of one rwsem, and what it does for `threads`, in fine or in coarse steps."""

    def __init__(
        self, variant: str, name: str, threads: tuple[str, ...], coarse: bool = False
    ) -> None:
        self.variant, self.coarse = variant, coarse
        self.count, self.wait_list = Atomic(f"{name}.count"), Cell(f"{name}.wait_list", ())
        self.wait_lock = Spinlock(f"{name}.wait_lock")
        self.tasks = {each: Task(each) for each in threads}
        self.granted = table(Cell, f"{name}.granted", threads, False)

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [self.count, self.wait_list, self.wait_lock, self.tasks, self.granted]

    @property
    def operations(self) -> dict[str, InTwoPaths]:
        """What it does, by name; a trylock is a spinner that gives up rather than queue."""
        return {
            "down_read": InTwoPaths(self.count_reader, self.queue_reader),
            "up_read": InTwoPaths(self.leave_reading, self.wake_later),
            "down_write": InTwoPaths(self.count_writer, self.steal_or_queue),
            "down_write_trylock": InTwoPaths(self.try_once),
            "up_write": InTwoPaths(self.leave_writing, self.wake_later),
            "downgrade_write": InTwoPaths(self.go_on_reading, self.wake_later),
        }

    async def lock_and_queue(self, kind: str) -> tuple[Waiter, ...]:
        """Take `wait_lock`, and be the last of the list; who waited before.

        The waiter is a new one for each wait: nothing is granted to it yet.
        """
        async with atomic():
            await self.wait_lock.spin_lock()
            waiters: tuple[Waiter, ...] = await self.wait_list.read()
            await self.wait_list.write((*waiters, (current(), kind)))
            if kind == "read":
                await self.granted[current()].WRITE_ONCE(False)
        return waiters

    # --- wake up ----------------------------------------------------------------------------------

    @procedure
    async def mark_wake(self, kind: str, locked: bool = False) -> tuple[str, ...]:
        """__rwsem_mark_wake(): grant the lock to readers in front; who is to be waked later.

        `kind` is "any"; "read-owned" of a waker that reads; or "readers" of a writer that queues
        up, which keeps `wait_lock`. The others let it go. `locked`: whether it is held already.
        """
        async with in_one_step(self.coarse):
            if not locked:
                await self.wait_lock.spin_lock()
            waiters: tuple[Waiter, ...] = await self.wait_list.read()
            if not front_readers(waiters):
                await self.end_of(kind)
                return tuple(name for name, _ in waiters[:1] if kind == "any")
            found = 0 if kind == "read-owned" else await self.count.atomic_fetch_add(READ_BIAS)
        if found < WAITING_BIAS and not await retry(self.count_again, kind):
            return ()
        return await self.grant(kind)

    async def end_of(self, kind: str) -> None:
        """Let `wait_lock` go, where __rwsem_mark_wake() is the last that is done under it."""
        if kind != "readers":
            await self.wait_lock.spin_unlock()

    async def count_again(self, kind: str) -> bool | None:
        """Count no reader, for a writer has stolen the lock; False if it still has it, else count.

        None if the lock was stolen again.
        """
        async with in_one_step(self.coarse):
            if await self.count.atomic_sub_return(READ_BIAS) < WAITING_BIAS:
                await self.end_of(kind)
                return False
        return await self.count.atomic_fetch_add(READ_BIAS) >= WAITING_BIAS or None

    async def grant(self, kind: str) -> tuple[str, ...]:
        """Take the readers in front off the list, count them, and tell them."""
        async with in_one_step(self.coarse):
            waiters: tuple[Waiter, ...] = await self.wait_list.read()
            readers = front_readers(waiters)
            adjustment = len(readers) * READ_BIAS - (READ_BIAS if kind != "read-owned" else 0)
            if len(readers) == len(waiters) and self.variant != "waiting-stays":
                adjustment -= WAITING_BIAS
            async with atomic():
                await self.wait_list.write(waiters[len(readers) :])
                if self.variant != "v4.19":
                    await self.count.atomic_add(adjustment)
            if self.variant != "v4.19":
                await self.tell(readers)
                await self.end_of(kind)
        if self.variant == "v4.19":
            await self.tell(readers)
            async with in_one_step(self.coarse):
                await self.count.atomic_add(adjustment)
                await self.end_of(kind)
        return readers[:1] if self.variant == "wakes-one" else readers

    async def tell(self, readers: tuple[str, ...]) -> None:
        """Each has the lock as soon as it looks."""
        for reader in readers:
            await self.granted[reader].smp_store_release(True)

    @procedure
    async def wake_later(self, kind: str, _: Returns) -> None:
        """rwsem_wake(), rwsem_downgrade_wake(), for one that has let go."""
        await self.wake_all(await self.mark_wake(kind))

    async def wake_all(self, names: tuple[str, ...]) -> None:
        """wake_up_q()."""
        async with in_one_step(self.coarse):
            for name in names:
                await self.tasks[name].wake_up_process()

    # --- read -------------------------------------------------------------------------------------

    async def count_reader(self) -> Done | None:
        """__down_read(): be active unless a writer is, or somebody waits."""
        return Done() if await self.count.atomic_inc_return_acquire() > 0 else None

    async def queue_reader(self, _: None, returns: Returns) -> None:
        """__rwsem_down_read_failed_common(): wait until the lock is granted."""
        await self.join_as_reader()
        await retry(self.look_or_sleep, returns)

    @procedure
    async def join_as_reader(self) -> None:
        """The start of it: queue up, be not active, and wake the first if nobody is."""
        async with in_one_step(self.coarse):
            waiters = await self.lock_and_queue("read")
            adjustment = -READ_BIAS + (0 if waiters else WAITING_BIAS)
            now = await self.count.atomic_add_return(adjustment)
            wakes = now == WAITING_BIAS or (now > WAITING_BIAS and not waiters)
            wakes = wakes and self.variant != "reader-sleeps"
            if not wakes:
                await self.wait_lock.spin_unlock()
        if wakes:
            await self.wake_all(await self.mark_wake("any", locked=True))

    async def look_or_sleep(self, returns: Returns) -> bool | None:
        """One round of the wait of a reader: whether the lock is granted, or None to sleep on."""
        task = self.tasks[current()]
        async with in_one_step(self.coarse):
            await task.schedule()
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
            if await self.granted[current()].smp_load_acquire():
                await task.set_current_state(TASK_RUNNING)
                await returns(None)
                return True
        return None

    async def leave_reading(self) -> Done:
        """__up_read(): be active no longer; the last one wakes whoever waits."""
        now = await self.count.atomic_dec_return_release()
        wakes = now < -1 and not now & ACTIVE_MASK and self.variant != "last-reader-sleeps"
        return Done(to_do="any" if wakes else None)

    # --- write ------------------------------------------------------------------------------------

    async def count_writer(self) -> Done | None:
        """__down_write(): be active unless somebody else is, or waits."""
        alone = await self.count.atomic_add_return_acquire(WRITE_BIAS) == WRITE_BIAS
        return Done() if alone else None

    async def steal_or_queue(self, _: None, returns: Returns) -> None:
        """The start of __rwsem_down_write_failed_common(): be not active, and try to steal."""
        await self.count.atomic_sub_return(WRITE_BIAS)
        async with in_one_step(self.coarse):
            if await self.steal():
                await returns(None)
                return
        await self.queue_writer(returns)

    async def try_once(self) -> Done:
        """What a spinner does."""
        return Done(await self.steal())

    @procedure
    async def steal(self) -> bool:
        """rwsem_try_write_lock_unqueued(): whether the lock was free, and is the task's now."""
        found = await self.count.atomic_read()
        while found in (0, WAITING_BIAS):
            now = await self.count.atomic_cmpxchg_acquire(found, found + WRITE_BIAS)
            if now == found:
                return True
            found = now
        return False

    async def queue_writer(self, returns: Returns) -> None:
        """The rest of it: wait until nobody is active, and compete for the lock."""
        if await self.join_as_writer():
            async with in_one_step(self.coarse):
                if await self.try_write_lock(WAITING_BIAS, returns):
                    return
        await retry(self.sleep_and_try, returns)

    @procedure
    async def join_as_writer(self) -> bool:
        """Queue up; whether the lock may be free, and `wait_lock` is still held."""
        async with in_one_step(self.coarse):
            waiters = await self.lock_and_queue("write")
            if waiters:
                now = await self.count.atomic_read()
            else:
                now = await self.count.atomic_add_return(WAITING_BIAS)
            wakes = waiters and now > WAITING_BIAS
            if not wakes:
                await self.go_to_sleep(now)
        if wakes:
            await self.wake_all(await self.mark_wake("readers", locked=True))
            async with in_one_step(self.coarse):
                await self.go_to_sleep(now)
        return bool(now == WAITING_BIAS)

    async def go_to_sleep(self, found: int) -> None:
        """Say so, and let `wait_lock` go unless the lock may be free."""
        await self.tasks[current()].set_current_state(TASK_UNINTERRUPTIBLE)
        if found != WAITING_BIAS:
            await self.wait_lock.spin_unlock()

    async def sleep_and_try(self, returns: Returns) -> bool | None:
        """One round of the wait of a writer: whether it has the lock, or None to sleep on."""
        found = await retry(self.sleep_until_nobody_is_active)
        async with in_one_step(self.coarse):
            await self.wait_lock.spin_lock()
            return await self.try_write_lock(found, returns) or None

    async def sleep_until_nobody_is_active(self) -> int | None:
        """One round of the sleep of a writer; the count, once nobody is active."""
        task = self.tasks[current()]
        async with in_one_step(self.coarse):
            await task.schedule()
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        now = await self.count.atomic_read()
        return None if now & ACTIVE_MASK else int(now)

    async def try_write_lock(self, found: int, returns: Returns) -> bool:
        """rwsem_try_write_lock(), and the end of `wait_lock`: whether the lock is the task's now.

        Others may still wait.
        """
        waiters: tuple[Waiter, ...] = await self.wait_list.read()
        others = len(waiters) > 1 and self.variant != "others-forgotten"
        new = WRITE_BIAS + (WAITING_BIAS if others else 0)
        got = found == WAITING_BIAS and await self.count.atomic_try_cmpxchg_acquire(found, new)
        if got:
            await self.tasks[current()].set_current_state(TASK_RUNNING)
            me = current(), "write"
            await self.wait_list.write(tuple(each for each in waiters if each != me))
        await self.wait_lock.spin_unlock()
        if got:
            await returns(None)
        return bool(got)

    async def leave_writing(self) -> Done:
        """__up_write()."""
        now = await self.count.atomic_sub_return_release(WRITE_BIAS)
        return Done(to_do="any" if now < 0 else None)

    async def go_on_reading(self) -> Done:
        """__downgrade_write(): go on as a reader, and let the readers in front in."""
        now = await self.count.atomic_add_return_release(-WAITING_BIAS)
        return Done(to_do="read-owned" if now < 0 else None)
