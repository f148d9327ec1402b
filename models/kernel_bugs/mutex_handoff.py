"""A task that locks its mutex twice gets it twice.

A waiter at the head of the queue may ask that the lock be handed over, and then finds itself the
owner. So it took the lock as handed over whenever it was the owner. A task that locks a mutex which
it holds already waits for itself, rightly for ever. But if something wakes it, it is at the head,
asks, finds that it is the owner, and takes the lock for its own.

Commit: e274795ea7b7 "locking/mutex: Fix mutex handoff", v4.11. (What it changes is from memory.)
The fix has a bit PICKUP, which the unlock sets when it hands the lock over.
Left out: unlock, and so every way to be handed the lock: nobody unlocks here. Whether the task
waits for ever is not judged: it has to, after the fix.
"""

from locking import (
    TASK_UNINTERRUPTIBLE,
    Case,
    Cell,
    Expect,
    Model,
    System,
    Task,
    Thread,
    atomic,
    can_end,
    require,
    required,
    retry,
)

task, owner = Task("a"), Cell("owner", (None, "-"))


async def trylock(checks_pickup: bool, first: bool) -> bool:
    """__mutex_trylock(): one compare-and-exchange of the owner and the flag."""
    async with atomic():
        holder, flag = await owner.read()
        if holder is None:
            await owner.write(("a", flag))
        pickup = flag == "PICKUP" if checks_pickup else first
    return holder is None or (holder == "a" and pickup)


async def wait_once(checks_pickup: bool) -> bool | None:
    """One round: sleep; once woken, ask for the lock as the first that waits, and try."""
    await task.set_current_state(TASK_UNINTERRUPTIBLE)
    await task.schedule()
    async with atomic():
        holder, _ = await owner.read()
        await owner.write((holder, "HANDOFF"))
    return await trylock(checks_pickup, True) or None


async def lock_twice(checks_pickup: bool) -> None:
    """mutex_lock() of a mutex, and once more."""
    for turn in range(2):
        if not await trylock(checks_pickup, False):
            await retry(wait_once, checks_pickup)
        require(turn == 0, "not-recursive", turn=turn)


async def wake() -> None:
    """Wake the task for another reason."""
    await task.wake_up_process()


def build(case: Case) -> System:
    """A task that locks twice, and one that wakes it."""
    threads = [Thread("a", lock_twice, (case.variant == "after",)), Thread("waker", wake)]
    twice = required("not-recursive", "who holds the mutex does not get it again")
    return System([task, owner], threads, [twice], unjudged=[can_end()])


MODEL = Model(
    "kernel_bugs.mutex_handoff",
    "A mutex that its owner takes again",
    build,
    variants=("before", "after"),
    expected=(
        Expect("not-recursive", "it is the owner, so it was handed over", variants=("before",)),
    ),
)
