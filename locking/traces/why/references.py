"""References that a thread took and never gave back."""

from locking.names import names_sorted
from locking.traces.replay import Event, Trace
from locking.traces.why.wording import place_in_trace, said

GETS = (
    "refcount_inc",
    "refcount_inc_not_zero",
    "percpu_ref_get",
    "percpu_ref_tryget",
    "percpu_ref_tryget_live",
)
"""Operations that take a reference, unless they return False."""

PUTS = ("refcount_dec_and_test", "percpu_ref_put")
"""Operations that give one back."""


def kept_references(trace: Trace, names: frozenset[str]) -> str:
    """Of objects of these names, the last reference that a thread took and did not give back."""
    rows = [
        f"; {trace.names[event.thread]} took a reference in step {event.number}, {said(event)}"
        f"{place_in_trace(event)}, and never gave it back"
        for name in names_sorted(names)
        for thread in range(len(trace.names))
        for event in unmatched(trace, name, thread)
    ]
    return "".join(rows)


def unmatched(trace: Trace, name: str, thread: int) -> list[Event]:
    """The gets of a thread that no put of its own follows, for one object."""
    taken: list[Event] = []
    for event in trace.events:
        if event.thread != thread or event.target != name or event.step is None:
            continue
        if event.step.name in GETS and event.result is not False:
            taken.append(event)
        elif event.step.name in PUTS and taken:
            taken.pop()
    return taken
