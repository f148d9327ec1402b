"""A ring of many producers and consumers, in which each side has two counters.

A thread claims a place by moving the head of its side, fills or empties it, and moves the tail of
its side, which the other side looks at. Before that it waits for those who claimed places before
its own. May it not wait ("moves-at-once")? No: it gives away the places of slower threads with its
own, and a consumer takes a value that is not there yet. It is the error that the libvsync set of
SV-COMP plants in this algorithm.

A producer may find no room though a value was taken out, as long as an earlier place is not given
back; so the specification lets it fail.

Source: "Ring Library", DPDK Programmer's Guide, whose ring is after buf_ring(9) of FreeBSD.
"""

from functools import partial

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Scenario,
    Specification,
    System,
    Thread,
    array,
    data_race_free,
    deadlock_free,
    refine,
    required,
    retry,
    wait_until,
)
from locking.models.locks.fifo import Fifo

LENGTH = 2
put_head, put_tail = Atomic("put_head"), Atomic("put_tail")
take_head, take_tail = Atomic("take_head"), Atomic("take_tail")
ring = array(Cell, "ring", LENGTH, 0)
specification = Specification(Fifo("queue", LENGTH), may_fail=["enqueue"])


async def claim_to_put() -> int | None:
    """One round: the place that is to be filled, or -1 if there is no room."""
    place: int = await put_head.atomic_read_acquire()
    if place - await take_tail.atomic_read_acquire() == LENGTH:
        return -1
    return place if await put_head.atomic_try_cmpxchg(place, place + 1) else None


async def claim_to_take() -> int | None:
    """One round: the place that is to be emptied, or -1 if there is none."""
    place: int = await take_head.atomic_read_acquire()
    if place == await put_tail.atomic_read_acquire():
        return -1
    return place if await take_head.atomic_try_cmpxchg(place, place + 1) else None


async def give_away(side: Atomic, place: int, variant: str) -> None:
    """Let the other side have the place, after those before it."""
    if variant != "moves-at-once":
        await wait_until(lambda now: now == place, side)
    await side.atomic_set_release(place + 1)


async def enqueue(variant: str, value: int) -> bool:
    """Whether there was room for the value."""
    place = await retry(claim_to_put)
    if place < 0:
        return False
    await ring[place % LENGTH].write(value)
    await give_away(put_tail, place, variant)
    return True


async def dequeue(variant: str) -> int | None:
    """The first value, or None if there is none."""
    place = await retry(claim_to_take)
    if place < 0:
        return None
    value: int = await ring[place % LENGTH].read()
    await give_away(take_tail, place, variant)
    return value


async def produce(variant: str, *values: int) -> None:
    """Put values into the queue, as far as there is room."""
    for value in values:
        await refine(specification, "enqueue", partial(enqueue, variant), value)


async def consume(variant: str, count: int) -> None:
    """Take so many values out, as far as there are any."""
    for _ in range(count):
        await refine(specification, "dequeue", partial(dequeue, variant))


PRODUCERS = Scenario("producers", "two producers of a value each, and a consumer")
CONSUMERS = Scenario("consumers", "a producer of more values than fit in, and two consumers")


def build(case: Case) -> System:
    """Two of one side, and one of the other."""
    two = case.scenario == PRODUCERS
    values: list[tuple[int, ...]] = [(1,), (2,)] if two else [(1, 2, 3)]
    counts = [2] if two else [1, 1]
    threads = [
        *(Thread(f"p{at}", produce, (case.variant, *each)) for at, each in enumerate(values)),
        *(Thread(f"c{at}", consume, (case.variant, each)) for at, each in enumerate(counts)),
    ]
    return System(
        [put_head, put_tail, take_head, take_tail, ring, specification],
        threads,
        [
            required("refinement", "users see only what a queue does"),
            data_race_free(),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "locks.mpmc_queue",
    "A ring of many producers and consumers",
    build,
    (PRODUCERS, CONSUMERS),
    variants=("right", "moves-at-once"),
    expected=tuple(
        Expect(wrong, "a place is given away too early", variants=("moves-at-once",))
        for wrong in ("refinement", "data-race")
    ),
)
