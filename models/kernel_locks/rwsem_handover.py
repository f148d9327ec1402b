"""The slow path of an rwsem, of a writer that has the lock at first and a reader that queues up.

Kernel: kernel/locking/rwsem-xadd.c and rwsem.h, v4.19: __down_read,
__rwsem_down_read_failed_common, __rwsem_mark_wake, __up_write, rwsem_wake. A reader that waits
looks whether it has the lock by an acquire, as since v5.3: without that it is
`weak_memory.rwsem_read_slowpath`.

It is for what only a memory model tells apart, so all is a step of its own. Nobody else comes: so
nobody steals the lock, and who is waked is the reader. Left out besides: a writer that queues up,
for whose rounds there are too many values of the count; that the reader is TASK_RUNNING again.
"""

from typing import Any

from locking import (
    TASK_UNINTERRUPTIBLE,
    Atomic,
    Cell,
    Spinlock,
    Task,
    current,
    procedure,
    retry,
)

READ_BIAS, WAITING_BIAS = 1, -4
WRITE_BIAS = WAITING_BIAS + 1
"""As in the kernel, with two bits for how many are active: that is enough for two tasks."""


class RwsemHandover:
    """The words of the rwsem, and what its two users do."""

    def __init__(self, threads: tuple[str, ...]) -> None:
        fewest = WRITE_BIAS + WAITING_BIAS
        self.count = Atomic("rwsem.count", WRITE_BIAS, minimum=fewest, maximum=READ_BIAS)
        self.waiter = Cell("rwsem.wait_list", None)
        self.wait_lock = Spinlock("rwsem.wait_lock")
        self.granted = Cell("rwsem.granted", False)
        self.tasks = {each: Task(each) for each in threads}

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [self.count, self.waiter, self.wait_lock, self.granted, self.tasks]

    async def have_it(self) -> None:
        """Nothing: the writer has the lock from the start."""

    @procedure
    async def down_read(self) -> None:
        """__down_read(), __rwsem_down_read_failed_common()."""
        if await self.count.atomic_inc_return_acquire() > 0:
            return
        await self.wait_lock.spin_lock()
        await self.waiter.write(current())
        now = await self.count.atomic_add_return(WAITING_BIAS - READ_BIAS)
        waked = await self.mark_wake() if now == WAITING_BIAS else None
        await self.wait_lock.spin_unlock()
        await self.wake_up(waked)
        await retry(self.look_or_sleep)

    async def look_or_sleep(self) -> bool | None:
        """One round of the wait: whether the lock is granted, or None to go on after a sleep."""
        task = self.tasks[current()]
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
        if await self.granted.smp_load_acquire():
            return True
        await task.schedule()
        return None

    @procedure
    async def mark_wake(self) -> str | None:
        """__rwsem_mark_wake(): grant the lock to the reader; who is to be waked."""
        waiter: str | None = await self.waiter.read()
        if waiter is None or await self.count.atomic_fetch_add(READ_BIAS) != WAITING_BIAS:
            return None
        await self.waiter.write(None)
        await self.count.atomic_add(-WAITING_BIAS)
        await self.granted.smp_store_release(True)
        return waiter

    async def wake_up(self, waked: str | None) -> None:
        """wake_up_q()."""
        if waked is not None:
            await self.tasks[waked].wake_up_process()

    @procedure
    async def up_read(self) -> None:
        """__up_read(), where nobody waits."""
        await self.count.atomic_dec_return_release()

    @procedure
    async def up_write(self) -> None:
        """__up_write(), rwsem_wake()."""
        if await self.count.atomic_sub_return_release(WRITE_BIAS) < 0:
            await self.wait_lock.spin_lock()
            waked = await self.mark_wake()
            await self.wait_lock.spin_unlock()
            await self.wake_up(waked)
