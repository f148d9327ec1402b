"""A cell and a thread of one name, both of which a condition looks at."""

from locking import Cell, Model, System, Thread, at_end

x, a = Cell("x", 0), Cell("a", 0)


async def work() -> None:
    await x.WRITE_ONCE(1)
    await a.WRITE_ONCE(1)


MODEL = Model(
    "same_name",
    "Is the value shown?",
    lambda _: System(
        [x, a],
        [Thread("a", work)],
        [at_end("differ", lambda s: not (s[x] == 1 and s[a] == 1), "x and a differ")],
    ),
)
