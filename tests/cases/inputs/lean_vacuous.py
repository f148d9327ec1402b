"""A condition that fails in two states; one part of it is of a section that no run enters."""

from locking import Cell, Model, System, Thread, never

x, y = Cell("x", 0), Cell("y", 0)


async def one() -> None:
    await x.WRITE_ONCE(1)
    await x.WRITE_ONCE(2)
    await x.WRITE_ONCE(3)


async def two() -> None:
    await y.WRITE_ONCE(1)


MODEL = Model(
    "lean_vacuous",
    "",
    lambda _: System(
        [x, y],
        [Thread("one", one), Thread("two", two)],
        [never("bad", lambda s: s[x] == 1 or s[x] == 2 or s.inside("nowhere"), "x is 1 or 2")],
    ),
)
