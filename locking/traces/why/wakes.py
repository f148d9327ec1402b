"""Wake-ups that came too early, or went to another: what others did to the object of a wait."""

from locking.objects.operation import Operation
from locking.properties.released import may_be_held
from locking.traces.replay import Event, Trace
from locking.traces.why.causes import answer, causes


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


def took_its_own(trace: Trace, thread: int) -> tuple[int, int, int] | None:
    """A wait that a thread passed by what it had given itself, while another stands before it.

    The event that gave, the one that passed, and the other thread: in a semaphore that is opened
    for each, one has then passed twice. None where there is nothing of that.
    """
    for at in range(len(trace.events) - 1, -1, -1):
        event = trace.events[at]
        if event.thread != thread or event.step is None or passes_by_itself(event):
            continue
        given = next((each for each in range(at - 1, -1, -1) if needed(trace, each, at)), None)
        if given is not None and trace.events[given].thread == thread:
            last = len(trace.states) - 1
            others = (each for each in range(len(trace.names)) if each != thread)
            standing = (each for each in others if waits_on(trace, each, last, event.step))
            behind = next(standing, None)
            return None if behind is None else (given, at, behind)
    return None


def passes_by_itself(event: Event) -> bool:
    """Whether an event is of memory or of a lock, which wake nobody."""
    step = event.step
    return step is None or may_be_held(step.target) or step.target.access(step.name) is not None


def needed(trace: Trace, earlier: int, at: int) -> bool:
    """Whether event `at` would have had to wait before event `earlier` on its object."""
    event, other = trace.events[at], trace.events[earlier]
    if other.target != event.target or not other.change:
        return False
    return answer(event, trace.names, other.before)[0] == "waits"
