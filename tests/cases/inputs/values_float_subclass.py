"""A float whose `repr` rounds, so that two values look alike."""

from locking import Cell, Model, System, Thread, never, require, required


class Temp(float):
    def __repr__(self) -> str:
        return f"{float(self):.0f} deg"


x = Cell("x", 0)


async def one() -> None:
    await x.WRITE_ONCE(Temp(1.1))
    await x.WRITE_ONCE(Temp(1.4))


async def two() -> None:
    seen = await x.READ_ONCE()
    require(seen != 1.4, "not14", seen=seen)


MODEL = Model(
    "float_subclass",
    "",
    lambda _: System(
        [x],
        [Thread("one", one), Thread("two", two)],
        [never("hot", lambda s: s[x] > 1.3, "x is over 1.3"), required("not14")],
    ),
)
