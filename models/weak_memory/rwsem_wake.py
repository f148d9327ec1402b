"""A writer leaves, sees a spinner that has just given up spinning, and wakes nobody.

Who leaves an rwsem takes itself out of the count, and wakes a waiter if the count says that there
is one. If somebody spins for the lock, that one may have it instead: then a wake-up is only tried.
A spinner that gives up says so first and then counts itself as a waiter. So whoever sees it in the
count must see that it spins no more. But a processor may load whether somebody spins before the
count, and nothing kept the two in order.

Commit: 9c29c31830a4 "locking/rwsem-xadd: Fix missed wakeup due to reordering of load", 2017. The
fix is a read barrier. Kernel: rwsem_wake() and __rwsem_down_write_failed_common(),
kernel/locking/rwsem-xadd.c (v4.19).
Left out: all but one owner and one waiter, which spins at first. That it sleeps is one wait.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Spinlock,
    System,
    Thread,
    deadlock_free,
    smp_rmb,
    wait_until,
)

WRITER, WAITING = 1, -8

count = Atomic("count", WRITER)
spins, woken, wait_lock = Cell("osq", True), Cell("woken", False), Spinlock("wait_lock")


async def up_write(fixed: bool) -> None:
    """Leave; if somebody waits, wake it."""
    if await count.atomic_sub_return_release(WRITER) < 0:
        await rwsem_wake(fixed)


async def rwsem_wake(fixed: bool) -> None:
    """Wake the waiter, unless a spinner is there and the lock of the queue is not to be had."""
    if fixed:
        await smp_rmb()
    if not await spins.READ_ONCE():
        await wait_lock.spin_lock()
    elif not await wait_lock.spin_trylock():
        return
    await woken.WRITE_ONCE(True)
    await wait_lock.spin_unlock()


async def down_write_failed() -> None:
    """Give up spinning, queue up, and sleep unless nobody has the lock any more."""
    await spins.smp_store_release(False)
    await wait_lock.spin_lock()
    found = await count.atomic_add_return(WAITING)
    await wait_lock.spin_unlock()
    if found != WAITING:
        await wait_until(lambda is_woken: is_woken, woken)


def build(case: Case) -> System:
    """The owner that leaves, and a spinner that gives up."""
    threads = [
        Thread("owner", up_write, (case.variant == "after",)),
        Thread("waiter", down_write_failed),
    ]
    return System([count, spins, woken, wait_lock], threads, [deadlock_free()])


MODEL = Model(
    "weak_memory.rwsem_wake",
    "A writer that looks for spinners before it looks at the count",
    build,
    variants=("before", "after"),
    expected=(
        Expect(
            "deadlock-free",
            "the load of the spinner is not ordered behind that of the count",
            variants=("before",),
            scope={"memory": ("lkmm",)},
        ),
    ),
)
