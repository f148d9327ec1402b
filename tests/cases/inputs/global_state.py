"""A global variable changed in front of the first step, and properties of what is written."""

from locking import Cell, Model, System, Thread, always, at_end, deadlock_free

x = Cell("x", 0)
n = 0


async def work() -> None:
    global n
    n += 1
    await x.write(n)


MODEL = Model(
    "global-state",
    "?",
    lambda _: System(
        [x],
        [Thread("a", work), Thread("b", work)],
        [
            always("small", lambda s: s[x] <= 2, "at most two"),
            at_end("two", lambda s: s[x] == 2, "x is 2"),
            deadlock_free(),
        ],
    ),
)
