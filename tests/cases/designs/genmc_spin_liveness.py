"""Two waits, of which one always ends: which verdict tells it from the one that may not.

`lock`: a lock is waited for that its owner lets go. `flag`: a flag is waited for that the other
thread raises only if it comes late enough.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    System,
    Thread,
    assertions,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    sometimes,
    wait_until,
)

x, y, lock = Cell("x", 0), Cell("y", 0), Atomic("lock", 1)


async def owner() -> None:
    await x.write(1)
    await lock.atomic_set(0)


async def spinner() -> None:
    async with atomic():
        await wait_until(lambda taken: not taken, lock)
        await lock.atomic_set(1)
    assert await x.read() == 1


async def raiser() -> None:
    if await y.READ_ONCE():
        await x.WRITE_ONCE(1)


async def main() -> None:
    await y.WRITE_ONCE(1)
    await wait_until(bool, x)


def build(case: Case) -> System:
    programs = (owner, spinner) if case.variant == "lock" else (main, raiser)
    return System(
        [x, y, lock],
        [Thread(program.__name__, program) for program in programs],
        [
            deadlock_free(),
            assertions(),
            data_race_free(),
            sometimes("end", lambda s: s.finished, "both can end"),
            at_end("x-is-1", lambda s: s[x] == 1, "x is set"),
        ],
    )


MODEL = Model(
    "genmc_spin_liveness",
    "Does the wait end?",
    build,
    variants=("lock", "flag"),
    expected=[Expect("deadlock-free", "the raiser looks too early", variants=("flag",))],
)
