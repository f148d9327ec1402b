"""Whom a diagnosis blames: the event of another thread that changed what a thread relied on.

Rule of this file: a clause is written only where an event shows it.
"""

from collections.abc import Iterable, Iterator

from locking.objects.allocated import FREED
from locking.properties.released import may_be_held
from locking.text.words import listed
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import causes
from locking.traces.why.holding import held_by, used_locks
from locking.traces.why.pattern import LOST, UNCHECKED, Pattern
from locking.traces.why.wakes import needed, took_its_own
from locking.traces.why.wording import does, in_section, said, short

OF_STALE = (LOST, UNCHECKED)
"""The names of patterns that are made up of a read, a change of what was read, and an act."""


def blamed(run: ShownRun, at: int, found: Pattern | None) -> str:
    """What made the thread of event `at` fail there; `found` is the pattern by which it does."""
    trace = run.trace
    if found is not None and found.name in OF_STALE and not acts_itself(trace, at, found):
        return acted(trace, found)
    stolen = used_up(trace, at) if found is None else ""
    if stolen:
        return stolen
    cause = blamed_event(trace, at, found)
    if cause is not None and found is not None and found.name == "torn read":
        return tearing(trace, cause, found)
    if cause is None:
        cause = culprit(run, at)
    says = blame(trace, at, cause, found) or done_before(run, at)
    return says if found else says + overtaken(trace, trace.events[at].thread)


def overtaken(trace: Trace, thread: int) -> str:
    """That a thread passed a wait by what it had given itself, and another has not passed it."""
    found = took_its_own(trace, thread)
    if found is None:
        return ""
    given, passed = (trace.events[at] for at in found[:2])
    who, behind = trace.names[thread], trace.names[found[2]]
    return (
        f"; {who} had taken step {passed.number}, {said(passed)}, after its own {said(given)} in "
        f"step {given.number}, and {behind} has not passed that yet"
    )


def acts_itself(trace: Trace, at: int, found: Pattern) -> bool:
    """Whether the thread of event `at` is the one that acted on a stale value."""
    return trace.events[found.events[-1]].thread == trace.events[at].thread


def acted(trace: Trace, found: Pattern) -> str:
    """Who read what, who changed it then, and what the first did all the same."""
    read, change, act = (trace.events[each] for each in found.events)
    who = trace.names[read.thread]
    return (
        f"; {changed_by(trace, change)}, after {who} had read {short(repr(read.result))} in step "
        f"{read.number}, and {who} then took step {act.number}, {does(act)}"
    )


def blamed_event(trace: Trace, at: int, found: Pattern | None) -> int | None:
    """The event that a pattern blames for what the thread of event `at` does there."""
    change = found.change if found else None
    if change is None or change >= at or not trace.events[change].change:
        return None
    return change if trace.events[change].thread != trace.events[at].thread else None


def culprit(run: ShownRun, at: int) -> int | None:
    """The event of another thread that changed what the one of event `at` relied on.

    What the condition speaks of counts before what the thread has read, and what the thread had
    touched before it was changed counts before what it had not.
    """
    for objects in (objects_blamed(run, at), read_by(run.trace, at)):
        for touched in (True, False):
            found = latest(run.trace, at, objects, touched)
            if found is not None:
                return found
    return None


def objects_blamed(run: ShownRun, at: int) -> set[str]:
    """The objects that the operands name, or whose values the thread read into an operand."""
    trace, operands = run.trace, dict(run.finding.operands)
    last = trace.events[at]
    read = {
        event.target
        for event in own(trace, at)
        if any(operands.get(name) == text == repr(event.result) for name, text in event.locals)
    }
    if last.gave and repr(last.result) in operands.values():
        read.add(last.target)
    return read | run.finding.objects


def read_by(trace: Trace, at: int) -> set[str]:
    """The objects that the thread of event `at` had results from."""
    return {event.target for event in own(trace, at) if event.gave}


