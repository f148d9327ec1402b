"""The percpu_rwsem from v5.7: a block flag, a counter per CPU, and a queue of waiters in order.

Kernel: kernel/locking/percpu-rwsem.c, v5.15: __percpu_rwsem_trylock,
__percpu_down_read_trylock, __percpu_down_write_trylock, percpu_rwsem_wake_function,
percpu_rwsem_wait, percpu_down_write, percpu_up_write; commit 7f26482a872c. Whoever waits is in one
queue. Who wakes the queue takes the lock *for* the first of it: for readers up to the first writer,
or for one writer. So nobody is woken in vain.

The queue is changed under its spinlock, and so is all that a waker does for the waiters: one look
at the list, one attempt and the removal. Left out: the fast path while no writer comes (rcu_sync);
signals. A waiter sleeps until the waker says that it has the lock.

Variants: "right"; the others are planted errors.
"""

from functools import partial
from typing import Any

from locking import (
    Algorithm,
    Atomic,
    Case,
    Cell,
    Expect,
    Implementation,
    Model,
    PercpuRwSem,
    RcuWait,
    Specification,
    Spinlock,
    System,
    Thread,
    array,
    at_end,
    atomic,
    current,
    procedure,
    rcuwait_wait_event,
    retry,
    smp_mb,
    table,
    wait_until,
)
from locking.models.kernel_locks.users import (
    FOR_EVER,
    ONCE,
    Method,
    Turn,
    also_percpu,
    live,
    of_every_lock,
    take_turns,
    without_end,
)

READERS, WRITERS = ("r0", "r1"), ("w0", "w1")

Waiter = tuple[str, str]
"""A thread, and what it waits for: "read" or "write"."""

READS: Turn = ("percpu_down_read", "percpu_up_read")
WRITES: Turn = ("percpu_down_write", "percpu_up_write")


class QueuedPercpu:
    """The words of one percpu_rwsem of two CPUs, and what it does for its users."""

    def __init__(self, variant: str, name: str, threads: tuple[str, ...]) -> None:
        self.variant = variant
        self.threads = threads
        self.read_count, self.block = (
            array(Atomic, f"{name}.read_count", 2),
            Atomic(f"{name}.block"),
        )
        self.writer, self.queue_lock = RcuWait(f"{name}.writer"), Spinlock(f"{name}.waiters.lock")
        self.queue = Cell(f"{name}.waiters", ())
        self.has_lock = table(Cell, f"{name}.has_lock", threads, False)

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [
            self.read_count, self.block, self.writer, self.queue_lock, self.queue, self.has_lock
        ]  # fmt: skip

    # --- attempts ---------------------------------------------------------------------------------

    @procedure
    async def try_read(self, reader: str) -> bool:
        """__percpu_down_read_trylock(), by or for `reader`: whether it may read."""
        count = self.read_count[self.threads.index(reader) % 2]
        await count.atomic_inc()
        await smp_mb()  # A in the kernel, matches D
        if not await self.block.atomic_read_acquire():
            return True
        await count.atomic_dec()
        if self.variant != "gives-back-silently":
            await self.writer.rcuwait_wake_up()
        return False

    async def try_write(self) -> bool:
        """__percpu_down_write_trylock(): whether it was nobody's who blocks readers."""
        return bool(not await self.block.atomic_read() and not await self.block.atomic_xchg(1))

    async def try_for(self, waiter: Waiter) -> bool:
        """__percpu_rwsem_trylock() for who waits."""
        name, kind = waiter
        return await (self.try_read(name) if kind == "read" else self.try_write())

    # --- the queue --------------------------------------------------------------------------------

    @procedure
    async def wait(self, kind: str) -> None:
        """percpu_rwsem_wait(): try once more under the queue's lock, then queue up and sleep."""
        waiter = current(), kind
        await self.queue_lock.spin_lock()
        got = self.variant != "queues-blindly" and await self.try_for(waiter)
        if not got:
            await self.queue_up(waiter)
        await self.queue_lock.spin_unlock()
        if not got:
            await wait_until(lambda now: now, self.has_lock[current()])

    async def queue_up(self, waiter: Waiter) -> None:
        """Be the last of the queue. The entry is a new one for each wait, without the lock yet."""
        async with atomic():
            await self.has_lock[current()].WRITE_ONCE(False)
            await self.queue.write((*await self.queue.read(), waiter))

    @procedure
    async def wake(self) -> None:
        """__wake_up() with percpu_rwsem_wake_function(): take the lock for those in front."""
        await self.queue_lock.spin_lock()
        if self.variant == "wakes-one":
            await self.wake_first()
        else:
            await retry(self.wake_first)
        await self.queue_lock.spin_unlock()

    async def wake_first(self) -> bool | None:
        """Take the lock for the first of the queue; None to go on with the next, after a reader."""
        waiting: tuple[Waiter, ...] = await self.queue.read()
        if not waiting or not await self.try_for(waiting[0]):
            return True
        name, kind = waiting[0]
        await self.queue.write(waiting[1:])
        await self.has_lock[name].smp_store_release(True)
        return None if kind == "read" else True

    # --- read and write ---------------------------------------------------------------------------

    async def down_read_trylock(self) -> bool:
        """percpu_down_read_trylock()."""
        return await self.try_read(current())

    async def down_read(self) -> None:
        """percpu_down_read(), __percpu_down_read()."""
        if not await self.try_read(current()):
            await self.wait("read")

    async def up_read(self) -> None:
        """percpu_up_read(): be counted no longer, and wake the writer that waits for readers."""
        await smp_mb()  # B, matches C
        await self.read_count[self.threads.index(current()) % 2].atomic_dec()
        if self.variant != "leaves-silently":
            await self.writer.rcuwait_wake_up()

    async def nobody_reads(self) -> bool:
        """readers_active_check(): whether the sum of the counters is 0."""
        total = 0
        for count in self.read_count:
            total += await count.atomic_read()
        if total == 0:
            await smp_mb()  # C
        return total == 0

    async def down_write(self) -> None:
        """percpu_down_write(): block readers and writers, then wait for the readers inside."""
        if not await self.try_write():
            await self.wait("write")
        if self.variant != "waits-for-nobody":
            await rcuwait_wait_event(self.writer, self.nobody_reads)

    async def up_write(self) -> None:
        """percpu_up_write(): block nobody, and wake those in front."""
        if self.variant == "wakes-before":
            await self.wake()
        await self.block.atomic_set_release(0)
        if self.variant != "wakes-before":
            await self.wake()


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """A percpu_rwsem in place of a lock for readers and writers."""
    own = QueuedPercpu(variant, lock, threads)
    takes: dict[str, Method] = {"down_read": own.down_read, "down_write": own.down_write}
    takes["down_read_trylock"] = own.down_read_trylock
    lets_go: dict[str, Method] = {"up_read": own.up_read, "up_write": own.up_write}
    return Implementation(own.words, also_percpu(takes), also_percpu(lets_go))


