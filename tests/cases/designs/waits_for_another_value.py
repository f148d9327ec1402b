"""A thread waits for a 2, and nobody writes more than a 1."""

from locking import Cell, Expect, Model, System, Thread, Verdict, at_end, deadlock_free, wait_until

flag = Cell("flag", 0)


async def waiter() -> None:
    await wait_until(lambda seen: seen == 2, flag)


async def setter() -> None:
    await flag.WRITE_ONCE(1)


MODEL = Model(
    "waits_for_another_value",
    "Is a wait seen that never ends?",
    lambda _: System(
        [flag],
        [Thread("waiter", waiter), Thread("setter", setter)],
        [at_end("end", lambda s: s[flag] == 1), deadlock_free()],
    ),
    expected=[
        Expect("deadlock-free", "nobody writes a 2"),
        Expect("end", "no run comes to its end", Verdict.UNKNOWN),
    ],
)
