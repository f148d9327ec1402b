"""Two waiters that go to the back of the queue at each look; the lock is never let go."""

from locking import (
    Holding,
    Model,
    Object,
    Outcome,
    Queue,
    System,
    Thread,
    deadlock_free,
    operation,
    sometimes,
)


class Rotating(Object):
    """State: the owner, and the queue."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ("gone", ()))

    @operation
    def take(self, state: tuple, me: str) -> Outcome:
        owner, queue = state
        rest = tuple(each for each in queue if each != me)
        return ((me, rest), None) if owner is None else Queue((owner, (*rest, me)))

    @operation
    def drop(self, state: tuple, me: str) -> Outcome:
        return (None, state[1]), None

    def holders(self, state: tuple) -> tuple:
        return (Holding(state[0], "held by"),) if state[0] else ()


lock = Rotating("lock")


async def waiter() -> None:
    await lock.take()
    await lock.drop()


MODEL = Model(
    "requeue_for_ever",
    "Does anybody wait for good?",
    lambda _: System(
        [lock],
        [Thread("w1", waiter), Thread("w2", waiter)],
        [deadlock_free(), sometimes("end", lambda s: s.finished, "both can end")],
    ),
)
