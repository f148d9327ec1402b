"""Decisions on what was true no longer, if it is these that make a run fail.

A thread read a value, another thread changed it, and the first one then did what it would not have
done with the new value. That alone is no cause: many threads do so all the time and come to no
harm. It is one if the run would not have failed, had that read met the new value (`spared`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from locking.objects.operation import Operation
from locking.programs.keys import typed
from locking.properties.released import may_be_held
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import writes
from locking.traces.why.instead import spared
from locking.traces.why.pattern import LOST, UNCHECKED, Pattern
from locking.traces.why.retracing import after, result_elsewhere, retraced


class Stale(NamedTuple):
    """A read, the change of what it read, and what its thread then did all the same.

    These are places in the trace. `settled` is whether the thread had already done something that
    it would not have done, when the change came.
    """

    read: int
    change: int
    act: int
    settled: bool


def decisive(run: ShownRun, threads: frozenset[int]) -> Stale | None:
    """The first of the stale decisions of `threads` without which the run would not fail.

    Errors: `ModelError`, of what threads do where no run comes.
    """
    found = sorted(stale_decisions(run.trace, threads), key=lambda each: (each.settled, each.act))
    return next((each for each in found if spared(run, each.read, each.change)), None)


def not_looked_again(trace: Trace, stale: Stale) -> bool:
    """Whether a thread never looks again at what it had read."""
    mine = trace.events[stale.read]
    own = (at for at in range(stale.read + 1, len(trace.events)) if of_thread(trace, at, mine))
    return not any(looked_again(trace, at, mine) for at in own)


def changed_since(trace: Trace, stale: Stale) -> bool:
    """Whether a thread looked again after the change, and another changed that later once more.

    Then what it did on the stale value is no longer what it fails by.
    """
    mine = trace.events[stale.read]
    own = (at for at in range(stale.change, len(trace.events)) if of_thread(trace, at, mine))
    looks = next((at for at in own if looked_again(trace, at, mine)), len(trace.events))
    return any(
        each.target == mine.target and each.thread != mine.thread and each.change
        for each in trace.events[looks:]
    )


def of_thread(trace: Trace, at: int, event: Event) -> bool:
    """Whether event `at` is of the thread of another event."""
    return trace.events[at].thread == event.thread


def last_write_on_stale(run: ShownRun) -> Stale | None:
    """The stale decision by which a thread came to the last write of what the finding names."""
    trace = run.trace
    names = run.finding.objects
    wrote = [at for at, event in enumerate(trace.events) if event.target in names and writes(event)]
    if not wrote:
        return None
    act = wrote[-1]
    found = stale_decisions(trace, frozenset([trace.events[act].thread]))
    for stale in found:
        followed = (at for at, _ in retraced(trace, stale.read, after(trace, stale.change)))
        if stale.act <= act and all(at < act for at in followed):
            return stale._replace(act=act)
    return None


def named(trace: Trace, stale: Stale) -> Pattern:
    """The pattern that a stale decision is: to write over what one has not seen, or any other."""
    read, act = trace.events[stale.read], trace.events[stale.act]
    lost = read.target == act.target and writes(act) and not act.gave
    return Pattern(LOST if lost else UNCHECKED, stale[:3], stale.change)


def stale_decisions(trace: Trace, threads: frozenset[int]) -> Iterator[Stale]:
    """All reads of `threads` that are stale when they act, each with the last change before."""
    for at, event in enumerate(trace.events):
        if event.thread in threads and looked(event):
            found = list(stale_at(trace, at))
            first = {each.act: each for each in found}  # the last change before each act
            yield from first.values()


def stale_at(trace: Trace, read: int) -> Iterator[Stale]:
    """What follows from one read, for each change of what it read."""
    mine = trace.events[read]
    own = [at for at, event in enumerate(trace.events) if event.thread == mine.thread and at > read]
    looks_again = [at for at in own if looked_again(trace, at, mine)]
    until = next(iter(looks_again), len(trace.events))
    for change in range(read + 1, until):
        other = trace.events[change]
        if other.target != mine.target or other.thread == mine.thread or not other.change:
            continue
        state = after(trace, change)
        if typed(result_elsewhere(mine, state, trace)) == typed(mine.result):
            continue
        followed = {at for at, _ in retraced(trace, read, state)}
        parts = next((at for at in own if at not in followed), None)
        acts = [at for at in own if parts is not None and at >= parts and at > change]
        settled = parts is not None and parts < change
        if parts is not None and acts and acts[0] <= until and (not settled or not looks_again):
            yield Stale(read, change, acts[0], settled)


def looked_again(trace: Trace, at: int, read: Event) -> bool:
    """Whether a thread that had the value `read` has that of the same object in event `at`."""
    event = trace.events[at]
    return event.target == read.target and (had_value(event) or looked(event))


def looked(event: Event) -> bool:
    """Whether an event had a value, of memory or of what is no lock, and changed nothing."""
    step = event.step
    return event.gave and step is not None and not event.change and not may_be_held(step.target)


def had_value(event: Event) -> bool:
    """Whether an event had a value from memory."""
    return event.gave and event.step is not None and is_memory(event.step)


def is_memory(step: Operation) -> bool:
    """Whether an operation touches memory."""
    return step.target.access(step.name) is not None
