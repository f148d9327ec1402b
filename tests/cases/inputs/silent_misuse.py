"""A misuse that ends every run, and no property that speaks of it."""

from locking import Cell, Model, Mutex, System, Thread, always, deadlock_free

x = Cell("x", 0)
m = Mutex("m")


async def work() -> None:
    await m.mutex_unlock()
    await x.write(3)


MODEL = Model(
    "silent-misuse",
    "Is a misuse silent?",
    lambda _: System(
        [x, m],
        [Thread("a", work), Thread("b", work)],
        [always("x", lambda s: s[x] == 0, "x stays"), deadlock_free()],
    ),
)
