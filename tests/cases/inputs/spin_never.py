"""A counter with a goal that is never reached."""

from locking import Atomic, Model, System, Thread, at_end, deadlock_free, retry

total = Atomic("total")


async def count(times: int) -> None:
    for _ in range(times):
        await total.atomic_inc()


async def arrived(goal: int) -> int | None:
    seen = await total.atomic_read()
    return seen if seen >= goal else None


async def wait(goal: int) -> None:
    await retry(arrived, goal)


MODEL = Model(
    "spin_never",
    "Is 5 ever reached?",
    lambda _: System(
        [total],
        [Thread("one", count, (2,)), Thread("other", count, (2,)), Thread("waiter", wait, (5,))],
        [at_end("sum", lambda s: s[total] == 4, "every addition counts"), deadlock_free()],
    ),
)
