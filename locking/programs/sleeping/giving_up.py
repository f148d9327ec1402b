"""Waits that end before what is waited for has come: by a signal, by time, or by a cancellation.

One way for every operation that may wait, of a lock or of an object of one's own. The thread asks:
it takes the step, or queues up where the object keeps a queue. From then on it may give up. What
that means to others is said by the object: `without_waiter`.

* A signal: whether one comes is chosen when the wait begins. One that could still come would let
  every thread go on, and none would count as one that waits for good. If it comes, it may come at
  any time, also when the thread could have gone on.
* Time: it is up at any time, so such a wait always ends.
* A cancellation: once another thread cancels, and never before; see `Cancellation`.

Kernel: signal_pending_state() in __mutex_lock_common(), kernel/locking/mutex.c,
rwsem_down_read_slowpath() and rwsem_down_write_slowpath(), kernel/locking/rwsem.c, and
do_wait_for_common(), kernel/sched/completion.c, 5.15. Each looks for the lock first, then for a
signal, and leaves the queue under its lock before it returns -EINTR or -ERESTARTSYS; the lock may
have become free meanwhile.
"""

import inspect
from collections.abc import Callable, Hashable
from typing import Any

from locking.errors import ModelError
from locking.objects.observed import observed
from locking.objects.operation import ASK, LEAVE, WAIT, Object, Operation
from locking.programs.constructs import atomic
from locking.programs.sleeping.chances import GOT, SIGNAL, TIME, signal_comes, sleep_ends


async def interruptible(wait: Callable[..., Operation], *args: Hashable) -> bool:
    """True once `wait(*args)` is taken, or False if a signal came first.

    `wait` is an operation that returns nothing, and is not called: `interruptible(lock.lock)`. Of a
    fatal signal, which kills the thread, the kernel says killable: here that is one with this.

    Errors: `ModelError` where it is no such operation.
    """
    step = not_yet_awaited(wait, args)
    return took(step, await ended_by_signal(step))


async def timed(wait: Callable[..., Operation], *args: Hashable) -> bool:
    """True once `wait(*args)` is taken, or False at any time before that.

    `wait` is an operation that returns nothing, and is not called: `timed(lock.lock)`. What can be
    taken when the thread asks is taken.

    Errors: `ModelError` where it is no such operation.
    """
    step = not_yet_awaited(wait, args)
    found = await asking_for(step)
    return took(step, await asleep_for(step, TIME) if waits_in_queue(step, found) else found)


async def ended_by_signal(step: Operation) -> Any:
    """What `step` returned, or WAIT if a signal came first."""
    if not await signal_comes():
        return await step
    found = await asking_for(step)
    return await asleep_for(step, SIGNAL) if waits_in_queue(step, found) else found


def waits_in_queue(step: Operation, found: Any) -> bool:
    """Whether a thread that asked for `step`, and `found` what it did, has queued up for it."""
    return found is WAIT and keeps_queue(step.target)


async def asleep_for(step: Operation, by: str) -> Any:
    """What `step` returned, or WAIT if the wait in the queue for it was ended `by` something."""
    async with atomic():
        if await sleep_ends(by, GOT):
            await leaving(step)
            return WAIT
        return await step


def asking_for(step: Operation) -> Operation:
    """The operation that takes `step`, or queues up for it and returns WAIT."""
    return Operation(step.target, ASK + step.name, step.args)


def leaving(step: Operation) -> Operation:
    """The operation by which a thread that has queued up for `step` gives up."""
    return Operation(step.target, LEAVE)


def keeps_queue(object_: Object) -> bool:
    """Whether an object remembers who waits; of any other nobody knows, and no step leaves it."""
    return type(object_).without_waiter is not Object.without_waiter


def not_yet_awaited(wait: Callable[..., Operation], args: tuple[Hashable, ...]) -> Operation:
    """The operation `wait(*args)`, which is awaited later, if ever. Errors: `ModelError`."""
    step: object = wait(*args) if callable(wait) else None
    if isinstance(step, Operation):
        observed.made = [each for each in observed.made if each.still() is not step]
        return step
    if inspect.iscoroutine(step):
        step.close()
    raise ModelError(
        f"{wait!r} is no wait that can be given up; write an operation that is not called, then "
        f"its arguments: `interruptible(lock.mutex_lock)`"
    )


def took(step: Operation, found: Any) -> bool:
    """Whether `step` was taken. Errors: `ModelError` where it returned something."""
    if found is not None and found is not WAIT:
        raise ModelError(
            f"{step} returned {found!r}, which would be lost; only a wait that returns nothing can "
            f"be given up"
        )
    return found is None
