"""What the field calls a failure: the name of its pattern, only where the trace shows it.

Rule of this file: a pattern is a pure function of a run and of what its end shows. It gives a name
only if all the events that make it up are in the trace, and work on what the finding speaks of.
Where several fit, the first in the list is the name. No name is better than a wrong one.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.product import State
from locking.objects.allocated import FREED
from locking.objects.memory import Refcount
from locking.objects.operation import Holding, Object, Operation, Queue, Until
from locking.programs.guard import limited
from locking.programs.keys import typed
from locking.properties.deadlock import Waits, cycle_in, waits_for
from locking.properties.kinds import Subject, kind_of
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import SECONDS_TO_EXPLAIN, answer, asked, writes
from locking.traces.why.explanation import objects_spoken_of, values_told
from locking.traces.why.retracing import gets_by, result_elsewhere, retraced

GIVEN_BACK = ("freed", "free", "released", "gone")
"""Values of memory that say that what was there has been given back."""

SPEAK_FOR_THEMSELVES = (Subject.ACCESSES, Subject.SECTIONS, Subject.LOCKS_LEFT, Subject.RUNS)
"""What needs no name for how it came about."""


MISSED = "missed wake-up"
"""The name of the pattern of a thread that waits for a wake-up that came before it."""


class Pattern(NamedTuple):
    """A name, and the places in the trace of the events that make up the pattern, in order.

    `change` is the one of another thread that made it so, where there is one.
    """

    name: str
    events: tuple[int, ...]
    change: int | None = None


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
    trace, subject = run.trace, kind_of(run.claim).speaks_of
    if run.claim.wanted or run.cycle or subject in SPEAK_FOR_THEMSELVES:
        return None
    if subject in (Subject.WAITS, Subject.ROUNDS):
        waits = waits_for(trace.product, trace.end)
        hangs = (each(trace, waits) for each in OF_WAITING)
        return next(filter(None, hangs), None)
    found = (each(run) for each in OF_FAILING)
    return next(filter(None, found), None)


def waits_for_itself(trace: Trace, waits: Waits) -> Pattern | None:
    """A thread waits for a lock that nobody holds but itself."""
    for who, (step, holders) in waits.items():
        if holders == [who]:
            return Pattern("self-deadlock", taking(trace, step.target, who))
    return None


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


def abba(trace: Trace, waits: Waits) -> Pattern | None:
    """Two threads, each of which holds the lock that the other waits for."""
    cycle = cycle_in(waits)
    if len(cycle) != 3:
        return None
    one, other, _ = cycle
    wanted, held = waits[one][0].target, waits[other][0].target
    if wanted is held:
        return None
    return Pattern(
        "ABBA deadlock",
        tuple(sorted((*taking(trace, held, one), *taking(trace, wanted, other)))),
    )


def writer_starvation(trace: Trace, waits: Waits) -> Pattern | None:
    """A writer waits for good while its readers go on: one or the other of them is always in."""
    for who, (step, holders) in waits.items():
        lock = step.target
        modes = {each.mode for each in lock.holders(trace.product.value(lock, trace.end))}
        if modes == {"read"} and writer(step, who) and all(can_go_on(trace, h) for h in holders):
            taken = [at for reader in holders for at in taking(trace, lock, reader)]
            return Pattern("writer starvation", tuple(sorted(taken)))
    return None


def writer(step: Operation, who: str) -> bool:
    """Whether an operation takes a lock, when it is free, for writing."""
    match asked(step, step.target.start, who):
        case (state, _):
            return Holding(who, "write") in step.target.holders(state)
    return False


def can_go_on(trace: Trace, who: str) -> bool:
    """Whether a thread can take a step at the end of the trace, not only queue up to wait."""
    thread = trace.names.index(who) if who in trace.names else -1
    moves = [move for move in trace.product.moves(trace.end) if move[0] == thread]
    return bool(moves) and not has_to_queue(trace, thread)


def has_to_queue(trace: Trace, thread: int) -> bool:
    """Whether the next step of a thread only puts it in a queue."""
    step = trace.product.position(thread, trace.end).next
    if not isinstance(step, Operation):
        return False
    state = trace.product.value(step.target, trace.end)
    return isinstance(asked(step, state, trace.names[thread]), Queue)


def missed_wake_up(trace: Trace, waits: Waits) -> Pattern | None:
    """A thread waits for good for a signal that came, since it looked, before it waited."""
    for who, (step, holders) in waits.items():
        thread = trace.names.index(who)
        if not (isinstance(step, Until) or holders or step.target.holders(step.target.start)):
            found = gone(trace, thread, step)
            old = () if found else stale(trace, thread, len(trace.events))
            if found or (old and gets_by(trace, old[0], after(trace, old[1]))):
                return Pattern(MISSED, found or old)
    return None


def gone(trace: Trace, thread: int, step: Operation) -> tuple[int, ...]:
    """The event that would have woken a thread, had it waited, and that which took it back."""
    me = trace.names[thread]
    arrived = max((at for at, e in enumerate(trace.events) if e.thread == thread), default=-1)
    given = -1
    for at, event in enumerate(trace.events):
        if event.step is None or event.target != step.target.name or event.thread == thread:
            continue
        waited, waits = waits_in(step, event.before, me), waits_in(step, after(trace, at), me)
        if waited and not waits:
            given = at
        elif waits and not waited and 0 <= given < arrived and event.step.name != step.name:
            return given, at
    return ()


def waits_in(step: Operation, state: Any, me: str) -> bool:
    """Whether an operation has to wait in a state of its object."""
    got = asked(step, state, me)
    return not (isinstance(got, tuple) and len(got) == 2)


def after(trace: Trace, at: int) -> Any:
    """The state of the object of event `at` once it has come."""
    event = trace.events[at]
    assert event.step is not None
    later = (e.before for e in trace.events[at + 1 :] if e.target == event.target)
    return next(later, trace.product.value(event.step.target, trace.end))


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


def subjects(run: ShownRun) -> set[str]:
    """The objects that a finding names; where it names none, those that it is about."""
    return set(run.finding.objects) or objects_spoken_of(run)


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


def had_value(event: Event) -> bool:
    """Whether an event had a value from memory."""
    return event.gave and event.step is not None and is_memory(event.step)


def is_memory(step: Operation) -> bool:
    """Whether an operation touches memory."""
    return step.target.access(step.name) is not None


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


def lost_update(run: ShownRun) -> Pattern | None:
    """A thread writes over what another wrote after the thread's own last look at it."""
    trace = run.trace
    for name in sorted(subjects(run)):
        at = last_write(trace, len(trace.events), name)
        if at is None or trace.events[at].gave:
            continue
        read = next(own_reads(trace, trace.events[at].thread, at, name), None)
        other = None if read is None else changed_since(trace, read, at)
        if read is not None and other is not None:
            return Pattern("lost update", (read, other, at), other)
    return None


