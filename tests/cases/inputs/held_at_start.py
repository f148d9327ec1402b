"""A lock that is held at the start by somebody who is no thread."""

from locking import Model, Mutex, System, Thread, deadlock_free

lock = Mutex("lock")


async def work() -> None:
    async with lock.hold():
        pass


MODEL = Model(
    "held_at_start",
    "",
    lambda _: System([lock], [Thread("a", work)], [deadlock_free()], {lock: "firmware"}),
)
