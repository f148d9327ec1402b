"""A ring of one producer and one consumer, each of which has a counter that only it moves.

The consumer takes the value out, then moves its counter. May it do so in the other order
("moves-first")? No: the counter gives the place back, and the producer may fill it before it is
read. It is the error that the libvsync set of SV-COMP plants in this algorithm. In the same way the
producer must fill the place before it moves its counter ("shows-first").

Lamport, "Specifying concurrent program modules", ACM TOPLAS 5(2), 1983.
"""

from functools import partial

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Specification,
    System,
    Thread,
    array,
    data_race_free,
    deadlock_free,
    refine,
    required,
    retry,
)
from locking.models.locks.fifo import Fifo

LENGTH, VALUES = 2, (1, 2, 3)
head, tail, ring = Atomic("head"), Atomic("tail"), array(Cell, "ring", LENGTH, 0)
specification = Specification(Fifo("queue", LENGTH))


async def enqueue(variant: str, value: int) -> bool:
    """Whether there was room for the value."""
    end = await tail.atomic_read()
    if end - await head.atomic_read_acquire() == LENGTH:
        return False
    if variant == "shows-first":
        await tail.atomic_set_release(end + 1)
    await ring[end % LENGTH].write(value)
    if variant != "shows-first":
        await tail.atomic_set_release(end + 1)
    return True


async def dequeue(variant: str) -> int | None:
    """The first value, or None if there is none."""
    start = await head.atomic_read()
    if await tail.atomic_read_acquire() == start:
        return None
    if variant == "moves-first":
        await head.atomic_set_release(start + 1)
    value: int = await ring[start % LENGTH].read()
    if variant != "moves-first":
        await head.atomic_set_release(start + 1)
    return value


async def put(variant: str, value: int) -> bool | None:
    """One round: whether the value is in the queue."""
    return await refine(specification, "enqueue", partial(enqueue, variant), value) or None


async def produce(variant: str) -> None:
    """Put every value into the queue."""
    for value in VALUES:
        await retry(put, variant, value)


async def consume(variant: str) -> None:
    """Take as many out."""
    for _ in VALUES:
        await retry(refine, specification, "dequeue", partial(dequeue, variant))


def build(case: Case) -> System:
    """A producer and a consumer of more values than fit in."""
    return System(
        [head, tail, ring, specification],
        [
            Thread("producer", produce, (case.variant,)),
            Thread("consumer", consume, (case.variant,)),
        ],
        [
            required("refinement", "users see only what a queue does"),
            data_race_free(),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "locks.spsc_queue",
    "A ring of one producer and one consumer",
    build,
    variants=("right", "moves-first", "shows-first"),
    expected=tuple(
        Expect(wrong, because, variants=(variant,))
        for variant, because in (
            ("moves-first", "the place is filled again before it is read"),
            ("shows-first", "the place is read before it is filled"),
        )
        for wrong in ("refinement", "data-race")
    ),
)
