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

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    PercpuRwSem,
    RcuWait,
    Specification,
    Spinlock,
    System,
    Thread,
    array,
    at_end,
    current,
    procedure,
    rcuwait_wait_event,
    retry,
    table,
    wait_until,
)
from locking.models.kernel_locks.users import Turn, of_every_lock, take_turns

READERS, WRITERS = ("r0", "r1"), ("w0", "w1")
NAMES = (*READERS, *WRITERS)

read_count, block = array(Atomic, "read_count", 2), Atomic("block")
writer, queue_lock, queue = RcuWait("writer"), Spinlock("waiters.lock"), Cell("waiters", ())
has_lock = table(Cell, "has_lock", NAMES, False)
specification = Specification(PercpuRwSem("percpu"), may_fail=["percpu_down_read_trylock"])


@procedure
async def try_read(reader: str, variant: str) -> bool:
    """__percpu_down_read_trylock(), by `reader` or for it: whether it is counted and may read."""
    count = read_count[READERS.index(reader)]
    await count.atomic_inc()
    if not await block.atomic_read_acquire():
        return True
    await count.atomic_dec()
    if variant != "gives-back-silently":
        await writer.rcuwait_wake_up()
    return False


async def try_write() -> bool:
    """__percpu_down_write_trylock(): whether it was nobody's who blocks readers."""
    return bool(not await block.atomic_read() and not await block.atomic_xchg(1))


async def try_for(name: str, variant: str) -> bool:
    """__percpu_rwsem_trylock() for the thread of that name."""
    return await (try_read(name, variant) if name in READERS else try_write())


@procedure
async def wait(variant: str) -> None:
    """percpu_rwsem_wait(): try once more under the queue's lock, then queue up and sleep."""
    me = current()
    await queue_lock.spin_lock()
    got = variant != "queues-blindly" and await try_for(me, variant)
    if not got:
        await queue.write((*await queue.read(), me))
    await queue_lock.spin_unlock()
    if not got:
        await wait_until(lambda now: now, has_lock[me])


@procedure
async def wake(variant: str) -> None:
    """__wake_up() with percpu_rwsem_wake_function(): take the lock for those in front."""
    await queue_lock.spin_lock()
    if variant == "wakes-one":
        await wake_first(variant)
    else:
        await retry(wake_first, variant)
    await queue_lock.spin_unlock()


async def wake_first(variant: str) -> bool | None:
    """Take the lock for the first of the queue; None to go on with the next, after a reader."""
    waiting: tuple[str, ...] = await queue.read()
    if not waiting or not await try_for(waiting[0], variant):
        return True
    await queue.write(waiting[1:])
    await has_lock[waiting[0]].smp_store_release(True)
    return None if waiting[0] in READERS else True


async def down_read(variant: str) -> None:
    """percpu_down_read(), __percpu_down_read()."""
    if not await try_read(current(), variant):
        await wait(variant)


async def up_read(variant: str) -> None:
    """percpu_up_read(): be counted no longer, and wake the writer that waits for readers."""
    await read_count[READERS.index(current())].atomic_dec()
    if variant != "leaves-silently":
        await writer.rcuwait_wake_up()


async def nobody_reads() -> bool:
    """readers_active_check(): whether the sum of the counters is 0."""
    total = 0
    for count in read_count:
        total += await count.atomic_read()
    return total == 0


async def down_write(variant: str) -> None:
    """percpu_down_write(): block readers and writers, then wait for the readers inside."""
    if not await try_write():
        await wait(variant)
    if variant != "waits-for-nobody":
        await rcuwait_wait_event(writer, nobody_reads)


async def up_write(variant: str) -> None:
    """percpu_up_write(): block nobody, and wake those in front."""
    if variant == "wakes-before":
        await wake(variant)
    await block.atomic_set_release(0)
    if variant != "wakes-before":
        await wake(variant)


READS: Turn = ("percpu_down_read", "percpu_up_read")
WRITES: Turn = ("percpu_down_write", "percpu_up_write")


def build(case: Case) -> System:
    """Two readers and two writers."""
    operations = (down_read, up_read, down_write, up_write)
    algorithm = {f"percpu_{each.__name__}": partial(each, case.variant) for each in operations}
    return System(
        [read_count, block, writer, queue_lock, queue, has_lock, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for names, turn in ((READERS, READS), (WRITERS, WRITES))
            for name in names
        ],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: not any(s[each] for each in (*read_count, block, queue))),
        ],
    )


MODEL = Model(
    "kernel_locks.percpu_rwsem_5_7",
    "The percpu_rwsem from v5.7",
    build,
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
    ),
)
