"""The only waiter of a mutex is interrupted, and the mutex is slow ever after.

A waiter sets a bit in the word of the mutex, so that the unlock takes the slow path and wakes it.
If a signal ends the wait, the waiter leaves the queue and the bit stays. No unlock clears it: each
finds the bit, takes the slow path, and finds nobody to wake.

Commit: 3a010c493271 "locking/mutex: clear MUTEX_FLAGS if wait_list is empty due to signal",
v5.13-rc.
Left out: HANDOFF, and how the waiter sleeps: it gets the lock once it is free, or a signal comes.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Spinlock,
    System,
    Thread,
    at_end,
    atomic,
    choose,
    deadlock_free,
    wait_until,
)

wait_lock, waiting = Spinlock("wait_lock"), Cell("wait_list", ())
owner, flags = Cell("owner", "owner"), Cell("flags", "-")


async def unlock() -> None:
    """mutex_unlock(): the flags stay."""
    await owner.write(None)


async def lock_interruptible(clears: bool) -> None:
    """mutex_lock_interruptible() and, if it got the lock, mutex_unlock()."""
    async with wait_lock.hold():
        await waiting.write(("waiter",))
        await flags.write("WAITERS")
    got = await choose(True, False)
    if got:
        async with atomic():
            await wait_until(lambda holder: holder is None, owner)
            await owner.write("waiter")
    async with wait_lock.hold():
        await waiting.write(())
        if got or clears:
            await flags.write("-")
    if got:
        await unlock()


def build(case: Case) -> System:
    """An owner that lets go, and one that waits until a signal comes."""
    clears = case.variant == "after"
    threads = [Thread("owner", unlock), Thread("waiter", lock_interruptible, (clears,))]
    fast = at_end("fast-again", lambda s: s[flags] == "-", "no flag is left if nobody waits")
    return System([wait_lock, waiting, owner, flags], threads, [fast, deadlock_free()])


MODEL = Model(
    "kernel_bugs.mutex_flags",
    "A bit that an interrupted waiter leaves behind",
    build,
    variants=("before", "after"),
    expected=(Expect("fast-again", "the queue is empty, the bit is set", variants=("before",)),),
)
