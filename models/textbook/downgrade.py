"""Downgrade: a writer goes on as a reader.

Does what it wrote still stand when it reads? With `up_write` and then `down_read` it may not:
another writer fits into the gap. With `downgrade_write` there is no gap, because the lock is never
let go.
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    RwSem,
    Scenario,
    System,
    Thread,
    data_race_free,
    require,
    required,
)

lock = RwSem("lock")
value = Cell("value", "nobody's")


async def with_gap(mine: str) -> None:
    """Write, let go, and read."""
    async with lock.write():
        await value.write(mine)
    async with lock.read():
        await read(mine)


async def downgrading(mine: str) -> None:
    """Write, downgrade, and read."""
    await lock.down_write()
    await value.write(mine)
    await lock.downgrade_write()
    await read(mine)
    await lock.up_read()


async def read(mine: str) -> None:
    """See what was written."""
    seen = await value.read()
    require(seen == mine, "unchanged", seen=seen, mine=mine)


def build(case: Case) -> System:
    """Two threads that do the same, each with a value of its own."""
    program = {"gap": with_gap, "downgrade": downgrading}[case.scenario.name]
    return System(
        objects=[lock, value],
        threads=[Thread("first", program, ("mine",)), Thread("second", program, ("yours",))],
        properties=[
            required("unchanged", "a thread reads what it wrote itself"),
            data_race_free(),
        ],
    )


MODEL = Model(
    "textbook.downgrade",
    "A write lock that becomes a read lock, with a gap and without",
    build,
    scenarios=(
        Scenario("gap", "up_write, then down_read"),
        Scenario("downgrade", "downgrade_write"),
    ),
    expected=(Expect("unchanged", "another writer enters the gap", scenarios=("gap",), steps=8),),
)
