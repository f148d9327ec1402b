"""A global variable that decides what the first step writes."""

from locking import Cell, Model, System, Thread, at_end, deadlock_free

x = Cell("x", 0)
n = 0


async def work() -> None:
    global n
    n += 1
    await x.WRITE_ONCE(n % 2)


MODEL = Model(
    "global-value",
    "?",
    lambda _: System(
        [x],
        [Thread("a", work), Thread("b", work)],
        [at_end("one", lambda s: s[x] == 1, "x is 1"), deadlock_free()],
    ),
)
