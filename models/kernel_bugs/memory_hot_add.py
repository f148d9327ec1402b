"""Memory is added while another block goes online: each holds the lock that the other needs.

add_memory() held the lock of memory hotplug when it registered the new block, which takes the lock
of the device. Who writes to a block's file in sysfs holds the lock of the device, and then needs
that of memory hotplug.

Commit: 30467e0b3be8 "mm, hotplug: fix concurrent memory hot-add deadlock", v4.1. The fix takes the
lock of memory hotplug in store_mem_state(), before that of the device. It was not all: see
`online_pages`.
Left out: what is done under the locks. The lock of memory hotplug is only taken for writing here.
"""

from locking import Case, Expect, Model, Mutex, System, Thread, deadlock_free

mem_hotplug, device_lock = Mutex("mem_hotplug"), Mutex("device_lock")


async def take(first: Mutex, second: Mutex) -> None:
    """Hold both locks."""
    async with first.hold(), second.hold():
        pass


def build(case: Case) -> System:
    """add_memory() and a write to the file `state`."""
    state = (device_lock, mem_hotplug) if case.variant == "before" else (mem_hotplug, device_lock)
    threads = [
        Thread("add_memory", take, (mem_hotplug, device_lock)),
        Thread("store_mem_state", take, state),
    ]
    return System([mem_hotplug, device_lock], threads, [deadlock_free()])


MODEL = Model(
    "kernel_bugs.memory_hot_add",
    "The lock of a block and that of memory hotplug",
    build,
    variants=("before", "after"),
    expected=(Expect("deadlock-free", "each takes its own first", variants=("before",)),),
)
