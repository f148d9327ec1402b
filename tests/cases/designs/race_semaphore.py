"""Two places round a write: a semaphore of two keeps nobody out."""

from locking import Cell, Expect, Model, Semaphore, System, atomic, data_race_free, workers

places, x = Semaphore("places", 2), Cell("x", 0)


async def work() -> None:
    async with atomic():
        await places.down()
        await x.write(1)
    await places.up()


MODEL = Model(
    "race_semaphore",
    "Does a semaphore of two exclude?",
    lambda _: System([places, x], workers(2, work), [data_race_free()]),
    expected=[Expect("data-race", "both are inside")],
)
