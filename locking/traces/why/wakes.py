"""Wake-ups that came too early, or went to another: what others did to the object of a wait."""

from locking.objects.operation import Operation
from locking.traces.replay import Trace
from locking.traces.why.causes import causes


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


def went_to(trace: Trace, who: str, step: Operation) -> tuple[int, int] | None:
    """The last wake-up since `who` waits in `step`, and the event of the other thread it let on.

    These are places in the trace; None where no wake-up came since, or where none let another on.
    """
    thread = trace.names.index(who)
    since = max((at for at, each in enumerate(trace.events) if each.thread == thread), default=-1)
    later = range(since + 1, len(trace.events))
    on_it = [at for at in later if trace.events[at].target == step.target.name]
    pairs = [
        (cause.event, at)
        for at in on_it
        for cause in causes(trace)[at]
        if cause.kind == "lock" and cause.event in on_it
        if trace.events[cause.event].thread != trace.events[at].thread
    ]
    return max(pairs, default=None)