def own(trace: Trace, at: int) -> Iterator[Event]:
    """The events up to `at` of its thread."""
    thread = trace.events[at].thread
    return (event for event in trace.events[: at + 1] if event.thread == thread)


def latest(
    trace: Trace, at: int, objects: Iterable[str], touched: bool, locks: bool = False
) -> int | None:
    """The latest change before event `at`, by another thread, of one of `objects`.

    If `touched`, only of those that the thread of event `at` had touched before.
    """
    victim, wanted = trace.events[at].thread, set(objects)
    for number in range(at - 1, -1, -1):
        event = trace.events[number]
        change = event.change
        if event.thread == victim or not change or change.object not in wanted:
            continue
        if (locks or not change.is_lock) and (not touched or last_touch(trace, number, victim)):
            return number
    return None


def last_touch(trace: Trace, at: int, victim: int) -> Event | None:
    """The last event of `victim` on the object of event `at` before that."""
    target = trace.events[at].target
    mine = (e for e in reversed(trace.events[:at]) if e.thread == victim and e.target == target)
    return next(mine, None)


def done_before(run: ShownRun, at: int) -> str:
    """What the thread of event `at` had itself done to an object that it is about to use again.

    That is its last change of such an object, where there is one.
    """
    trace = run.trace
    mine = trace.events[at].thread
    again = {
        object_.name
        for object_ in trace.product.objects
        for asked, who in run.finding.operands
        if asked.startswith("about to ") and asked.endswith(f"({object_.name})")
        if trace.names[mine] in who.split(", ")
    }
    for event in reversed(trace.events[:at]):
        if event.thread == mine and event.change and event.target in again:
            return f"; {changed_by(trace, event)}"
    return ""


def blame(trace: Trace, at: int, cause: int | None, found: Pattern | None = None) -> str:
    """Who changed the object, how, in which step and section, and where the victim was then."""
    if cause is None:
        return ""
    return (
        f"; {changed_by(trace, trace.events[cause])}, {meanwhile(trace, at, cause, found)}"
        f"{unlocked(trace, at, cause) or (apart(trace, at, cause) if found else '')}"
    )


def unlocked(trace: Trace, at: int, cause: int) -> str:
    """That the thread of event `at` held no lock at the change, if it does hold some in the run.

    Of what is used after it was freed, which locks it held then, or that it held none.
    """
    thread, before = trace.events[at].thread, trace.states[trace.events[cause].number - 1]
    who = trace.names[thread]
    held = held_by(trace, before, who)
    freed = trace.events[at].before is FREED
    if held and freed:
        return f", and {who} held {listed(held)} then"
    began = any(event.thread == thread for event in trace.events[:cause])
    if not held and ((began and used_locks(trace, thread)) or (freed and any_lock(trace))):
        return f", and {who} held no lock then"
    return ""


def apart(trace: Trace, at: int, cause: int) -> str:
    """Which locks the threads of two events held at the change, if they held none together."""
    threads = trace.events[at].thread, trace.events[cause].thread
    before = trace.states[trace.events[cause].number - 1]
    mine, theirs = (held_by(trace, before, trace.names[each]) for each in threads)
    if not mine or set(mine) & set(theirs):
        return ""
    who, other = (trace.names[each] for each in threads)
    return f"; {who} held {listed(mine)} then, and {other} {listed(theirs or ['no lock'])}"


def any_lock(trace: Trace) -> bool:
    """Whether there is any lock in the system."""
    return any(may_be_held(each) for each in trace.product.objects)


def changed_by(trace: Trace, event: Event) -> str:
    """Who changed the object, how, in which step and section."""
    assert event.change is not None
    changed = f"{event.change.object} from {short(event.change.old)} to {short(event.change.new)}"
    who = trace.names[event.thread]
    return f"{who} had changed {changed} in step {event.number}{in_section(event)}"


