"""A requirement that is always false, and no property that speaks of it."""

from locking import Cell, Model, System, Thread, deadlock_free, require

x = Cell("x", 0)


async def work() -> None:
    await x.write(1)
    require(False, "never-true")
    await x.write(3)


MODEL = Model(
    "silent-require",
    "Is a failed require silent?",
    lambda _: System([x], [Thread("a", work), Thread("b", work)], [deadlock_free()]),
)