def own_reads(trace: Trace, thread: int, before: int, target: str = "") -> Iterator[int]:
    """The reads of a thread before an event, the last one first; of all memory or of one object."""
    for at in range(before - 1, -1, -1):
        event = trace.events[at]
        if event.thread == thread and had_value(event) and target in ("", event.target):
            yield at


def changed_since(trace: Trace, read: int, before: int) -> int | None:
    """The last change by another thread, after event `read`, of what that read."""
    mine = trace.events[read]
    for at in range(before - 1, read, -1):
        event = trace.events[at]
        if event.target == mine.target and event.thread != mine.thread and event.change:
            return at
    return None


def check_then_act(run: ShownRun) -> Pattern | None:
    """A thread looks, what it saw is changed, and it does what it would then not have done."""
    trace = run.trace
    named, last = subjects(run), len(trace.events) - 1
    for act in range(last, -1, -1):
        event = trace.events[act]
        fails = act == last and (had_value(event) or event.misuse)
        if fails or (event.target in named and writes(event)):
            found = stale(trace, event.thread, act)
            if found:
                return Pattern("check-then-act", (*found, act), found[1])
    return None


def stale(trace: Trace, thread: int, act: int) -> tuple[int, ...]:
    """The last read of a thread of what was changed before `act`, and that change.

    Only if the thread, had it read what is there now, would not have come to `act`.
    """
    seen = set[str]()
    for read in own_reads(trace, thread, act):
        target = trace.events[read].target
        changed = None if target in seen else changed_since(trace, read, act)
        if changed is not None and otherwise(trace, read, after(trace, changed), act):
            return read, changed
        seen.add(target)
    return ()


def otherwise(trace: Trace, read: int, state: Any, act: int) -> bool:
    """Whether a thread would not have come to event `act`, had it met `state` in event `read`."""
    if typed(result_elsewhere(trace.events[read], state, trace)) == typed(
        trace.events[read].result
    ):
        return False
    return all(at < act for at, _ in retraced(trace, read, state))


OF_WAITING = (waits_for_itself, abba, missed_wake_up, writer_starvation)
"""The patterns of threads that wait for good."""

OF_FAILING = (asks_again, use_after_free, torn_read, lost_update, check_then_act)
"""The patterns of everything else that fails."""
