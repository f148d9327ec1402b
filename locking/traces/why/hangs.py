"""What the field calls it where threads wait for good: only where the trace shows it."""

from typing import Any

from locking.objects.operation import Holding, Operation, Queue
from locking.objects.until import Until
from locking.properties.deadlock import Waits, cycle_in, waits_for
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import asked
from locking.traces.why.holding import taking
from locking.traces.why.instead import spared, spared_later
from locking.traces.why.pattern import MISSED, Pattern
from locking.traces.why.processors import for_a_processor, interrupted_holder
from locking.traces.why.retracing import after, comes_to
from locking.traces.why.stale import decisive, had_value, named, not_looked_again
from locking.traces.why.wakes import woken_early


def waits_for_itself(run: ShownRun, waits: Waits) -> Pattern | None:
    """A thread waits for a lock that nobody holds but itself."""
    for who, (step, holders) in waits.items():
        if holders == [who]:
            return Pattern("self-deadlock", taking(run.trace, step.target, who))
    return None


def closed_by_holders(trace: Trace, cycle: list[str], waits: Waits) -> bool:
    """Whether each thread of a cycle waits for the next because of what that holds.

    It may wait for a processor instead, or only behind a thread that queued up before it.
    """
    return not any(
        for_a_processor(waits[who][0]) or queued_ahead(trace, who, waits) for who in cycle
    )


def queued_ahead(trace: Trace, who: str, waits: Waits) -> Event | None:
    """The event by which another thread queued up, without which `who` would not have to wait."""
    step = waits[who][0]
    last = {trace.names[event.thread]: event for event in trace.events}  # it is queued up since
    for other in waits:
        event = last.get(other)
        if event is None or not event.queued or other == who or event.target != step.target.name:
            continue
        if not waits_in(step, event.before, who):
            return event
    return None


def irq_unsafe(run: ShownRun, waits: Waits) -> Pattern | None:
    """A handler spins for a lock whose holder it has interrupted."""
    found = interrupted_holder(waits, run.trace.product.threads)
    if found is None:
        return None
    lock = waits[found[0]][0].target
    return Pattern("irq-unsafe lock", taking(run.trace, lock, found[1]))


def abba(run: ShownRun, waits: Waits) -> Pattern | None:
    """Two threads, each of which holds the lock that the other waits for."""
    trace = run.trace
    cycle = cycle_in(waits)
    if len(cycle) != 3 or not closed_by_holders(trace, cycle, waits):
        return None
    one, other, _ = cycle
    wanted, held = waits[one][0].target, waits[other][0].target
    if wanted is held:
        return None
    return Pattern(
        "ABBA deadlock",
        tuple(sorted((*taking(trace, held, one), *taking(trace, wanted, other)))),
    )


def writer_starvation(run: ShownRun, waits: Waits) -> Pattern | None:
    """A writer waits for good while its readers go on: one or the other of them is always in."""
    trace = run.trace
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


def missed_wake_up(run: ShownRun, waits: Waits) -> Pattern | None:
    """A thread waits for good for a signal that came, since it looked, before it waited."""
    trace = run.trace
    for who, (step, holders) in waits.items():
        if not (isinstance(step, Until) or holders or step.target.holders(step.target.start)):
            thread = trace.names.index(who)
            stale = decisive(run, frozenset([thread]))
            if stale and not not_looked_again(trace, stale):
                stale = None
            early = too_early(run, thread, step, stale.change if stale else -1)
            looked = stale[:2] if stale else told_too_late(run, thread) if early else ()
            if looked or early:
                return Pattern(MISSED, (*looked, *early), looked[1] if looked else None)
    return None


def told_too_late(run: ShownRun, thread: int) -> tuple[int, ...]:
    """What a thread read last, and the first change of that by another once the thread waits.

    Only if it would not wait there for good, had it read the new value; else nothing.
    """
    trace = run.trace
    own = [at for at, event in enumerate(trace.events) if event.thread == thread]
    if not own or not had_value(trace.events[own[-1]]):
        return ()
    read, target = own[-1], trace.events[own[-1]].target
    later = range(read + 1, len(trace.events))
    told = (at for at in later if trace.events[at].target == target and trace.events[at].change)
    change = next(told, None)
    if change is None or comes_to(trace, read, after(trace, change), len(trace.events)):
        return ()
    return (read, change) if spared(run, read, change) else ()


def too_early(run: ShownRun, thread: int, step: Operation, behind: int) -> tuple[int, ...]:
    """The last wake-up after event `behind` that would have woken a thread, had it waited."""
    early = woken_early(run.trace, run.trace.names[thread], step, behind)
    late = (at for at in reversed(early) if spared_later(run, at, thread))
    return tuple([at for at in [next(late, None)] if at is not None])


def left_behind(run: ShownRun, waits: Waits) -> Pattern | None:
    """A thread that does not wait itself acted on what had changed, and so left others waiting."""
    trace = run.trace
    others = [thread for thread, who in enumerate(trace.names) if who not in waits]
    stale = decisive(run, frozenset(others))
    return named(trace, stale) if stale else None


def waits_in(step: Operation, state: Any, me: str) -> bool:
    """Whether an operation has to wait in a state of its object."""
    got = asked(step, state, me)
    return not (isinstance(got, tuple) and len(got) == 2)


OF_WAITING = (waits_for_itself, irq_unsafe, abba, missed_wake_up, writer_starvation, left_behind)
"""The patterns of threads that wait for good."""


def hang_pattern(run: ShownRun) -> Pattern | None:
    """The first of the patterns of waiting. Errors: `ModelError`, of what no run does."""
    waits = waits_for(run.trace.product, run.trace.end)
    return next(filter(None, (each(run, waits) for each in OF_WAITING)), None)
