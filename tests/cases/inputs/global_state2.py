"""A global variable that a thread changes behind a read, and a property of what it writes."""

from locking import Cell, Model, System, Thread, always, deadlock_free

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
    lambda _: System(
        [x],
        [Thread("a", work), Thread("b", work)],
        [always("small", lambda s: s[x] <= 2, "at most two"), deadlock_free()],
    ),
)
