"""A global variable that a thread changes behind a read."""

from locking import Cell, Model, System, Thread, deadlock_free

x = Cell("x", 0)
n = 0


async def work() -> None:
    global n
    await x.read()
    n += 1
    await x.write(n)


MODEL = Model(
    "global-state2",
    "?",
    lambda _: System([x], [Thread("a", work), Thread("b", work)], [deadlock_free()]),
)