def tearing(trace: Trace, cause: int, found: Pattern) -> str:
    """Who changed one thing when, and in which steps another thread read it and a second one.

    `found` is the torn read: it read that second one before it was changed too.
    """
    wrote = trace.events[cause]
    mine = [trace.events[each] for each in found.events if each != cause]
    new, old = sorted(mine, key=lambda event: event.target != wrote.target)
    return (
        f"; {changed_by(trace, wrote)}, which {trace.names[new.thread]} read in step {new.number}, "
        f"but it read {old.target} in step {old.number}, before {trace.names[wrote.thread]} "
        f"changed that"
    )


def meanwhile(trace: Trace, at: int, cause: int, found: Pattern | None) -> str:
    """Between which steps of the thread of event `at` the event `cause` came.

    What that thread had read before counts if it is part of the pattern that was `found`, or if it
    was not read again.
    """
    victim = trace.events[at].thread
    who = trace.names[victim]
    before = [event for event in trace.events[:cause] if event.thread == victim]
    after = next(event for event in trace.events[cause:] if event.thread == victim)
    if not before:
        return f"before {who}'s first step"
    seen = last_touch(trace, cause, victim)
    inside = "/".join(before[-1].inside_after)
    if seen and seen.gave and (in_pattern(trace, seen, found) or not again(trace, seen, cause, at)):
        read = f"had read {short(repr(seen.result))} in step {seen.number}"
        return f"while {who} was in {inside} and {read}" if inside else f"after {who} {read}"
    where = f", while {who} was in {inside}" if inside else ""
    return f"between {who}'s steps {before[-1].number} and {after.number}{where}"


def in_pattern(trace: Trace, event: Event, found: Pattern | None) -> bool:
    """Whether an event is one of those that make up a pattern."""
    return found is not None and any(trace.events[at] is event for at in found.events)


def again(trace: Trace, seen: Event, cause: int, at: int) -> bool:
    """Whether the thread that read `seen` read the same after event `cause`, up to event `at`."""
    return any(
        event.gave and (event.thread, event.target) == (seen.thread, seen.target)
        for event in trace.events[cause + 1 : at + 1]
    )


def let_go_meanwhile(trace: Trace, at: int) -> str:
    """Who made way for the thread of event `at`, which would have had to wait, and by what."""
    made_way = [cause.event for cause in causes(trace)[at] if cause.kind == "lock"]
    before = [trace.events[each] for each in made_way if needed(trace, each, at)]
    steps = [f"{trace.names[each.thread]}'s {said(each)} in step {each.number}" for each in before]
    return f", made possible by {' and '.join(steps)}" if steps else ""


def used_up(trace: Trace, at: int) -> str:
    """What a third thread changed between a wake-up of the thread of event `at` and its going on.

    It is something that this thread had looked at before it slept, and reads again afterwards: so
    what it was woken for is gone.
    """
    for woken, wake in wake_ups(trace, at):
        who, signal = trace.events[woken], trace.events[wake]
        for read in own(trace, at):
            found = latest(trace, woken, {read.target}, touched=True)
            if read.number <= who.number or not read.gave or found is None or found < wake:
                continue
            if trace.events[found].thread != signal.thread:
                name = trace.names[who.thread]
                by, stolen = trace.names[signal.thread], changed_by(trace, trace.events[found])
                return (
                    f"; {said(signal)} by {by} in step {signal.number} woke {name}, but {stolen}, "
                    f"before {name} went on in step {who.number}"
                )
    return ""


def wake_ups(trace: Trace, at: int) -> list[tuple[int, int]]:
    """The events up to `at` in which its thread went on once it was woken, and those that woke it.

    The last one comes first. Memory and locks wake nobody.
    """
    found = causes(trace)
    thread = trace.events[at].thread
    return [
        (woken, cause.event)
        for woken in range(at, -1, -1)
        if trace.events[woken].thread == thread and not on_lock(trace.events[woken])
        for cause in found[woken]
        if cause.kind == "lock" and trace.events[cause.event].thread != thread
    ]


def on_lock(event: Event) -> bool:
    """Whether an event works on a lock."""
    return event.step is not None and may_be_held(event.step.target)
