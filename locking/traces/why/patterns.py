"""What the field calls a failure: the name of its pattern, only where the trace shows it.

Rule of this file: a pattern is a pure function of a run and of what its end shows. It gives a name
only if all the events that make it up are in the trace, and work on what the finding speaks of.
Where several fit, the first in the list is the name. No name is better than a wrong one.
"""

from typing import Any

from locking.errors import ModelError
from locking.objects.allocated import FREED
from locking.objects.memory import Refcount
from locking.objects.operation import Operation
from locking.programs.guard import limited
from locking.properties.kinds import Subject, kind_of
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import SECONDS_TO_EXPLAIN, answer, asked, writes
from locking.traces.why.explanation import values_told
from locking.traces.why.hangs import hang_pattern
from locking.traces.why.holding import taking
from locking.traces.why.pattern import Pattern
from locking.traces.why.retracing import after, retraced
from locking.traces.why.stale import changed_since, decisive, had_value, last_write_on_stale, named

GIVEN_BACK = ("freed", "free", "released", "gone")
"""Values of memory that say that what was there has been given back."""

SPEAK_FOR_THEMSELVES = (Subject.ACCESSES, Subject.LOCKS_LEFT, Subject.RUNS)
"""What needs no name for how it came about."""


def pattern(run: ShownRun) -> Pattern | None:
    """The pattern by which a run comes to a failure, or None where none is seen.

    Threads are asked what they would do with results that perhaps no run has. Where one then runs
    on and on, or does what no thread may, nothing is known, and no name is given.
    """
    try:
        with limited(SECONDS_TO_EXPLAIN):
            return seen(run)
    except ModelError:
        return None


def seen(run: ShownRun) -> Pattern | None:
    """The first of the patterns that a run shows. Errors: `ModelError`, of what no run does."""
    subject = kind_of(run.claim).speaks_of
    if run.claim.wanted or run.cycle or subject in SPEAK_FOR_THEMSELVES:
        return None
    if subject in (Subject.WAITS, Subject.ROUNDS):
        return hang_pattern(run)
    found = (each(run) for each in OF_FAILING)
    return next(filter(None, found), None)


def asks_again(run: ShownRun) -> Pattern | None:
    """A thread asks for a lock that it holds itself, which the lock's rule forbids."""
    trace = run.trace
    last = trace.events[-1] if trace.events else None
    if not last or not last.step or last.misuse != run.finding.says:
        return None
    me, lock = trace.names[last.thread], last.step.target
    holds = any(holding.thread == me for holding in lock.holders(last.before))
    takes = answer(last, trace.names, lock.start)[0] == "goes on"  # and no release of it
    at = len(trace.events) - 1
    return Pattern("self-deadlock", (*taking(trace, lock, me), at)) if holds and takes else None


def use_after_free(run: ShownRun) -> Pattern | None:
    """A thread works on what another gave back: memory is freed, a value says so, a count is 0.

    A value says so if the thread read it last and would not fail had it read the one before. The
    kernel's refcount_t warns of the latter in these words.
    """
    trace = run.trace
    at = len(trace.events) - 1
    freed = last_write(trace, at, trace.events[at].target) if trace.events else None
    if freed is None or trace.events[freed].thread == trace.events[at].thread:
        return None
    last = trace.events[at]
    dead = last.before is FREED and "double free" not in last.misuse
    dead |= last.step is not None and isinstance(last.step.target, Refcount)
    if (dead and last.misuse == run.finding.says) or fails_by_freed(trace, at, freed):
        return Pattern("use after free", (freed, at), freed)
    return None


def fails_by_freed(trace: Trace, at: int, freed: int) -> bool:
    """Whether a thread fails after event `at` because it read there what event `freed` wrote."""
    last, before = trace.events[at], trace.events[freed].before
    told = had_value(last) and isinstance(last.result, str) and last.result in GIVEN_BACK
    fails = told and bool(trace.product.position(last.thread, trace.end).failures)
    return fails and not any(there.failures for _, there in retraced(trace, at, before))


def last_write(trace: Trace, before: int, target: str) -> int | None:
    """The last write to an object before an event."""
    earlier = range(before - 1, -1, -1)
    return next((at for at in earlier if wrote_to(trace.events[at], target)), None)


def wrote_to(event: Event, target: str) -> bool:
    """Whether an event wrote to an object."""
    return event.target == target and writes(event)


def torn_read(run: ShownRun) -> Pattern | None:
    """A thread reads two things that another writes together, one as it was and one as it is.

    Only if it would not have failed had it seen both as they are then.
    """
    trace = run.trace
    if not trace.events:
        return None
    reader, values = trace.events[-1].thread, values_told(run)
    seen = {
        event.target: at
        for at, event in enumerate(trace.events)
        if event.thread == reader and had_value(event) and repr(event.result) in values
    }
    for new in sorted(seen.values()):
        wrote = last_write(trace, new, trace.events[new].target)
        if wrote is None or trace.events[wrote].thread == reader:
            continue
        for old in seen.values():
            later = read_afterwards(trace, old, wrote, new) if old != new else None
            if later and not any(at.failures for _, at in retraced(trace, old, *later)):
                return Pattern("torn read", tuple(sorted((old, wrote, new))), wrote)
    return None


def read_afterwards(trace: Trace, old: int, wrote: int, new: int) -> tuple[Any] | None:
    """What read `old` would have met, had it come after all that the writer of `wrote` writes.

    None if it did, or if that does not write there in one go with `wrote`. What it writes next,
    after the end of the trace, counts as well.
    """
    writer_, target = trace.events[wrote].thread, trace.events[old].target
    there = [
        at
        for at, event in enumerate(trace.events)
        if event.thread == writer_
        and wrote_to(event, target)
        and written_together(trace, wrote, event)
    ]
    # The reader came between the two writes, or the writer between the two reads.
    last = len(trace.events) if wrote < old else new
    found = next((at for at in there if old < at < last), None)
    if found is not None:
        return (after(trace, found),)
    if wrote > old or any(wrote < at < old for at in there):
        return None
    return written_next(trace, writer_, target, trace.events[wrote].inside)


def written_together(trace: Trace, wrote: int, event: Event) -> bool:
    """Whether a write belongs to event `wrote`: it is inside the same sections."""
    return event.inside == trace.events[wrote].inside


def written_next(
    trace: Trace, thread: int, target: str, inside: tuple[str, ...]
) -> tuple[Any] | None:
    """The state of `target` once a thread has taken its next step, if that writes there."""
    position = trace.product.position(thread, trace.end)
    step = position.next
    if not isinstance(step, Operation) or step.target.name != target or position.inside != inside:
        return None
    access = step.target.access(step.name)
    state = trace.product.value(step.target, trace.end)
    got = asked(step, state, trace.names[thread])
    return (got[0],) if access and access.writes and isinstance(got, tuple) else None


def stale_decision(run: ShownRun) -> Pattern | None:
    """A thread acted on what had changed, and the run would not have failed had it not."""
    trace = run.trace
    stale = decisive(run, frozenset(range(len(trace.names))))
    if stale and changed_since(trace, stale):
        stale = None
    if stale is None and kind_of(run.claim).speaks_of is Subject.ENDS:
        stale = last_write_on_stale(run)
    return named(trace, stale) if stale else None


OF_FAILING = (asks_again, use_after_free, torn_read, stale_decision)
"""The patterns of everything but threads that wait for good."""
