"""Counting semaphores: so many may come in, and each that leaves lets another in.

Dijkstra's P and V. Kernel: struct semaphore, kernel/locking/semaphore.c. POSIX: sem_wait(3p). Java:
Semaphore. Left out: the list of waiters. The kernel lets the first in, POSIX and Java promise no
order; here any waiter may be next, or a thread that did not wait, which covers every order.

Nobody owns a semaphore: any thread may let another in. So it has no holders.
"""

from collections.abc import Hashable
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import WAIT, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE, Order
from locking.objects.waiting import sleeps
from locking.programs.sleeping.giving_up import interruptible, timed


def if_let_in(let_in: Any, _: tuple[Hashable, ...]) -> Order:
    """What an attempt orders: an acquire if it succeeded."""
    return ACQUIRE if let_in else NO_ORDER


class Counting(Object):
    """The rule of both. State: how many may still come in. Errors: `ModelError` for under 0."""

    def __init__(self, name: str, count: int = 0) -> None:
        super().__init__(name, count)
        if count < 0:
            raise ModelError(f"semaphore {name!r}: it starts at {count}; write 0 or more")

    def enter(self, count: int, me: str) -> Outcome:
        """One fewer may come in, or wait."""
        return (count - 1, None) if count else WAIT

    def try_enter(self, count: int, me: str) -> Outcome:
        """True with one fewer, or False at once."""
        return (count - 1, True) if count else (count, False)

    def leave(self, count: int, me: str) -> Outcome:
        """One more may come in."""
        return count + 1, None

    def show(self, state: int) -> str:
        """How many may come in."""
        return f"{state} may pass"


class Semaphore(Counting):
    """The kernel's. Its `down_trylock` returns 0 for success; here True is, as of every lock."""

    waiting_in = sleeps("down")

    down = ordered(ACQUIRE)(operation(Counting.enter))
    down_trylock = ordered(if_let_in)(operation(Counting.try_enter))
    up = ordered(RELEASE)(operation(Counting.leave))

    async def down_interruptible(self) -> bool:
        """True having come in, or False if a signal came first, which it may at any time."""
        return await interruptible(self.down)

    async def down_killable(self) -> bool:
        """True having come in, or False if the thread was killed, which it may be at any time."""
        return await interruptible(self.down)

    async def down_timeout(self) -> bool:
        """True having come in, or False at any time while nobody may."""
        return await timed(self.down)


class PosixSemaphore(Counting):
    """POSIX's sem_t. At most `limit` may come in, if there is one: SEM_VALUE_MAX of POSIX.

    Errors: `ModelError` where it starts above that, too.
    """

    def __init__(self, name: str, count: int = 0, limit: int | None = None) -> None:
        super().__init__(name, count)
        if limit is not None and count > limit:
            raise ModelError(f"semaphore {name!r}: it starts at {count}, above its limit {limit}")
        self.limit = limit

    waiting_in = sleeps("sem_wait")

    sem_wait = ordered(ACQUIRE)(operation(Counting.enter))
    sem_trywait = ordered(if_let_in)(operation(Counting.try_enter))

    @ordered(RELEASE)
    @operation
    def sem_post(self, count: int, me: str) -> Outcome:
        """One more may come in; at the limit nothing changes, as where EOVERFLOW is not looked at.

        So does k_sem_give() of Zephyr, kernel/sem.c.
        """
        return self.leave(count, me) if count != self.limit else (count, None)

    @ordered(NO_ORDER)
    @operation
    def sem_getvalue(self, count: int, me: str) -> Outcome:
        """How many may come in now."""
        return count, count

    async def sem_timedwait(self) -> bool:
        """True having come in, or False at any time while nobody may."""
        return await timed(self.sem_wait)
