"""A race whose atomic block is at place 0 of a thread that ends."""

from locking import Cell, Model, System, Thread, atomic, data_race_free

c, flag, other = Cell("c", 1), Cell("flag", 0), Cell("other", 0)


async def x() -> None:
    async with atomic():
        await c.write(1)
    await flag.WRITE_ONCE(1)


async def y() -> None:
    if not await flag.READ_ONCE():
        for _ in range(3):
            await other.READ_ONCE()
    await c.write(2)


MODEL = Model(
    "race_place_zero2",
    "",
    lambda _: System([c, flag, other], [Thread("x", x), Thread("y", y)], [data_race_free()]),
)
