"""Locks in the steps and with the barriers of the kernel, for what only a memory model tells apart.

Kernel, v6.12: include/asm-generic/spinlock.h (arch_spin_lock, arch_spin_unlock),
include/linux/percpu-rwsem.h, kernel/locking/percpu-rwsem.c, kernel/rcu/sync.c (rcu_sync_enter,
rcu_sync_exit), kernel/exit.c (rcuwait_wake_up), include/linux/rcuwait.h. Kernel, v4.19:
kernel/locking/percpu-rwsem.c (__percpu_down_read, __percpu_up_read, percpu_down_write,
percpu_up_write, readers_active_check).
"""

from typing import Any

from locking import (
    TASK_UNINTERRUPTIBLE,
    Atomic,
    Cell,
    Mutex,
    Order,
    Outcome,
    Rcu,
    Task,
    access,
    array,
    current,
    ordered,
    procedure,
    rcuwait_wait_event,
    smp_mb,
    wait_until,
)
from locking.models.kernel_locks.percpu_rwsem_5_7 import QueuedPercpu


class TicketWord(Atomic):
    """The word of a ticket lock: the next ticket in its upper half, who is served in its lower."""

    @ordered(Order(releases=True))
    @access(writes=True, marked=True)
    def serve(self, word: int, me: str, ticket: int) -> Outcome:
        """Nothing; `ticket` is served: a store to the lower half that releases."""
        return word >> 16 << 16 | ticket, None


class TicketSpinlock:
    """The ticket lock of include/asm-generic/spinlock.h."""

    def __init__(self) -> None:
        self.word = TicketWord("lock")
        self.words = [self.word]

    @procedure
    async def lock(self) -> None:
        """arch_spin_lock()."""
        found = await self.word.atomic_fetch_add(1 << 16)
        ticket = found >> 16
        if ticket == found & 0xFFFF:
            return
        await wait_until(lambda now: now & 0xFFFF == ticket, self.word)
        await smp_mb()

    @procedure
    async def unlock(self) -> None:
        """arch_spin_unlock()."""
        found = await self.word.atomic_read()
        await self.word.serve((found & 0xFFFF) + 1)


class RcuWaitInSteps:
    """An `RcuWait` in the steps of the kernel: who waits, and the state of that task.

    Left out: the read section of RCU, by which the task is still there when it is woken, and that
    it is TASK_RUNNING again afterwards.
    """

    def __init__(self, name: str, threads: tuple[str, ...]) -> None:
        self.task = Cell(f"{name}.task", None)
        self.tasks = {each: Task(each) for each in threads}
        self.words = [self.task, self.tasks]

    async def prepare_to_rcuwait(self) -> None:
        """Be the one that is woken."""
        await self.task.rcu_assign_pointer(current())

    async def set_current_state(self) -> None:
        """Say that the task sleeps."""
        await self.tasks[current()].set_current_state(TASK_UNINTERRUPTIBLE)

    async def schedule(self) -> None:
        """Sleep until woken."""
        await self.tasks[current()].schedule()

    async def finish_rcuwait(self) -> None:
        """Nobody waits any longer."""
        await self.task.rcu_assign_pointer(None)

    async def rcuwait_wake_up(self) -> None:
        """Wake the task that waits, if there is one."""
        await smp_mb()
        task = await self.task.rcu_dereference()
        if task is not None:
            await self.tasks[task].wake_up_process()


