"""Lost update: two threads add one to a counter, by a load and a store.

Is the sum always two? No: both may load before either stores, and then one of the additions is
lost. The load and the store are a data race as well, which shows earlier.
"""

from locking import Cell, Expect, Model, Size, System, Thread, at_end, data_race_free

counter = Cell("counter", 0)


async def add_one() -> None:
    """`counter++`, as a compiler sees it."""
    seen = await counter.read()
    await counter.write(seen + 1)


MODEL = Model(
    "textbook.lost_update",
    "A counter, incremented without a lock",
    lambda _: System(
        objects=[counter],
        threads=[Thread("first", add_one), Thread("second", add_one)],
        properties=[
            at_end("sum", lambda s: s[counter] == 2, "both additions count"),
            data_race_free(),
        ],
    ),
    expected=(
        Expect("sum", "both load the counter before either stores it", steps=4),
        Expect("data-race", "one stores while the other is about to load", steps=1),
    ),
    size=Size(states=13, transitions=14, depth=4, interleavings=6),
)
