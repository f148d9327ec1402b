"""An assertion that is always false, and no property that speaks of it."""

from locking import Cell, Model, System, Thread, deadlock_free

x = Cell("x", 0)


async def work() -> None:
    await x.write(1)
    assert await x.read() == 2, "never true"
    await x.write(3)


async def other() -> None:
    await x.read()


MODEL = Model(
    "silent-assert",
    "Is a failed assert silent?",
    lambda _: System([x], [Thread("a", work), Thread("b", other)], [deadlock_free()]),
)
