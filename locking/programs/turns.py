"""What a step comes to on the processor of its thread, and how the processor is then.

The rule of an object knows no processor. It says what the step does, and this says the rest: a step
that may sleep is a misuse where the thread must not sleep; a thread that spins for a spinlock keeps
other tasks off as soon as it has begun to, and as long as it holds the lock.

Kernel: __might_sleep(), kernel/sched/core.c (CONFIG_DEBUG_ATOMIC_SLEEP); __raw_spin_lock(),
include/linux/spinlock_api_smp.h; 6.12.
"""

from collections.abc import Sequence
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import ASK, WAIT, Misuse, Object, Operation, Outcome, Queue
from locking.objects.processor import Context, Frame, Frames, Processor
from locking.objects.until import Until
from locking.objects.waiting import Waiting
from locking.programs.handlers import Handler
from locking.programs.keys import typed
from locking.programs.thread import Thread


def has_companions(thread: Thread, threads: Sequence[Thread]) -> bool:
    """Whether another task of `threads` runs on the processor of this one, which is a task."""
    tasks = [each for each in threads if not isinstance(each, Handler)]
    here = [each.name for each in tasks if each.processor is thread.processor]
    return thread.name in here and len(here) > 1


def way_of_waiting(step: Operation) -> Waiting | None:
    """How an operation waits, if it may: a condition is looked at again and again."""
    if isinstance(step, Until):
        return Waiting.SPINS
    return step.target.waiting_in.get(step.name.removeprefix(ASK))


def slept_in_vain(step: Operation, before: Any, outcome: Outcome) -> bool:
    """Whether a step that may sleep is over without what it slept for.

    It then changes nothing, and returns False, or WAIT where it was asked for only.
    """
    if way_of_waiting(step) is not Waiting.SLEEPS or outcome is WAIT:
        return False
    if isinstance(outcome, Queue | Misuse):
        return False
    after, result = outcome
    return (result is False or result is WAIT) and typed(after) == typed(before)


def on_processor(
    me: Thread,
    step: Operation,
    frames: Frames,
    before: Any,
    outcome: Outcome,
    *,
    companions: bool,
) -> tuple[Outcome, Frames]:
    """What the `outcome` of the object's rule comes to, and the frames of the processor then.

    `before` is the state in which the step met its object, `companions` whether the thread is a
    task and shares its processor with another. WAIT with other frames says that the thread begins
    to spin.

    Errors: `ModelError`, where the step waits and the object's class does not say how.
    """
    if refused := asleep_while_atomic(me, step, frames):
        return refused, frames
    if outcome is WAIT or isinstance(outcome, Queue):
        if begins_to_spin(step, frames[-1], companions=companions):
            return WAIT, spinning(me, frames)
        return outcome, frames
    if isinstance(outcome, Misuse):
        return outcome, frames
    assert isinstance(outcome, tuple)
    return outcome, taken(me, step.target, frames, before, outcome[0])


def asleep_while_atomic(me: Thread, step: Operation, frames: Frames) -> Misuse | None:
    """The misuse of a step that may sleep where its thread must not, if it is one."""
    top = frames[-1]
    if way_of_waiting(step) is not Waiting.SLEEPS or top.thread != me.name or not top.atomic:
        return None
    because = "" if top.context is Context.TASK else f"a {top.context.value} handler"
    says = ", ".join(filter(None, [because, *top.in_words()]))
    return Misuse(f"{me.name} may sleep in {step}, and must not: {says}")


def begins_to_spin(step: Operation, top: Frame, *, companions: bool) -> bool:
    """Whether a step that has to wait first keeps preemption off. Errors: `ModelError`."""
    way = way_of_waiting(step)
    if way is None:
        raise ModelError(
            f"{step} waits, and its thread runs on a processor; say in class "
            f"{type(step.target).__name__} how: `waiting_in = sleeps({step.name!r})`, or `spins`"
        )
    return way is Waiting.SPINS_UNPREEMPTED and companions and not top.spinning


def spinning(me: Thread, frames: Frames) -> Frames:
    """The frames once a task has begun to spin."""
    return (*frames[:-1], frames[-1]._replace(spinning=True).with_task(me.name))


def taken(me: Thread, target: Object, frames: Frames, before: Any, after: Any) -> Frames:
    """The frames once a step has brought `target` from one state to another."""
    if isinstance(target, Processor):
        return after if target is me.processor else frames
    top = frames[-1]
    change = hold_count(me, target, after) - hold_count(me, target, before)
    now = top._replace(preempt_off=max(top.preempt_off + change, 0), spinning=False)
    return (*frames[:-1], now.with_task(me.name))


def hold_count(me: Thread, target: Object, state: Any) -> int:
    """How often a thread keeps preemption off by an object that it holds."""
    if Waiting.SPINS_UNPREEMPTED not in target.waiting_in.values():
        return 0
    return sum(holding.thread == me.name for holding in target.holders(state))
