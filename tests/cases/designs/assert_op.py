"""A function that must be called under a lock, and a caller that does not take it."""

from locking import Expect, Model, Mutex, System, Thread, no_misuse

lock = Mutex("device_hotplug_lock")


async def begin() -> None:
    await lock.lockdep_assert_held()


async def good() -> None:
    async with lock.hold():
        await begin()


MODEL = Model(
    "assert_op",
    "Do all callers hold the lock?",
    lambda _: System([lock], [Thread("good", good), Thread("s390", begin)], [no_misuse()]),
    expected=[Expect("no-misuse", "one caller does not take it")],
)
