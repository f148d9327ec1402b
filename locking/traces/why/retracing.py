"""Where a thread would have gone, had it met another value: asked of it as it was learned."""

from collections.abc import Iterator
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import Operation
from locking.programs.guard import limited
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.traces.replay import Event, Trace
from locking.traces.why.causes import SECONDS_TO_EXPLAIN, asked


def retraced(trace: Trace, read: int, state: Any) -> Iterator[tuple[int, Position]]:
    """Where a thread would have stood, had it met `state` in event `read`, as long as it is there.

    It is before each of its events from that one on, and, as number `len(events)`, at the end.
    """
    position = trace.product.automata[trace.events[read].thread].position
    return ((at, position(place)) for at, place in places(trace, read, state))


def comes_to(trace: Trace, read: int, state: Any, at: int) -> bool:
    """Whether a thread would still have come to event `at`, had it met `state` in event `read`.

    Where that is not known, because it runs on and on or does what no thread may, it is taken to.
    """
    try:
        with limited(SECONDS_TO_EXPLAIN):
            return any(each >= at for each, _ in retraced(trace, read, state))
    except ModelError:
        return True


def still_fails(trace: Trace, read: int, state: Any) -> bool:
    """Whether a thread that fails at the end would do so had it met `state` in event `read`.

    Where that is not known, because it runs on and on or does what no thread may, it is taken to.
    """
    try:
        with limited(SECONDS_TO_EXPLAIN):
            return any(there.failures for _, there in retraced(trace, read, state))
    except ModelError:
        return True


def places(trace: Trace, read: int, state: Any) -> Iterator[tuple[int, int]]:
    """Where `retraced` finds the thread, by the number of its place."""
    mine = trace.events[read]
    automaton = trace.product.automata[mine.thread]
    place = trace.states[mine.number - 1][mine.thread]
    for at, event in enumerate(trace.events):
        if event.thread != mine.thread or event.number < mine.number:
            continue
        position = automaton.position(place)
        if (event.step and not takes(position, event.step)) or position.site != event.site:
            return
        yield at, place
        place = place_after(trace, at, place, read, state)
    standing = trace.product.position(mine.thread, trace.end)
    there = automaton.position(place)
    if (there.next, there.given, there.site) == (standing.next, standing.given, standing.site):
        yield len(trace.events), place


def place_after(trace: Trace, at: int, place: int, read: int, state: Any) -> int:
    """Where a thread stands after its event `at`, had it met `state` in event `read`."""
    event = trace.events[at]
    if event.queued or event.misuse:
        return place
    result = result_elsewhere(event, state, trace) if at == read else event.result
    return trace.product.automata[event.thread].next(place, result)


def after(trace: Trace, at: int) -> Any:
    """The state of the object of event `at` once it has come."""
    event = trace.events[at]
    assert event.step is not None
    later = (e.before for e in trace.events[at + 1 :] if e.target == event.target)
    return next(later, trace.product.value(event.step.target, trace.end))


def takes(position: Position, step: Operation) -> bool:
    """Whether a thread at `position` takes this step next, and gives it the same values."""
    return position.next == step and position.given == typed(step.args)


def result_elsewhere(event: Event, state: Any, trace: Trace) -> Any:
    """What an operation that reads memory returns in another state."""
    step = event.step
    assert step is not None
    match asked(step, state, trace.names[event.thread]):
        case (_, result):
            return result
    return event.result
