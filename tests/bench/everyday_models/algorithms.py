"""Algorithms of any number of threads, in words that the library had from its first release on.

So that `tests.bench.everyday` can measure an old release and a new one on the same file.
"""

from collections.abc import Callable, Sequence
from typing import Any

from locking import (
    Atomic,
    Case,
    Cell,
    Model,
    Mutex,
    Object,
    Parameter,
    Scenario,
    System,
    Thread,
    deadlock_free,
    never_together,
    retry,
    section,
)

Work = Callable[[int], Any]
CLAIMS = (never_together("exclusion", "critical", "critical"), deadlock_free())


def all_do(work: Work, threads: int, objects: Sequence[Object]) -> System:
    """Threads that all do one thing, each with its number."""
    return System(objects, [Thread(f"t{me}", work, (me,)) for me in range(threads)], CLAIMS)


def ticket(threads: int) -> System:
    """The ticket lock."""
    tickets, serving = Atomic("tickets"), Atomic("serving")

    async def called(mine: int) -> bool | None:
        return True if await serving.atomic_read() == mine else None

    async def work() -> None:
        mine = await tickets.atomic_fetch_add(1)
        await retry(called, mine)
        async with section("critical"):
            await serving.atomic_set(mine + 1)

    made = [Thread(f"t{me}", work) for me in range(threads)]
    return System([tickets, serving], made, CLAIMS)


def mcs(threads: int) -> System:
    """The queue lock of Mellor-Crummey and Scott (1991); 0 is nobody."""
    tail = Atomic("tail")
    behind = [Cell(f"next{me}", 0) for me in range(threads)]
    waits = [Cell(f"locked{me}", False) for me in range(threads)]

    async def handed(me: int) -> bool | None:
        return None if await waits[me].READ_ONCE() else True

    async def linked(me: int) -> int | None:
        return await behind[me].READ_ONCE() or None

    async def leave(me: int) -> None:
        if not await behind[me].READ_ONCE():
            if await tail.atomic_cmpxchg(me + 1, 0) == me + 1:
                return
            await retry(linked, me)
        await waits[await behind[me].READ_ONCE() - 1].WRITE_ONCE(False)

    async def work(me: int) -> None:
        await waits[me].WRITE_ONCE(True)
        before = await tail.atomic_xchg(me + 1)
        if before:
            await behind[before - 1].WRITE_ONCE(me + 1)
            await retry(handed, me)
        async with section("critical"):
            await leave(me)

    return all_do(work, threads, [tail, *behind, *waits])


def bakery(threads: int) -> System:
    """Lamport's bakery (1974)."""
    choosing = [Cell(f"choosing{me}", False) for me in range(threads)]
    number = [Cell(f"number{me}", 0) for me in range(threads)]

    async def has_chosen(other: int) -> bool | None:
        return None if await choosing[other].READ_ONCE() else True

    async def comes_later(other: int, mine: tuple[int, int]) -> bool | None:
        its = await number[other].READ_ONCE()
        return True if its == 0 or (its, other) >= mine else None

    async def work(me: int) -> None:
        await choosing[me].WRITE_ONCE(True)
        mine = 1 + max([await each.READ_ONCE() for each in number])
        await number[me].WRITE_ONCE(mine)
        await choosing[me].WRITE_ONCE(False)
        for other in range(threads):
            await retry(has_chosen, other)
            await retry(comes_later, other, (mine, me))
        async with section("critical"):
            await number[me].WRITE_ONCE(0)

    return all_do(work, threads, [*choosing, *number])


def philosophers(threads: int) -> System:
    """Dijkstra's philosophers (1971), of whom the first takes his forks the other way round."""
    forks = [Mutex(f"fork{me}") for me in range(threads)]
    plates = [Cell(f"plate{me}", "full") for me in range(threads)]

    async def work(me: int) -> None:
        pair = [forks[me], forks[(me + 1) % threads]]
        first, second = pair if me else reversed(pair)
        async with first.hold(), second.hold():
            await plates[me].write("empty")

    made = [Thread(f"p{me}", work, (me,)) for me in range(threads)]
    return System([*forks, *plates], made, [deadlock_free()])


def readers_writers(threads: int) -> System:
    """Readers and writers of Courtois, Heymans and Parnas (1971), as many of each."""
    lock, room, count, data = Mutex("lock"), Atomic("room"), Cell("count", 0), Cell("data", 0)

    async def empty() -> bool | None:
        return None if await room.atomic_xchg(1) else True

    async def counted(change: int) -> None:
        async with lock.hold():
            now = await count.read() + change
            await count.write(now)
            if (change, now) == (1, 1):
                await retry(empty)
            if (change, now) == (-1, 0):
                await room.atomic_set(0)

    async def read() -> None:
        await counted(1)
        await data.READ_ONCE()
        await counted(-1)

    async def write() -> None:
        await retry(empty)
        async with section("critical"):
            await data.WRITE_ONCE(1)
        await room.atomic_set(0)

    made = [Thread(f"{each.__name__}{n}", each) for n in range(threads) for each in (read, write)]
    return System([lock, room, count, data], made, CLAIMS)


def barrier(threads: int) -> System:
    """A barrier that turns its sense, gone through twice."""
    count, sense = Atomic("count"), Cell("sense", 0)

    async def turned(old: int) -> bool | None:
        return None if await sense.READ_ONCE() == old else True

    async def work() -> None:
        for mine in (0, 1):
            if await count.atomic_add_return(1) == threads:
                await count.atomic_set(0)
                await sense.WRITE_ONCE(1 - mine)
            else:
                await retry(turned, mine)

    made = [Thread(f"t{me}", work) for me in range(threads)]
    return System([count, sense], made, [deadlock_free()])


BUILDS = {
    "ticket": ticket,
    "mcs": mcs,
    "bakery": bakery,
    "philosophers": philosophers,
    "readers-writers": readers_writers,
    "barrier": barrier,
}


def build(case: Case) -> System:
    """The algorithm that the scenario names, with so many threads."""
    return BUILDS[case.scenario.name](int(case.scope["threads"]))


MODEL = Model(
    "everyday",
    "Algorithms of any number of threads",
    build,
    scenarios=[Scenario(name) for name in BUILDS],
    parameters=(
        Parameter("threads", 2, "threads; of readers and writers, as many of each", most=16),
    ),
)
