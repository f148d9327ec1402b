"""Two loops that spin: one always ends, one may spin for ever.

`loop=lock`: a lock is spun for that its owner lets go. `loop=flag`: a flag is spun for that the
other thread raises only if it comes late enough.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Model,
    Parameter,
    System,
    Thread,
    at_end,
    deadlock_free,
    retry,
    sometimes,
)

x, y, lock = Cell("x", 0), Cell("y", 0), Atomic("lock", 1)


async def owner() -> None:
    await x.write(1)
    await lock.atomic_set(0)


async def free() -> bool | None:
    if await lock.atomic_read() != 0:
        return None
    return True if await lock.atomic_xchg(1) == 0 else None


async def spinner() -> None:
    await retry(free)
    await x.read()


async def raiser() -> None:
    if await y.READ_ONCE():
        await x.WRITE_ONCE(1)


async def raised() -> bool | None:
    return True if await x.READ_ONCE() else None


async def main() -> None:
    await y.WRITE_ONCE(1)
    await retry(raised)


def build(case: Case) -> System:
    if case.scope["loop"] == "lock":
        threads = [Thread("t0", owner), Thread("t1", spinner)]
    else:
        threads = [Thread("main", main), Thread("run", raiser)]
    return System(
        objects=[x, y, lock],
        threads=threads,
        properties=[
            deadlock_free(),
            sometimes("end", lambda s: s.finished, "both can end"),
            at_end("x-is-1", lambda s: s[x] == 1, "x is set"),
        ],
    )


MODEL = Model(
    "genmc_spin_liveness",
    "Does the loop end?",
    build,
    parameters=(Parameter("loop", "lock", "which loop", words=("lock", "flag")),),
)
