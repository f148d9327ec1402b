"""The home-made lock of memory hotplug, before v4.13: readers count, a writer waits for zero.

Kernel: mm/memory_hotplug.c, v4.12: get_online_mems, put_online_mems, mem_hotplug_begin,
mem_hotplug_done. A reader counts itself under a mutex. A writer keeps the mutex once nobody is
counted; until then it lets go of it and sleeps. The last reader that leaves wakes it. v4.13 has a
percpu_rwsem instead.

Readers pass a writer that waits, so readers that come and go can keep it waiting for ever. Left
out: that the writer may also read. Writers are kept apart by `device_hotplug_lock` in the kernel,
so taking that is a part of `down_write` here.

Variants: "right"; the others are planted errors.
"""

from functools import partial

from locking import (
    TASK_UNINTERRUPTIBLE,
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    RwSem,
    Specification,
    System,
    Task,
    Thread,
    at_end,
    current,
    procedure,
    retry,
)
from locking.models.kernel_locks.users import Turn, of_every_lock, take_turns

READERS, WRITERS = ("r0", "r1"), ("w0", "w1")

refcount, lock = Atomic("refcount", 0), Mutex("lock")
device_hotplug_lock, active_writer = Mutex("device_hotplug_lock"), Cell("active_writer", None)
tasks = {name: Task(name) for name in WRITERS}
specification = Specification(RwSem("mem_hotplug"))


@procedure
async def down_read(variant: str) -> None:
    """get_online_mems(): be counted, unless a writer has the mutex."""
    if variant != "counts-unlocked":
        await lock.mutex_lock()
    await refcount.atomic_inc()
    if variant != "counts-unlocked":
        await lock.mutex_unlock()


@procedure
async def up_read(variant: str) -> None:
    """put_online_mems(): be counted no longer; the last one wakes the writer."""
    if variant != "puts-unlocked":
        await lock.mutex_lock()
    if await refcount.atomic_dec_and_test():
        await wake_writer()
    if variant != "puts-unlocked":
        await lock.mutex_unlock()


async def wake_writer() -> None:
    """Wake the writer, if there is one."""
    writer = await active_writer.READ_ONCE()
    if writer is not None:
        await tasks[writer].wake_up_process()


@procedure
async def down_write(variant: str) -> None:
    """mem_hotplug_begin(): wait until nobody is counted, and keep the mutex."""
    await device_hotplug_lock.mutex_lock()
    if variant != "waits-unseen":
        await active_writer.WRITE_ONCE(current())
    await retry(wait_for_readers, variant)
    if variant == "keeps-nothing":
        await lock.mutex_unlock()


async def wait_for_readers(variant: str) -> bool | None:
    """One round of the wait; True with the mutex held and nobody counted."""
    task = tasks[current()]
    await lock.mutex_lock()
    if await refcount.atomic_read() == 0:
        return True
    if variant != "state-late":
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    await lock.mutex_unlock()
    if variant == "state-late":
        await task.set_current_state(TASK_UNINTERRUPTIBLE)
    await task.schedule()
    return None


@procedure
async def up_write(variant: str) -> None:
    """mem_hotplug_done(): let readers and writers in."""
    await active_writer.WRITE_ONCE(None)
    if variant != "keeps-nothing":
        await lock.mutex_unlock()
    await device_hotplug_lock.mutex_unlock()


READS: Turn = ("down_read", "up_read")
WRITES: Turn = ("down_write", "up_write")


def build(case: Case) -> System:
    """Two readers and two writers."""
    operations = (down_read, up_read, down_write, up_write)
    algorithm = {each.__name__: partial(each, case.variant) for each in operations}
    return System(
        [refcount, lock, device_hotplug_lock, active_writer, tasks, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for names, turn in ((READERS, READS), (WRITERS, WRITES))
            for name in names
        ],
        [*of_every_lock(), at_end("as-new", lambda s: s[refcount] == 0)],
    )


MODEL = Model(
    "kernel_locks.hotplug_lock",
    "The lock of memory hotplug before v4.13",
    build,
    variants=(
        "right",
        "counts-unlocked",
        "puts-unlocked",
        "waits-unseen",
        "state-late",
        "keeps-nothing",
    ),
    expected=(
        Expect("refinement", "it comes while a writer is inside", variants=("counts-unlocked",)),
        Expect("deadlock-free", "it is waked before it sleeps", variants=("puts-unlocked",)),
        Expect("deadlock-free", "readers do not see that it waits", variants=("waits-unseen",)),
        Expect("deadlock-free", "it is waked before it says so", variants=("state-late",)),
        Expect("refinement", "readers come while it is inside", variants=("keeps-nothing",)),
    ),
)