def build(case: Case) -> System:
    """Two readers and two writers; or one of each, and a reader that comes for ever."""
    own = QueuedPercpu(case.variant, "percpu", (*READERS, *WRITERS))
    specification = Specification(PercpuRwSem("percpu"), may_fail=["percpu_down_read_trylock"])
    operations = (own.down_read, own.up_read, own.down_write, own.up_write)
    algorithm: dict[str, Method] = {f"percpu_{each.__name__}": each for each in operations}
    zero = (*own.read_count, own.block, own.queue)
    if case.scenario == FOR_EVER:
        once, again = {"r1": READS, "w0": WRITES}, {"r0": READS}
        threads = without_end(specification, algorithm, once, again)
        return System([*own.words, specification], threads, [*of_every_lock(), *live("strong")])
    return System(
        [*own.words, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for names, turn in ((READERS, READS), (WRITERS, WRITES))
            for name in names
        ],
        [*of_every_lock(), at_end("as-new", lambda s: not any(s[each] for each in zero))],
    )


ALGORITHM = Algorithm("percpu_rwsem_5_7", "the percpu_rwsem from v5.7", partial(make, "right"))

MODEL = Model(
    "kernel_locks.percpu_rwsem_5_7",
    "The percpu_rwsem from v5.7",
    build,
    (ONCE, FOR_EVER),
    variants=(
        "right",
        "gives-back-silently",
        "queues-blindly",
        "wakes-one",
        "leaves-silently",
        "waits-for-nobody",
        "wakes-before",
    ),
    expected=(
        Expect("deadlock-free", "the writer waits on", variants=("gives-back-silently",)),
        Expect("deadlock-free", "the lock is free by then", variants=("queues-blindly",)),
        Expect("deadlock-free", "a writer is behind the reader", variants=("wakes-one",)),
        Expect("deadlock-free", "the writer waits on", variants=("leaves-silently",)),
        Expect("refinement", "readers are inside", variants=("waits-for-nobody",)),
        Expect("deadlock-free", "the lock is not free yet", variants=("wakes-before",)),
        Expect(
            "served",
            "it waits on, as above",
            scenarios=(FOR_EVER.name,),
            variants=(
                "gives-back-silently",
                "queues-blindly",
                "wakes-one",
                "leaves-silently",
                "wakes-before",
            ),
        ),
    ),
)
