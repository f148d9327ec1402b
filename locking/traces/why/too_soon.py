"""Values that a thread met before another wrote what would have led it elsewhere.

Rule of this file: a clause is written only where an event shows it, or where the thread that is
still to write does so when it goes on alone; and only if the value that it writes would have led
the reader elsewhere.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.objects.operation import Operation
from locking.programs.guard import limited
from locking.traces.replay import Trace
from locking.traces.why.causes import SECONDS_TO_EXPLAIN, writes
from locking.traces.why.entering import change_of, read_before, read_in_words, seen_half_done
from locking.traces.why.retracing import after, comes_to, still_fails
from locking.traces.why.stale import had_value
from locking.traces.why.wording import at_site, short

LONGEST_WAY = 100
"""Steps that a thread goes on alone until it writes what another has read too soon."""


class StillToCome(NamedTuple):
    """A step by which `thread` is to write what was read: how, and the object's state then."""

    thread: int
    says: str
    value: Any


def too_soon(trace: Trace, at: int, change: int | None) -> str:
    """What the thread of event `at`, or of the `change` that is blamed, had read too soon.

    Nothing where neither did, or where that is not known: threads are asked what they would do
    with values that perhaps no run has.
    """
    try:
        with limited(SECONDS_TO_EXPLAIN):
            found = (read_too_soon(trace, act) for act in (at, change) if act is not None)
            return next(filter(None, found), "") or never_written(trace, at, change)
    except ModelError:
        return ""


def read_too_soon(trace: Trace, act: int) -> str:
    """What led a thread to event `act` as it was at first, and another changed only after that."""
    for read in read_before(trace, act):
        mine = trace.events[read]
        changes = [at for at in range(len(trace.events)) if change_of(trace, at, mine.target)]
        others = [at for at in changes if trace.events[at].thread != mine.thread]
        if not others or changes[0] <= act or comes_to(trace, read, after(trace, others[0]), act):
            continue
        event = trace.events[others[0]]
        assert event.change is not None
        to = f"from {short(event.change.old)} to {short(event.change.new)}"
        return (
            f"; {trace.names[mine.thread]} had read {read_in_words(trace, read)} in step "
            f"{mine.number}, and {trace.names[event.thread]} changed that {to} only in step "
            f"{event.number}"
        )
    return ""


def never_written(trace: Trace, at: int, change: int | None) -> str:
    """That a thread fails by what it read in event `at`, which another is still to write."""
    last = trace.events[at]
    if not had_value(last) or not trace.product.position(last.thread, trace.end).failures:
        return ""
    if any(event.target == last.target and writes(event) for event in trace.events):
        return ""
    for found in still_to_come(trace, at):
        if not still_fails(trace, at, found.value):
            who = trace.names[found.thread]
            half = seen_half_done(trace, change, found.thread)
            return (
                f"; no step had written {last.target} before, and {found.says} by {who} is still "
                f"to come{half}"
            )
    return ""


def still_to_come(trace: Trace, at: int) -> Iterator[StillToCome]:
    """How each other thread that goes on alone writes what event `at` read, if it does."""
    others = (each for each in range(len(trace.names)) if each != trace.events[at].thread)
    return filter(None, (first_write(trace, thread, at) for thread in others))


def first_write(trace: Trace, thread: int, at: int) -> StillToCome | None:
    """The first step of a thread that goes on alone which changes what event `at` read."""
    step, slot_of = trace.events[at].step, trace.product.slot_of
    assert step is not None
    product, now = trace.product, trace.states[trace.events[at].number - 1]
    for _ in range(LONGEST_WAY):
        moves = product.moves_of([thread], now)
        if not moves:
            return None
        then = moves[0][2]
        if then[slot_of[step.target]] != now[slot_of[step.target]]:
            position = product.position(thread, now)
            direct = isinstance(position.next, Operation) and not position.opens
            does = short(str(position.next)) if direct else "the atomic block"
            return StillToCome(
                thread, does + at_site(position.site), product.value(step.target, then)
            )
        now = then
    return None
