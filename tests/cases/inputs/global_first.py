"""A global variable that a thread changes in front of its first step."""

from locking import Cell, Model, System, Thread, deadlock_free

x = Cell("x", 0)
n = 0


async def work() -> None:
    global n
    n += 1
    await x.write(n)


MODEL = Model(
    "global-state",
    "?",
    lambda _: System([x], [Thread("a", work), Thread("b", work)], [deadlock_free()]),
)
