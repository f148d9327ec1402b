"""By which events of a run a thread came to hold a lock."""

from locking.explore.product import State
from locking.objects.operation import Object
from locking.traces.replay import Trace


def taking(trace: Trace, lock: Object, who: str) -> tuple[int, ...]:
    """The last event by which a thread came to hold a lock; none if it held it from the start."""
    found, held = tuple[int, ...](), holds_at(trace, trace.product.initial, lock, who)
    for at, event in enumerate(trace.events):
        if event.change and event.change.object == lock.name:
            had, held = held, who in event.change.holders
            found = (at,) if held and not had else found
    return found


def holds_at(trace: Trace, state: State, lock: Object, who: str) -> bool:
    """Whether `who`, a thread or not, holds a lock in `state`."""
    return any(each.thread == who for each in lock.holders(trace.product.value(lock, state)))
