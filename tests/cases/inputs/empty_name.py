"""A thread that takes a lock and ends; its name is empty, or `x`."""

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Parameter,
    System,
    Thread,
    deadlock_free,
    no_misuse,
)

lock, x = Mutex("lock"), Cell("x", 0)


async def keep() -> None:
    await lock.mutex_lock()


async def want() -> None:
    await lock.mutex_lock()
    await lock.mutex_unlock()


def build(case: Case) -> System:
    name = "" if case.scope["name"] == "empty" else "x"
    threads = [Thread(name, keep), Thread("want", want)]
    return System([lock], threads, [deadlock_free(), no_misuse()])


MODEL = Model(
    "empty_name", "", build, parameters=(Parameter("name", "empty", "", words=("empty", "x")),)
)
