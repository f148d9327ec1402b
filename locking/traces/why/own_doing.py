"""What a thread that fails had itself written to what it fails by, and what became of that.

Rule of this file: a clause is written only where an event shows it.
"""

from locking.traces.replay import Trace
from locking.traces.why.blame import changed_by, wake_ups
from locking.traces.why.causes import writes
from locking.traces.why.retracing import after, still_fails
from locking.traces.why.stale import had_value
from locking.traces.why.wording import said


def own_doing(trace: Trace, at: int, change: int | None) -> str:
    """That a thread fails by its own write, or that another undid it; `change` is blamed already.

    Only of a thread that fails by the value that it has in event `at`.
    """
    last = trace.events[at]
    if not had_value(last) or not trace.product.position(last.thread, trace.end).failures:
        return ""
    changes = [
        each
        for each, event in enumerate(trace.events[:at])
        if event.target == last.target and event.change
    ]
    mine = [each for each in changes if trace.events[each].thread == last.thread]
    if not mine:
        return ""
    if change is None:
        return nobody_else_wrote(trace, at, mine[-1])
    theirs = next((each for each in changes if each > mine[-1]), change)
    return undone(trace, at, mine[-1], theirs) if theirs != change else ""


def nobody_else_wrote(trace: Trace, at: int, mine: int) -> str:
    """That a thread meets in event `at` what it wrote itself, and nobody else wrote there.

    Nothing where no other thread took a step at all.
    """
    last = trace.events[at]
    if {each.thread for each in trace.events} == {last.thread}:
        return ""
    wrote = {each.thread for each in trace.events if each.target == last.target and writes(each)}
    if wrote != {last.thread}:
        return ""
    says = f"; {changed_by(trace, trace.events[mine])}, and no other thread had written it"
    for woken, wake in wake_ups(trace, at)[:1]:
        signal, who = trace.events[wake], trace.names[last.thread]
        says += (
            f"; {said(signal)} by {trace.names[signal.thread]} in step {signal.number} let {who} "
            f"go on in step {trace.events[woken].number}"
        )
    return says


def undone(trace: Trace, at: int, mine: int, theirs: int) -> str:
    """That event `theirs` changed what a thread had written, with which it would not fail now."""
    if still_fails(trace, at, after(trace, mine)):
        return ""
    wrote, undid = trace.events[mine], trace.events[theirs]
    return f"; {changed_by(trace, wrote)}, but {changed_by(trace, undid)}"
