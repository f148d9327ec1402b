"""The percpu_rwsem of v4.13 to v5.6: readers count per CPU, a writer turns them away and waits.

Kernel: kernel/locking/percpu-rwsem.c and include/linux/percpu-rwsem.h, v4.19:
percpu_down_read, __percpu_down_read, __percpu_up_read, percpu_down_write, percpu_up_write. A reader
counts itself, then looks whether readers are turned away; a writer turns them away, then looks
whether somebody is counted. So one of them sees the other.

Every reader counts on a CPU of its own and gives back on the next, which is allowed: only the sum
counts. The writer reads the counters one by one. Left out: the fast path while no writer comes
(rcu_sync), which a grace period closes before the writer goes on; so readers here are those of the
slow path. `rw_sem`, among writers and for readers that were turned away, is its specification.

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
    RwSem,
    Specification,
    System,
    Thread,
    array,
    at_end,
    current,
    procedure,
    rcuwait_wait_event,
)
from locking.models.kernel_locks.users import of_every_lock, take_turns

READERS, WRITERS = ("r0", "r1"), ("w0", "w1")

read_count, readers_block = array(Atomic, "read_count", 2), Cell("readers_block", False)
rw_sem, writer = RwSem("rw_sem"), RcuWait("writer")
specification = Specification(PercpuRwSem("percpu"), may_fail=["percpu_down_read_trylock"])


def cpu(moved: bool) -> Atomic:
    """The counter of the CPU of a reader, which moves to the other one while it reads."""
    return read_count[(READERS.index(current()) + moved) % 2]


@procedure
async def down_read(variant: str) -> None:
    """__percpu_down_read(): be counted unless readers are turned away; then wait for the writer."""
    if variant == "looks-first":
        blocked = await readers_block.smp_load_acquire()
        await cpu(moved=False).atomic_inc()
    else:
        await cpu(moved=False).atomic_inc()
        blocked = await readers_block.smp_load_acquire()
    if not blocked:
        return
    if variant == "gives-back-silently":
        await cpu(moved=False).atomic_dec()
    else:
        await give_back(moved=False)
    await rw_sem.down_read()
    await cpu(moved=False).atomic_inc()
    await rw_sem.up_read()


@procedure
async def give_back(moved: bool) -> None:
    """__percpu_up_read(): no longer be counted, and wake the writer, which may wait for that."""
    await cpu(moved).atomic_dec()
    await writer.rcuwait_wake_up()


async def up_read(variant: str) -> None:
    """percpu_up_read(), on another CPU than before."""
    if variant == "wakes-first":
        await writer.rcuwait_wake_up()
        await cpu(moved=True).atomic_dec()
    else:
        await give_back(moved=True)


async def nobody_reads(variant: str) -> bool:
    """readers_active_check(): whether the sum of the counters is 0."""
    total = 0
    for count in read_count[:1] if variant == "one-counter" else read_count:
        total += await count.atomic_read()
    return total == 0


@procedure
async def down_write(variant: str) -> None:
    """percpu_down_write(): keep writers out, turn readers away, and wait for those inside."""
    await rw_sem.down_write()
    if variant != "turns-nobody-away":
        await readers_block.WRITE_ONCE(True)
    await rcuwait_wait_event(writer, partial(nobody_reads, variant))


@procedure
async def up_write(variant: str) -> None:
    """percpu_up_write(): let readers in again, then whoever waits for `rw_sem`."""
    if variant == "lets-in-late":
        await rw_sem.up_write()
        await readers_block.smp_store_release(False)
    else:
        await readers_block.smp_store_release(False)
        await rw_sem.up_write()


READS = ("percpu_down_read", "percpu_up_read")
WRITES = ("percpu_down_write", "percpu_up_write")


def build(case: Case) -> System:
    """Two readers and two writers."""
    operations = (down_read, up_read, down_write, up_write)
    algorithm = {f"percpu_{each.__name__}": partial(each, case.variant) for each in operations}
    return System(
        [read_count, readers_block, rw_sem, writer, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for names, turn in ((READERS, READS), (WRITERS, WRITES))
            for name in names
        ],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: sum(s[each] for each in read_count) == 0),
        ],
    )


MODEL = Model(
    "kernel_locks.percpu_rwsem",
    "The percpu_rwsem of v4.13 to v5.6",
    build,
    variants=(
        "right",
        "looks-first",
        "gives-back-silently",
        "wakes-first",
        "one-counter",
        "turns-nobody-away",
        "lets-in-late",
    ),
    expected=(
        Expect("refinement", "both look before either is seen", variants=("looks-first",)),
        Expect("deadlock-free", "the writer waits on", variants=("gives-back-silently",)),
        Expect("deadlock-free", "the writer looks too early", variants=("wakes-first",)),
        Expect("refinement", "a reader counts elsewhere", variants=("one-counter",)),
        Expect("deadlock-free", "a reader left elsewhere", variants=("one-counter",)),
        Expect("refinement", "readers come later", variants=("turns-nobody-away",)),
        Expect("refinement", "the next writer turns nobody away", variants=("lets-in-late",)),
    ),
)
