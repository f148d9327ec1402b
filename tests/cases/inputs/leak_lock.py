"""A thread that returns early with the mutex held, for which nobody waits."""

from locking import (
    Cell,
    Model,
    Mutex,
    System,
    Thread,
    assertions,
    data_race_free,
    deadlock_free,
    no_misuse,
)

x, m = Cell("x", 0), Mutex("m")


async def first() -> None:
    async with m.hold():
        await x.write(1)


async def second() -> None:
    await m.mutex_lock()
    if await x.read() == 1:
        return  # forgets mutex_unlock
    await m.mutex_unlock()


MODEL = Model(
    "leak-lock",
    "Is a lock seen that is never let go?",
    lambda _: System(
        [x, m],
        [Thread("first", first), Thread("second", second)],
        [assertions(), no_misuse(), data_race_free(), deadlock_free()],
    ),
)
