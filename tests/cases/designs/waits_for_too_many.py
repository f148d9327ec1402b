"""Two threads count to two each, and one waits for a fifth."""

from locking import (
    Atomic,
    Expect,
    Model,
    System,
    Thread,
    Verdict,
    at_end,
    data_race_free,
    deadlock_free,
    wait_until,
    workers,
)

total = Atomic("total")


async def count() -> None:
    await total.atomic_inc()
    await total.atomic_inc()


async def wait() -> None:
    await wait_until(lambda seen: seen >= 5, total)


MODEL = Model(
    "waits_for_too_many",
    "Does the wait end?",
    lambda _: System(
        [total],
        [*workers(2, count), Thread("waiter", wait)],
        [
            at_end("sum", lambda s: s[total] == 4, "every addition counts"),
            deadlock_free(),
            data_race_free(),
        ],
    ),
    expected=[
        Expect("deadlock-free", "there are four"),
        Expect("sum", "no run comes to its end", Verdict.UNKNOWN),
    ],
)
