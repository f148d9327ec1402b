"""Condition variables: a thread lets go of a lock and sleeps until another signals.

POSIX: pthread_cond_wait(3p), pthread_cond_broadcast(3p). Java: Condition, Object.wait. Mesa:
Lampson and Redell, Experience with processes and monitors in Mesa (1980). A signal only wakes:
others may have the lock before the thread that was woken. Hoare's monitors hand it over; that is
left out.

A condition variable is an object beside the lock, as in POSIX. So one lock has as many as it needs,
the lock is a `Mutex` or a `Spinlock` like any other, and what a thread waits for has a name of its
own. That letting go and falling asleep are one step is said by an atomic block over both.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from locking.objects.exclusive import Spinlock
from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import NO_ORDER
from locking.objects.rules import Ruled
from locking.objects.sleepers import Sleepers
from locking.objects.waiting import sleeps
from locking.programs.constructs import atomic, choose, retry
from locking.programs.sleeping.cancellation import Cancellation
from locking.programs.sleeping.chances import (
    CANCELLED,
    TIME,
    WOKEN,
    sleep_ends,
    wakes_for_nothing,
)
from locking.programs.sleeping.mutex import Mutex

T = TypeVar("T", bound=Hashable)


class Condition(Object):
    """State: who sleeps, and how many of them are to be woken.

    A signal wakes any one of those that sleep when it is sent, or with `fifo=True` the one that has
    slept longest; if nobody sleeps, it is lost. Being woken orders nothing: a thread may wake up
    for nothing, so only the lock orders what it sees.

    With `spurious=True` every `wait` may also wake up for nothing. Whether one does is chosen when
    it begins, for a thread that could still do so would never count as one that waits for good.
    """

    spurious = Ruled(spurious=True, never_spurious=False)
    fifo = Ruled(any=False, fifo=True)
    waiting_in = sleeps("wake_up", "time_out")

    def __init__(self, name: str, spurious: bool = False, fifo: bool = False) -> None:
        super().__init__(name, Sleepers())
        self.spurious = spurious
        self.fifo = fifo

    @ordered(NO_ORDER)
    @operation
    def fall_asleep(self, state: Sleepers, me: str) -> Outcome:
        """Be among those that a signal may wake; a part of `wait`."""
        if me in state.asleep or me in state.woken:
            return Misuse(f"{me} falls asleep on {self.name}, where it sleeps already")
        return state.falls_asleep(me, in_line=self.fifo), None

    @ordered(NO_ORDER)
    @operation
    def wake_up(self, state: Sleepers, me: str) -> Outcome:
        """Leave, having been woken; a part of `wait`."""
        left = state.leaves(me)
        return WAIT if left is None else (left, None)

    @ordered(NO_ORDER)
    @operation
    def time_out(self, state: Sleepers, me: str) -> Outcome:
        """Leave, not having been woken; a part of `timedwait` and `cancellable_wait`."""
        return WAIT if me in state.woken else (state.gives_up(me), None)

    @ordered(NO_ORDER)
    @operation
    def signal(self, state: Sleepers, me: str) -> Outcome:
        """Wake one thread, if any sleeps."""
        return state.wake(1), None

    @ordered(NO_ORDER)
    @operation
    def broadcast(self, state: Sleepers, me: str) -> Outcome:
        """Wake every thread that sleeps."""
        return state.wake(len(state.asleep)), None

    async def wait(self, lock: Mutex | Spinlock) -> None:
        """Let go of `lock` and sleep, in one step; once woken, have it again.

        Not to hold the lock is a misuse. It is waited for in the step that wakes up: nobody sees a
        thread that is woken and has not asked for its lock yet.
        """
        if self.spurious and await wakes_for_nothing():
            await lock.hold().release()
            await lock.hold().acquire()
            return
        await self.let_go_and_sleep(lock)
        async with atomic():
            await self.wake_up_with(lock)

    async def timedwait(self, lock: Mutex | Spinlock) -> bool:
        """True once woken, or False at any time; either way with `lock` held again.

        Who was woken does not time out: its wake-up would be lost to others. Who has timed out
        still waits for the lock: what it waited for may come before it has that.
        """
        await self.let_go_and_sleep(lock)
        async with atomic():
            woken = not await sleep_ends(TIME, WOKEN)
            await (self.wake_up_with(lock) if woken else self.time_out())
        if not woken:
            await lock.hold().acquire()
        return woken

    async def cancellable_wait(self, lock: Mutex | Spinlock, cancellation: Cancellation) -> bool:
        """True once woken, or False if cancelled; either way with `lock` held again.

        Python: asyncio's Condition.wait(). Who was woken learns later that it is cancelled. Errors:
        `CancelledError`, with `lock` held, where the cancellation `raises`.
        """
        await self.let_go_and_sleep(lock)
        async with atomic():
            woken = await choose(CANCELLED, WOKEN) == WOKEN
            if not woken:
                await cancellation.be_cancelled()
            await (self.wake_up_with(lock) if woken else self.time_out())
        if not woken:
            await lock.hold().acquire()
        return cancellation.told(woken)

    async def let_go_and_sleep(self, lock: Mutex | Spinlock) -> None:
        """Sleep, and let go of `lock`, with nothing between."""
        async with atomic():
            await self.fall_asleep()
            await lock.hold().release()

    async def wake_up_with(self, lock: Mutex | Spinlock) -> None:
        """Leave, having been woken, and have `lock` again; to be awaited in one step."""
        await self.wake_up()
        await lock.hold().acquire()

    async def wait_for(self, lock: Mutex | Spinlock, predicate: Callable[[], Awaitable[T]]) -> T:
        """What `predicate` returns once that is true; `wait` as long as it is not.

        It is an `async def` that reads what `lock` protects. This is the loop round `wait` that
        every use needs, so written that rounds leave nothing behind.
        """
        return await retry(self.attempt, lock, predicate)

    async def attempt(
        self, lock: Mutex | Spinlock, predicate: Callable[[], Awaitable[T]]
    ) -> T | None:
        """One round of `wait_for`."""
        found = await predicate()
        if found:
            return found
        await self.wait(lock)
        return None

    def show(self, state: Sleepers) -> str:
        """Who sleeps, and who is woken."""
        return state.show()
