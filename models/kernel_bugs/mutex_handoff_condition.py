"""A waiter asks once for the lock to be handed over, and is passed over for ever after.

A waiter that is first in the queue sets HANDOFF, so that the next unlock gives it the lock. It may
do so while the mutex is free. Then another task that tries the lock gets it, and clears the bit.
The waiter sleeps again, and never sets it a second time, since it was the first already.

Commit: 048661a1f963 "locking/mutex: Fix HANDOFF condition", v5.15. The fix asks each time, and in
one step with the look at the owner: HANDOFF is set only while another has the lock. The run is
deduced from the code; no report of it was found.
Left out: wait_lock, for there is a single waiter; PICKUP, for nobody locks twice; spinning: those
that pass the waiter just try once. That they pass it for ever is not judged, but that it sleeps
for the second time as the first in the queue, and nobody will hand it the lock.
"""

from locking import (
    TASK_UNINTERRUPTIBLE,
    Again,
    Case,
    Cell,
    Expect,
    Model,
    System,
    Task,
    Thread,
    atomic,
    deadlock_free,
    require,
    required,
    retry_with,
)

task, owner = Task("waiter"), Cell("owner", ("owner", "-"))


async def trylock(me: str, asks: bool = False) -> tuple[bool, str]:
    """__mutex_trylock(): who gets the lock clears HANDOFF, who `asks` in vain sets it."""
    async with atomic():
        holder, flag = await owner.read()
        got = holder in (None, me)
        flag = "-" if got else "HANDOFF" if asks else flag
        if got or asks:
            await owner.write((me if got else holder, flag))
    return got, flag


async def unlock() -> None:
    """Hand the lock over if somebody asked, else let it go; wake the waiter."""
    async with atomic():
        _, flag = await owner.read()
        await owner.write(("waiter" if flag == "HANDOFF" else None, "-"))
    await task.wake_up_process()


async def steal(me: str) -> None:
    """Try the lock once, with no look at the queue."""
    got, _ = await trylock(me)
    if got:
        await unlock()


async def wait_once(turns: int, fixed: bool) -> bool | Again[int]:
    """One round; `turns` are the rounds in which the waiter was the first."""
    await task.set_current_state(TASK_UNINTERRUPTIBLE)
    got, flag = await trylock("waiter", asks=fixed and turns > 0)
    if got:
        return True
    require(turns < 2 or flag == "HANDOFF", "promised", turns=turns, flag=flag)
    await task.schedule()
    if turns == 0 and not fixed:
        async with atomic():
            holder, _ = await owner.read()
            await owner.write((holder, "HANDOFF"))
    return Again(min(turns + 1, 2))


def build(case: Case) -> System:
    """An owner that lets go, one who waits, and two who try."""
    threads = [Thread("owner", unlock), *(Thread(each, steal, (each,)) for each in ("s1", "s2"))]
    threads.append(Thread("waiter", retry_with, (0, wait_once, case.variant == "after")))
    promised = required("promised", "a first waiter that sleeps again will be handed the lock")
    return System([task, owner], threads, [promised, deadlock_free()])


MODEL = Model(
    "kernel_bugs.mutex_handoff_condition",
    "A waiter that asks for the lock only once",
    build,
    variants=("before", "after"),
    expected=(Expect("promised", "it asked while the lock was free", variants=("before",)),),
)
