"""A requirement that fails behind a loop which does not end for results that no run has."""

from locking import Cell, Model, System, Thread, require, required

x, y = Cell("x", 0), Cell("y", 0)


async def writer() -> None:
    for value in (3, 5):
        await y.WRITE_ONCE(value)
        await x.WRITE_ONCE(value)


async def reader() -> None:
    low = await x.READ_ONCE()
    high = await y.READ_ONCE()
    while low != high:
        low += 1
    require(await x.READ_ONCE() <= high, "fresh")


MODEL = Model(
    "hang_diagnosis",
    "",
    lambda _: System(
        [x, y], [Thread("writer", writer), Thread("reader", reader)], [required("fresh")]
    ),
)
