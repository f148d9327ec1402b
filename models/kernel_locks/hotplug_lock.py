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
from typing import Any

from locking import (
    TASK_UNINTERRUPTIBLE,
    Algorithm,
    Atomic,
    Case,
    Cell,
    Expect,
    Implementation,
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
READS: Turn = ("down_read", "up_read")
WRITES: Turn = ("down_write", "up_write")


class CountedReaders:
    """The words of one such lock, and what it does for `threads`."""

    def __init__(self, variant: str, name: str, threads: tuple[str, ...]) -> None:
        self.variant = variant
        self.refcount, self.lock = Atomic(f"{name}.refcount"), Mutex(f"{name}.lock")
        self.device_hotplug_lock = Mutex(f"{name}.device_hotplug_lock")
        self.active_writer = Cell(f"{name}.active_writer", None)
        self.tasks = {each: Task(each) for each in threads}

    @property
    def words(self) -> list[Any]:
        """All that it is made of."""
        return [
            self.refcount, self.lock, self.device_hotplug_lock, self.active_writer, self.tasks
        ]  # fmt: skip

    # --- read -------------------------------------------------------------------------------------

    @procedure
    async def down_read(self) -> None:
        """get_online_mems(): be counted, unless a writer has the mutex."""
        if self.variant != "counts-unlocked":
            await self.lock.mutex_lock()
        await self.refcount.atomic_inc()
        if self.variant != "counts-unlocked":
            await self.lock.mutex_unlock()

    @procedure
    async def up_read(self) -> None:
        """put_online_mems(): be counted no longer; the last one wakes the writer."""
        if self.variant != "puts-unlocked":
            await self.lock.mutex_lock()
        if await self.refcount.atomic_dec_and_test():
            await self.wake_writer()
        if self.variant != "puts-unlocked":
            await self.lock.mutex_unlock()

    async def wake_writer(self) -> None:
        """Wake the writer, if there is one."""
        writer = await self.active_writer.READ_ONCE()
        if writer is not None:
            await self.tasks[writer].wake_up_process()

    # --- write ------------------------------------------------------------------------------------

    @procedure
    async def down_write(self) -> None:
        """mem_hotplug_begin(): wait until nobody is counted, and keep the mutex."""
        await self.device_hotplug_lock.mutex_lock()
        if self.variant != "waits-unseen":
            await self.active_writer.WRITE_ONCE(current())
        await retry(self.wait_for_readers)
        if self.variant == "keeps-nothing":
            await self.lock.mutex_unlock()

    async def wait_for_readers(self) -> bool | None:
        """One round of the wait; True with the mutex held and nobody counted."""
        task = self.tasks[current()]
        await self.lock.mutex_lock()
        if await self.refcount.atomic_read() == 0:
            return True
        if self.variant != "state-late":
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await self.lock.mutex_unlock()
        if self.variant == "state-late":
            await task.set_current_state(TASK_UNINTERRUPTIBLE)
        await task.schedule()
        return None

    @procedure
    async def up_write(self) -> None:
        """mem_hotplug_done(): let readers and writers in."""
        await self.active_writer.WRITE_ONCE(None)
        if self.variant != "keeps-nothing":
            await self.lock.mutex_unlock()
        await self.device_hotplug_lock.mutex_unlock()


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """The old hotplug lock in place of a lock for readers and writers."""
    own = CountedReaders(variant, lock, threads)
    takes: dict[str, Method] = {"down_read": own.down_read, "down_write": own.down_write}
    lets_go: dict[str, Method] = {"up_read": own.up_read, "up_write": own.up_write}
    return Implementation(own.words, also_percpu(takes), also_percpu(lets_go))


def build(case: Case) -> System:
    """Two readers and two writers; or a writer, and readers that come for ever."""
    own = CountedReaders(case.variant, "mem_hotplug", (*READERS, *WRITERS))
    specification = Specification(RwSem("mem_hotplug"))
    operations = (own.down_read, own.up_read, own.down_write, own.up_write)
    algorithm: dict[str, Method] = {each.__name__: each for each in operations}
    if case.scenario == FOR_EVER:
        once, again = {"w0": WRITES}, dict.fromkeys(READERS, READS)
        threads = without_end(specification, algorithm, once, again)
        return System([*own.words, specification], threads, [*of_every_lock(), *live("strong")])
    return System(
        [*own.words, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for names, turn in ((READERS, READS), (WRITERS, WRITES))
            for name in names
        ],
        [*of_every_lock(), at_end("as-new", lambda s: s[own.refcount] == 0)],
    )


ALGORITHM = Algorithm(
    "hotplug_lock", "the lock of memory hotplug before v4.13", partial(make, "right")
)

MODEL = Model(
    "kernel_locks.hotplug_lock",
    "The lock of memory hotplug before v4.13",
    build,
    (ONCE, FOR_EVER),
    variants=(
        "right",
        "counts-unlocked",
        "puts-unlocked",
        "waits-unseen",
        "state-late",
        "keeps-nothing",
    ),
    expected=(
        Expect("served", "a reader comes before the last one leaves", scenarios=(FOR_EVER.name,)),
        Expect("refinement", "it comes while a writer is inside", variants=("counts-unlocked",)),
        Expect(
            "deadlock-free",
            "it is waked before it sleeps",
            scenarios=(ONCE.name,),
            variants=("puts-unlocked",),
        ),
        Expect("deadlock-free", "readers do not see that it waits", variants=("waits-unseen",)),
        Expect(
            "deadlock-free",
            "it is waked before it says so",
            scenarios=(ONCE.name,),
            variants=("state-late",),
        ),
        Expect("refinement", "readers come while it is inside", variants=("keeps-nothing",)),
    ),
)
