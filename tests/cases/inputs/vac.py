"""A fix after which no run comes to the requirement."""

from locking import Cell, Model, Scenario, System, Thread, deadlock_free, require, required

online = Cell("online", False)


async def walker(fixed):
    if not fixed or await online.READ_ONCE():
        zone = await online.READ_ONCE()
        require(zone, "good")


MODEL = Model(
    "vac",
    "?",
    lambda c: System(
        [online],
        [Thread("w", walker, (c.scenario.name == "after",))],
        [required("good", "?"), deadlock_free()],
    ),
    scenarios=(Scenario("before", ""), Scenario("after", "")),
)
