"""Wait queues: threads sleep until somebody wakes the queue, and look again at what they wait for.

Kernel: struct wait_queue_head, include/linux/wait.h and kernel/sched/wait.c, 5.15. Who is woken is
taken off the queue, as by autoremove_wake_function(). Left out: the state of the task, which a
queue has here for itself, so that a thread sleeps on one queue at a time (see `Tasks` for more);
bookmarks, priorities and wake functions of one's own.

An operation on the queue takes its spinlock, so all of them are ordered. So is `schedule` after the
wake-up that ended it: kernel/sched/core.c, Notes on Program-Order guarantees.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from locking.names import names_sorted
from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, FULLY_ORDERED, NO_ORDER, Order
from locking.objects.waiting import sleeps
from locking.programs.constructs import atomic, choose, procedure, retry
from locking.programs.sleeping.cancellation import Cancellation
from locking.programs.sleeping.chances import CANCELLED, WOKEN, signal_comes
from locking.programs.sleeping.giving_up import timed

T = TypeVar("T", bound=Hashable)


class Queued(NamedTuple):
    """Who is on the queue: those that every wake-up wakes, and the exclusive ones, first in front.

    The kernel wakes exclusive waiters in the order in which they came; the others have none.
    """

    shared: frozenset[str] = frozenset()
    exclusive: tuple[str, ...] = ()

    def without(self, me: str) -> "Queued":
        """The queue once `me` has left it."""
        return Queued(self.shared - {me}, tuple(each for each in self.exclusive if each != me))


def if_taken_off(taken: Any, _: tuple[Hashable, ...]) -> Order:
    """What `finish_wait` orders: nothing if it was woken, for it then takes no lock."""
    return FULLY_ORDERED if taken else NO_ORDER


class WaitQueue(Object):
    """State: who is on the queue. A thread that has been woken is not."""

    waiting_in = sleeps("schedule")

    def __init__(self, name: str) -> None:
        super().__init__(name, Queued())

    @ordered(FULLY_ORDERED)
    @operation
    def prepare_to_wait(self, state: Queued, me: str) -> Outcome:
        """Be on the queue, if not yet, so that whoever wakes it from now on ends `schedule`."""
        if me in state.shared or me in state.exclusive:
            return state, None
        return state._replace(shared=state.shared | {me}), None

    @ordered(FULLY_ORDERED)
    @operation
    def prepare_to_wait_exclusive(self, state: Queued, me: str) -> Outcome:
        """Be the last on the queue, if not on it yet, as one of those that are woken one by one."""
        if me in state.shared or me in state.exclusive:
            return state, None
        return state._replace(exclusive=(*state.exclusive, me)), None

    @ordered(ACQUIRE)
    @operation
    def schedule(self, state: Queued, me: str) -> Outcome:
        """Sleep until woken; at once for a thread that was woken since it was on the queue."""
        return WAIT if me in state.shared or me in state.exclusive else (state, None)

    @ordered(if_taken_off)
    @operation
    def finish_wait(self, state: Queued, me: str) -> Outcome:
        """Whether `me` had to leave the queue, not having been woken."""
        left = state.without(me)
        return left, left != state

    @ordered(FULLY_ORDERED)
    @operation
    def wake_up(self, state: Queued, me: str) -> Outcome:
        """Wake all that are not exclusive, and the first that is."""
        return Queued(exclusive=state.exclusive[1:]), None

    @ordered(FULLY_ORDERED)
    @operation
    def wake_up_nr(self, state: Queued, me: str, number: int) -> Outcome:
        """Wake all that are not exclusive, and the first `number` that are: all for 0."""
        if number < 0:
            return Misuse(f"{me} wakes {number} of {self.name}")
        return Queued(exclusive=state.exclusive[number:] if number else ()), None

    @ordered(FULLY_ORDERED)
    @operation
    def wake_up_all(self, state: Queued, me: str) -> Outcome:
        """Wake all."""
        return Queued(), None

    @ordered(NO_ORDER)
    @operation
    def waitqueue_active(self, state: Queued, me: str) -> Outcome:
        """Whether anybody is on the queue, looked at without its lock."""
        return state, state != Queued()

    def show(self, state: Queued) -> str:
        """Who is on the queue."""
        exclusive = (f"{each} (exclusive)" for each in state.exclusive)
        return ", ".join((*names_sorted(state.shared), *exclusive)) or "nobody"


@procedure
async def wait_event(queue: WaitQueue, condition: Callable[[], Awaitable[T]]) -> T:
    """What `condition` returns once that is true; sleep on `queue` as long as it is not.

    Kernel: wait_event() and ___wait_event(), include/linux/wait.h: look once; then again and again
    be on the queue, look, and sleep. `condition` is an `async def` that may be called often.
    """
    return await condition() or await sleep_on(queue, condition, queue.prepare_to_wait)


@procedure
async def wait_event_exclusive(queue: WaitQueue, condition: Callable[[], Awaitable[T]]) -> T:
    """What `condition` returns once that is true; sleep on `queue` as an exclusive waiter."""
    return await condition() or await sleep_on(queue, condition, queue.prepare_to_wait_exclusive)


@procedure
async def wait_event_interruptible(
    queue: WaitQueue, condition: Callable[[], Awaitable[T]]
) -> T | bool:
    """What `condition` returns once that is true, or False if a signal came first.

    Whether one does is chosen before the thread sleeps: a signal that could still come would let
    every thread go on, and none would count as one that waits for good.
    """
    return await condition() or await retry(sleep_or_leave, queue, condition)


@procedure
async def wait_event_timeout(queue: WaitQueue, condition: Callable[[], Awaitable[T]]) -> T | bool:
    """What `condition` returns when it is true or time is up, which it may be at any time."""
    found = await condition()
    if found:
        return found
    await queue.prepare_to_wait()
    return await leave(queue, condition)


async def wait_event_cancellable(
    queue: WaitQueue, condition: Callable[[], Awaitable[T]], cancellation: Cancellation
) -> T | bool:
    """What `condition` returns once that is true, or False if cancelled while it sleeps.

    As in asyncio, who need not sleep takes no notice. The kernel has no such wait; a signal is the
    nearest. Errors: `CancelledError` where the cancellation `raises`.
    """
    found = await until_cancelled(queue, condition, cancellation)
    return found if found else cancellation.told(False)


@procedure
async def until_cancelled(
    queue: WaitQueue, condition: Callable[[], Awaitable[T]], cancellation: Cancellation
) -> T | bool:
    """What `condition` returns once that is true, or False if cancelled."""
    return await condition() or await retry(sleep_or_stop, queue, condition, cancellation)


async def look_on_queue(queue: WaitQueue, condition: Callable[[], Awaitable[T]]) -> T:
    """What `condition` returns on the queue, which the thread leaves if that is true."""
    await queue.prepare_to_wait()
    found = await condition()
    if found:
        await queue.finish_wait()
    return found


async def sleep_or_stop(
    queue: WaitQueue, condition: Callable[[], Awaitable[T]], cancellation: Cancellation
) -> T | bool | None:
    """One round of a wait that a cancellation may end. None to go round again."""
    found = await look_on_queue(queue, condition)
    if found:
        return found
    async with atomic():
        cancelled = await choose(CANCELLED, WOKEN) == CANCELLED
        await (cancellation.be_cancelled() if cancelled else queue.schedule())
        if cancelled:
            await queue.finish_wait()
    return False if cancelled else None


async def sleep_on(
    queue: WaitQueue,
    condition: Callable[[], Awaitable[T]],
    prepare: Callable[[], Awaitable[None]],
) -> T:
    """What `condition` returns once that is true, having been on the queue."""
    found = await retry(look_and_sleep, queue, condition, prepare)
    await queue.finish_wait()
    return found


async def look_and_sleep(
    queue: WaitQueue,
    condition: Callable[[], Awaitable[T]],
    prepare: Callable[[], Awaitable[None]],
) -> T | None:
    """One round: be on the queue, then look, then sleep. None to go round again."""
    await prepare()
    found = await condition()
    if not found:
        await queue.schedule()
    return found or None


async def sleep_or_leave(
    queue: WaitQueue, condition: Callable[[], Awaitable[T]]
) -> T | bool | None:
    """One round of a wait that a signal may end. None to go round again."""
    found = await look_on_queue(queue, condition)
    if found:
        return found
    if await signal_comes():
        return await leave(queue, condition)
    await queue.schedule()
    return None


async def leave(queue: WaitQueue, condition: Callable[[], Awaitable[T]]) -> T | bool:
    """Sleep for a while, leave the queue, and look for the last time.

    Who wakes it now must wake another.
    """
    await timed(queue.schedule)
    await queue.finish_wait()
    return await condition() or False
