"""A case that never ends, for measuring liveness: workers around a lock, and one apart.

Two properties hold of it. Without fairness: every round passes the write section, or thread `apart`
takes a step. With weak fairness: thread `apart` comes to its section again and again.
"""

from locking import Cell, Model, RwSem, System, Thread, can_end, forever, no_livelock, section
from locking.model import Case

NO_FAIRNESS, WEAK_FAIRNESS = "round", "apart"
"""The properties."""


def system(workers: int, steps: int) -> System:
    """So many workers, with so many steps of their own under the lock for reading."""
    lock, shared, own = RwSem("lock"), Cell("shared", 0), Cell("own", 0)

    async def work() -> None:
        async with lock.write(), section("write"):
            await shared.WRITE_ONCE(1 - await shared.READ_ONCE())
        async with lock.read():
            for _ in range(steps):
                await shared.READ_ONCE()

    async def apart() -> None:
        async with section("apart"):
            await own.WRITE_ONCE(1)
        await own.WRITE_ONCE(2)
        await own.WRITE_ONCE(0)

    async def works() -> None:
        await forever(work)

    async def stays_apart() -> None:
        await forever(apart)

    threads = [Thread(f"w{at}", works, daemon=True) for at in range(workers)]
    return System(
        [lock, shared, own],
        [*threads, Thread("apart", stays_apart)],
        [
            no_livelock(lambda s: s.inside("write") or s.inside("apart"), NO_FAIRNESS, "none"),
            no_livelock("apart", WEAK_FAIRNESS, "weak"),
        ],
        unjudged=[can_end()],
    )


def case_of_rounds(workers: int, steps: int) -> Case:
    """The case."""
    return Model("rounds", "", lambda _: system(workers, steps)).case("only", None)
