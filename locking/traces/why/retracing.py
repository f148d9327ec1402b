"""Where a thread would have gone, had it met another value: asked of it as it was learned."""

from collections.abc import Iterator
from typing import Any

from locking.objects.operation import Operation
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.traces.replay import Event, Trace
from locking.traces.why.causes import asked


def retraced(trace: Trace, read: int, state: Any) -> Iterator[tuple[int, Position]]:
    """Where a thread would have stood, had it met `state` in event `read`, as long as it is there.

    It is before each of its events from that one on, and, as number `len(events)`, at the end.
    """
    mine = trace.events[read]
    automaton = trace.product.automata[mine.thread]
    place = trace.states[mine.number - 1][mine.thread]
    for at, event in enumerate(trace.events):
        if event.thread != mine.thread or event.number < mine.number:
            continue
        position = automaton.position(place)
        if (event.step and not takes(position, event.step)) or position.site != event.site:
            return
        yield at, position
        if not event.queued and not event.misuse:
            place = automaton.next(
                place, result_elsewhere(mine, state, trace) if at == read else event.result
            )
    standing = trace.product.position(mine.thread, trace.end)
    there = automaton.position(place)
    if (there.next, there.given, there.site) == (standing.next, standing.given, standing.site):
        yield len(trace.events), there


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
