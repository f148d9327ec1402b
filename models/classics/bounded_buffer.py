"""The bounded buffer: producers wait for room, consumers for items, under one lock.

Does every item arrive once? Yes, with a condition for each kind of waiter and a loop round each
wait. A signal does not hand the lock over: another may come first and use up what was signalled, so
who wakes up has to look again. One condition for both kinds is wrong too, as long as a signal
wakes a single thread: it may be of the wrong kind, goes back to sleep, and the signal is used up.

Dijkstra, Cooperating sequential processes (1965); with conditions: Lampson and Redell, Experience
with processes and monitors in Mesa (1980).
"""

from collections.abc import Awaitable, Callable

from locking import (
    Case,
    Cell,
    Condition,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    at_end,
    data_race_free,
    deadlock_free,
)

lock, place, taken = Mutex("lock"), Cell("place", None), Cell("taken", ())
changed, not_full, not_empty = map(Condition, ("changed", "not_full", "not_empty"))


async def is_empty() -> bool:
    return await place.read() is None


async def is_full() -> bool:
    return await place.read() is not None


async def wait(variant: str, condition: Condition, ready: Callable[[], Awaitable[bool]]) -> None:
    if variant != "if":
        await condition.wait_for(lock, ready)
    elif not await ready():
        await condition.wait(lock)


async def put(variant: str, room: Condition, made: Condition, item: str) -> None:
    async with lock.hold():
        await wait(variant, room, is_empty)
        await place.write(item)
        await made.signal()


async def get(variant: str, room: Condition, made: Condition) -> None:
    async with lock.hold():
        await wait(variant, made, is_full)
        await taken.write((*await taken.read(), await place.read()))
        await place.write(None)
        await room.signal()


def build(case: Case) -> System:
    used = (changed, changed) if case.variant == "one-condition" else (not_full, not_empty)
    makers = [Thread(f"p{n}", put, (case.variant, *used, f"item {n}")) for n in (1, 2)]
    takers = [Thread(f"c{n}", get, (case.variant, *used)) for n in (1, 2)]
    arrived = at_end("no-lost-item", lambda s: {*s[taken]} == {"item 1", "item 2"})
    objects = [lock, place, changed, not_full, not_empty, taken]
    return System(objects, [*makers, *takers], [arrived, deadlock_free(), data_race_free()])


MODEL = Model(
    "classics.bounded_buffer",
    "A buffer of one place, with condition variables",
    build,
    variants=("right", "if", "one-condition"),
    expected=(
        Expect("no-lost-item", "a consumer that was woken finds nothing", variants=("if",)),
        Expect("deadlock-free", "it wakes one of its own kind", variants=("one-condition",)),
    ),
)
