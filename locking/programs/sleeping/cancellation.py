"""Cancellation: one thread makes another stop waiting, wherever that waits.

Python: asyncio's Task.cancel(), whose CancelledError is raised at the await at which the task is
suspended. Java: Thread.interrupt(), lockInterruptibly(). A wait that is ended is False, or raises
`CancelledError`, as those do, with `raises=True`. It is told once, and two of them before that are
one. Left out: scopes and tokens that stay cancelled (Trio, C#, Go), and what others learn of a
thread that was cancelled: who joins it just goes on.

Java orders what was done before the interrupt before its detection (JLS 17.4.4), as asyncio's one
thread does.
"""

from collections.abc import Callable, Hashable

from locking.objects.operation import WAIT, Object, Operation, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, RELEASE
from locking.objects.passing import if_passed
from locking.objects.waiting import sleeps
from locking.programs.constructs import CancelledError, atomic, choose
from locking.programs.sleeping.chances import CANCELLED, GOT
from locking.programs.sleeping.giving_up import (
    asking_for,
    keeps_queue,
    leaving,
    not_yet_awaited,
    took,
)


class Cancellation(Object):
    """How one thread is cancelled. State: whether it was asked to stop, and does not know it yet.

    A thread that waits otherwise than by `wait` and `checkpoint` takes no notice. With
    `raises=True` a wait that is ended raises `CancelledError`; on its way out the thread may wait
    again, in a `finally` or at the end of an `async with`.
    """

    waiting_in = sleeps("be_cancelled")

    def __init__(self, name: str, raises: bool = False) -> None:
        super().__init__(name, False)
        self.raises = raises

    @ordered(RELEASE)
    @operation
    def cancel(self, asked_to: bool, me: str) -> Outcome:
        """Ask the thread to stop waiting: now, or as soon as it waits."""
        return True, None

    @ordered(ACQUIRE)
    @operation
    def be_cancelled(self, asked_to: bool, me: str) -> Outcome:
        """Learn that one is cancelled, or wait for it; a part of `wait`."""
        return (False, None) if asked_to else WAIT

    @ordered(if_passed)
    @operation
    def checkpoint(self, asked_to: bool, me: str) -> Outcome:
        """Whether one is cancelled, which is told once."""
        return False, asked_to

    async def wait(self, wait: Callable[..., Operation], *args: Hashable) -> bool:
        """True once `wait(*args)` is taken, or False if cancelled first; either, if both may be.

        `wait` is an operation that returns nothing, and is not called: `c.wait(lock.mutex_lock)`.
        What can be taken at once is taken: as in asyncio, who need not wait takes no notice.

        Errors: `ModelError` where it is no such operation; `CancelledError` where it `raises`.
        """
        step = not_yet_awaited(wait, args)
        async with atomic():  # it is not given up yet: whoever asks has its processor
            found = await asking_for(step)
        if found is not WAIT:
            return took(step, found)
        async with atomic():
            cancelled = await choose(CANCELLED, GOT) == CANCELLED
            if not cancelled:
                found = await step
            else:
                await self.be_cancelled()
                if keeps_queue(step.target):
                    await leaving(step)
        return self.told(not cancelled) and took(step, found)

    def told(self, got: bool) -> bool:
        """Whether a thread `got` what it waited for. Errors: `CancelledError` where it `raises`."""
        if self.raises and not got:
            raise CancelledError(self.name)
        return got

    def show(self, state: bool) -> str:
        """Whether the thread is asked to stop."""
        return "cancelled" if state else "not cancelled"
