"""Wake-ups that came too early: what others did to the object of a wait, before the wait began."""

from locking.objects.operation import Operation
from locking.traces.replay import Trace


def woken_early(trace: Trace, who: str, step: Operation, behind: int) -> list[int]:
    """The events of others after `behind` on what `who` waits for, made before it came to wait.

    An operation that waiters call themselves is no wake-up.
    """
    thread = trace.names.index(who)
    last = max((at for at, each in enumerate(trace.events) if each.thread == thread), default=-1)
    return [
        at
        for at, event in enumerate(trace.events[:last])
        if at > behind
        and event.thread != thread
        and event.step is not None
        and event.step.target is step.target
        and event.step.name != step.name
        and not waits_on(trace, thread, event.number - 1, step)
    ]


def waits_on(trace: Trace, thread: int, state: int, step: Operation) -> bool:
    """Whether a thread stands before an operation like `step`, in that state of the run."""
    at = trace.product.position(thread, trace.states[state]).next
    return isinstance(at, Operation) and at.target is step.target and at.name == step.name