class PercpuInSteps:
    """The percpu_rwsem from v5.7, for one writer and readers that try.

    With `rcu` readers have their fast path. With one writer `rss` is no counter here, and its
    spinlock is left out. What rcu_sync_exit() leaves to call_rcu() the writer does itself.
    """

    def __init__(self, threads: tuple[str, ...], rcu: bool) -> None:
        self.own = QueuedPercpu("right", "percpu", threads)
        writer = RcuWaitInSteps("percpu.writer", threads)
        kept = [each for each in self.own.words if each is not self.own.writer]
        self.own.writer = writer  # type: ignore[assignment]
        self.rcu, self.idle = (Rcu("rcu"), Cell("percpu.rss", True)) if rcu else (None, None)
        self.words = [*kept, *writer.words, *([self.rcu, self.idle] if rcu else [])]

    def read_count(self) -> Any:
        """The counter of the CPU of the task that runs."""
        return self.own.read_count[self.own.threads.index(current()) % 2]

    @procedure
    async def down_read_trylock(self) -> bool:
        """percpu_down_read_trylock()."""
        if self.rcu is None or self.idle is None:
            return await self.own.try_read(current())
        await self.rcu.rcu_read_lock()
        got = bool(await self.idle.READ_ONCE())
        if got:
            await self.read_count().atomic_inc()
        else:
            got = await self.own.try_read(current())
        await self.rcu.rcu_read_unlock()
        return got

    @procedure
    async def up_read(self) -> None:
        """percpu_up_read()."""
        if self.rcu is None or self.idle is None:
            await self.own.up_read()
            return
        await self.rcu.rcu_read_lock()
        if await self.idle.READ_ONCE():
            await self.read_count().atomic_dec()
        else:
            await self.own.up_read()
        await self.rcu.rcu_read_unlock()

    @procedure
    async def down_write(self) -> None:
        """percpu_down_write()."""
        if self.rcu is not None and self.idle is not None:
            await self.idle.WRITE_ONCE(False)
            await self.rcu.synchronize_rcu()
        await self.own.down_write()

    @procedure
    async def up_write(self) -> None:
        """percpu_up_write()."""
        await self.own.up_write()
        if self.rcu is not None and self.idle is not None:
            await self.rcu.synchronize_rcu()
            await self.idle.WRITE_ONCE(True)


class PercpuBefore57:
    """The percpu_rwsem of v4.19, for one writer and readers that wait; without their fast path.

    Of one writer and one reader `rw_sem` excludes as a mutex does, which is put in its place.
    """

    def __init__(self, threads: tuple[str, ...]) -> None:
        self.threads = threads
        self.read_count = array(Atomic, "percpu.read_count", 2)
        self.readers_block = Cell("percpu.readers_block", False)
        self.rw_sem = Mutex("percpu.rw_sem")
        self.writer = RcuWaitInSteps("percpu.writer", threads)
        self.words = [self.read_count, self.readers_block, self.rw_sem, *self.writer.words]

    def own_count(self) -> Any:
        """The counter of the CPU of the task that runs."""
        return self.read_count[self.threads.index(current()) % 2]

    @procedure
    async def down_read(self) -> None:
        """percpu_down_read(), __percpu_down_read()."""
        await self.own_count().atomic_inc()
        await smp_mb()  # A in the kernel, matches D
        if not await self.readers_block.smp_load_acquire():
            return
        await self.up_read()
        await self.rw_sem.mutex_lock()
        await self.own_count().atomic_inc()
        await self.rw_sem.mutex_unlock()

    @procedure
    async def up_read(self) -> None:
        """percpu_up_read(), __percpu_up_read()."""
        await smp_mb()  # B, matches C
        await self.own_count().atomic_dec()
        await self.writer.rcuwait_wake_up()

    async def nobody_reads(self) -> bool:
        """readers_active_check(): whether the sum of the counters is 0."""
        total = 0
        for count in self.read_count:
            total += await count.atomic_read()
        if total == 0:
            await smp_mb()  # C
        return total == 0

    @procedure
    async def down_write(self) -> None:
        """percpu_down_write()."""
        await self.rw_sem.mutex_lock()
        await self.readers_block.WRITE_ONCE(True)
        await smp_mb()  # D
        await rcuwait_wait_event(self.writer, self.nobody_reads)

    @procedure
    async def up_write(self) -> None:
        """percpu_up_write()."""
        await self.readers_block.smp_store_release(False)
        await self.rw_sem.mutex_unlock()
