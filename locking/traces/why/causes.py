"""Why each event of a run came as it did: the earlier events that it depends on.

Nothing here knows any particular lock. Whatever touches memory says so (`Access`): it depends on
the write whose value it met. Anything else is asked of its own rule: an operation depends on the
last event without which the same rule would have answered otherwise, in what it returned, or in
whether it had to wait or was a misuse. So it is for a release after which a lock could be taken,
for `complete`, for the write that makes a seqlock's reader try again, and for locks of one's own.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from locking.objects.operation import Misuse, Operation, Outcome
from locking.programs.guard import Runaway, guarded, limited
from locking.programs.keys import typed
from locking.traces.replay import Event, Trace

SECONDS_TO_EXPLAIN = 0.5
"""Seconds that code may take which is asked what it would do where perhaps no run comes."""


class Cause(NamedTuple):
    """An earlier event that an event depends on: its index in the trace, and in what.

    `kind` is "data" where it read or wrote over what that one had written, "lock" where it could
    go on, or had to answer as it did, because of that one, and "order" for the event before it of
    its own thread. `object` is the object's name, empty for "order".
    """

    event: int
    kind: str
    object: str


def causes(trace: Trace) -> tuple[tuple[Cause, ...], ...]:
    """For every event of `trace` its direct causes: program order first, then its object's."""
    found = []
    mine: dict[int, int] = {}
    wrote: dict[str, int] = {}
    states: dict[str, list[int]] = {}
    for at, event in enumerate(trace.events):
        rows = [Cause(mine[event.thread], "order", "")] if event.thread in mine else []
        if event.step is not None and event.step.target.access(event.step.name):
            if event.target in wrote:
                rows.append(Cause(wrote[event.target], "data", event.target))
        elif event.step is not None:
            rows += of_lock(trace, event, states.get(event.target, []))
        if writes(event):
            wrote[event.target] = at
        note_state(trace, at, states.setdefault(event.target, []))
        found.append(tuple(rows))
        mine[event.thread] = at
    return tuple(found)


def of_lock(trace: Trace, event: Event, earlier: list[int]) -> Iterator[Cause]:
    """The last of the `earlier` events before which the rule would have answered otherwise."""
    for at in reversed(earlier):
        if answer(event, trace.names, trace.events[at].before) != answered(event):
            if trace.events[at].thread != event.thread:
                yield Cause(at, "lock", event.target)
            return


def note_state(trace: Trace, at: int, earlier: list[int]) -> None:
    """Note event `at` on an object; of events that met it in one state, the last is enough."""
    if earlier and typed(trace.events[earlier[-1]].before) == typed(trace.events[at].before):
        earlier.pop()
    earlier.append(at)


def writes(event: Event) -> bool:
    """Whether an event wrote to its object, even what was there already.

    One that may write, returned something and changed nothing (a failed `cmpxchg`) did not.
    """
    access = event.step.target.access(event.step.name) if event.step else None
    return bool(access and access.writes and (event.change or event.result is None))


def answered(event: Event) -> tuple[str, Any]:
    """How the object answered an event: `answer` of what it met."""
    if event.misuse:
        return "misuse", event.misuse
    return ("waits", None) if event.queued else ("goes on", typed(event.result))


def answer(event: Event, names: tuple[str, ...], state: Any) -> tuple[str, Any]:
    """How the object would have answered the same operation in another `state` of it."""
    assert event.step is not None
    match asked(event.step, state, names[event.thread]):
        case Misuse(reason):
            return "misuse", reason
        case (_, result):
            return "goes on", typed(result)
        case None:
            return "raises", None
    return "waits", None


def asked(step: Operation, state: Any, me: str) -> Outcome | None:
    """What the rule of a step says in a state in which `me` may never come to it.

    None where it raises there, or runs on and on, which is nobody's mistake.
    """
    try:
        with limited(SECONDS_TO_EXPLAIN):
            return guarded(step.target.step, step.name, state, me, step.args)
    except (Exception, Runaway):  # the user's code, which may raise anything
        return None
