"""A lock of a flag, a mutex and a condition variable, freed by who takes it last.

`outside` signals after the mutex is let go, as reported; `inside` before.
"""

from locking import (
    Allocation,
    Case,
    Condition,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    deadlock_free,
    no_misuse,
)

mutex, cond, lock = Mutex("mut"), Condition("cond"), Allocation("lock", locked=True)


async def signal() -> None:
    await lock.locked.READ_ONCE()
    await cond.signal()


async def release(inside: bool) -> None:
    async with mutex.hold():
        await lock.locked.write(False)
        if inside:
            await signal()
    if not inside:
        await signal()


async def not_locked() -> bool:
    return not await lock.locked.read()


async def acquire_and_free() -> None:
    async with mutex.hold():
        await cond.wait_for(mutex, not_locked)
        await lock.locked.write(True)
    await lock.kfree()


def build(case: Case) -> System:
    return System(
        [mutex, cond, lock],
        [Thread("t1", release, (case.variant == "inside",)), Thread("t2", acquire_and_free)],
        [deadlock_free(), no_misuse()],
    )


MODEL = Model(
    "pypy_lock_release",
    "Is it still there?",
    build,
    variants=("outside", "inside"),
    expected=[Expect("no-misuse", "freed before it is signalled", variants=("outside",))],
)
