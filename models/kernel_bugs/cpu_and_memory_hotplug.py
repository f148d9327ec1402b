"""Memory hotplug takes the lock of CPU hotplug last, and others take it first.

Memory hotplug held its lock for writing when stop_machine() took the lock of CPU hotplug for
reading. kmem_cache_create() takes both for reading, that of CPU hotplug first. Two readers of a
lock don't wait for each other, so it takes a third to close the circle: who plugs a CPU waits for
the one reader, and keeps the other out.

Commit: 3f906ba23689 "mm/memory-hotplug: switch locking to a percpu rwsem", v4.13. The fix takes the
lock of CPU hotplug in mem_hotplug_begin(), before the other.
Left out: the home-made locks of before, whose readers could be nested, so that lockdep saw nothing.
Both variants have the percpu_rwsems, so the order alone tells them apart. Where readers pass a
writer that waits, these three get through; the order is wrong all the same.
"""

from locking import Case, Expect, Model, PercpuRwSem, System, Thread, deadlock_free

cpu_hotplug_lock = PercpuRwSem("cpu_hotplug_lock")
mem_hotplug_lock = PercpuRwSem("mem_hotplug_lock")


async def add_memory(cpu_first: bool) -> None:
    """mem_hotplug_begin(), stop_machine(), mem_hotplug_done()."""
    memory, cpus = mem_hotplug_lock.write(), cpu_hotplug_lock.read()
    outer, inner = (cpus, memory) if cpu_first else (memory, cpus)
    async with outer, inner:
        pass


async def kmem_cache_create() -> None:
    """get_online_cpus(), then get_online_mems()."""
    async with cpu_hotplug_lock.read(), mem_hotplug_lock.read():
        pass


async def plug_cpu() -> None:
    """cpu_up()."""
    async with cpu_hotplug_lock.write():
        pass


def build(case: Case) -> System:
    """Memory is added, a cache is created, a CPU is plugged."""
    threads = [
        Thread("memory", add_memory, (case.variant == "after",)),
        Thread("cache", kmem_cache_create),
        Thread("cpu", plug_cpu),
    ]
    return System([cpu_hotplug_lock, mem_hotplug_lock], threads, [deadlock_free()])


MODEL = Model(
    "kernel_bugs.cpu_and_memory_hotplug",
    "Two hotplug locks, taken in two orders",
    build,
    variants=("before", "after"),
    expected=(Expect("deadlock-free", "a circle of three", variants=("before",)),),
)
