"""A semaphore with room for two, around a plain write: it excludes nobody."""

from locking import (
    WAIT,
    Cell,
    Holding,
    Model,
    Object,
    Outcome,
    System,
    Thread,
    atomic,
    data_race_free,
    operation,
)


class Semaphore(Object):
    """State: who has a place, in order; two have room."""

    @operation
    def down(self, inside: tuple[str, ...], me: str) -> Outcome:
        """Take a place, or wait."""
        return (tuple(sorted((*inside, me))), None) if len(inside) < 2 else WAIT

    @operation
    def up(self, inside: tuple[str, ...], me: str) -> Outcome:
        """Give it back."""
        return tuple(each for each in inside if each != me), None

    def holders(self, inside: tuple[str, ...]) -> tuple[Holding, ...]:
        """Who has a place."""
        return tuple(Holding(each, "place") for each in inside)


places, x = Semaphore("places", ()), Cell("x", 0)


async def work() -> None:
    async with atomic():
        await places.down()
        await x.write(1)
    await places.up()


MODEL = Model(
    "race_semaphore",
    "",
    lambda _: System([places, x], [Thread("a", work), Thread("b", work)], [data_race_free()]),
)
