"""A barrier of which the sense is turned before the count is reset."""

from locking import (
    Atomic,
    Cell,
    Expect,
    Model,
    System,
    assertions,
    deadlock_free,
    no_misuse,
    wait_until,
    workers,
)

count, sense = Atomic("count"), Cell("sense", 0)


async def work() -> None:
    for mine in range(2):
        if await count.atomic_inc_return() == 2:
            await sense.WRITE_ONCE(1 - mine)
            await count.atomic_set(0)
        else:
            await wait_until(lambda now, mine=mine: now != mine, sense)


MODEL = Model(
    "barrier_of_two_rounds",
    "Do both come through twice?",
    lambda _: System(
        [count, sense], workers(2, work, name="t"), [assertions(), no_misuse(), deadlock_free()]
    ),
    expected=[Expect("deadlock-free", "who comes first is reset")],
)
