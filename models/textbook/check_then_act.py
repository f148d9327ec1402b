"""Check, then act: a thread looks under the lock, lets go, and acts under the lock again.

Is that safe? No: every access is locked, so there is no data race, yet what was seen may be untrue
by the time of the act. Here it is a use after free.
"""

from locking import (
    Cell,
    Expect,
    Model,
    Mutex,
    Size,
    System,
    Thread,
    data_race_free,
    require,
    required,
)

lock = Mutex("lock")
allocated = Cell("allocated", True)


async def use() -> None:
    """Use the object if it is there."""
    async with lock.hold():
        there = await allocated.read()
    if there:
        async with lock.hold():
            still = await allocated.read()
            require(still, "no-use-after-free", allocated=still)


async def free() -> None:
    """Free the object."""
    async with lock.hold():
        await allocated.write(False)


MODEL = Model(
    "textbook.check_then_act",
    "A check and an act under one lock, which is dropped in between",
    lambda _: System(
        objects=[lock, allocated],
        threads=[Thread("user", use), Thread("owner", free)],
        properties=[
            required("no-use-after-free", "an object is used only while it is there"),
            data_race_free(),
        ],
    ),
    expected=(Expect("no-use-after-free", "it is freed between check and act", steps=8),),
    size=Size(states=21, transitions=20, depth=9, interleavings=3),
)
