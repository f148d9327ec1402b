"""Two decimals that are equal and yet print differently."""

from decimal import Decimal

from locking import Cell, Model, System, Thread, never, require, required

x = Cell("x", 0)


async def one() -> None:
    await x.WRITE_ONCE(Decimal("1.0"))
    await x.WRITE_ONCE(Decimal("1.00"))


async def two() -> None:
    seen = await x.READ_ONCE()
    require(str(seen) != "1.00", "text", seen=seen)


MODEL = Model(
    "decimal",
    "",
    lambda _: System(
        [x],
        [Thread("one", one), Thread("two", two)],
        [never("two-places", lambda s: str(s[x]) == "1.00", "x has two places"), required("text")],
    ),
)
