"""Threads that wait for good: who holds what, which wake-up came too early, and since when.

Rule of this file: a clause is written only where an event, or the state at the end, shows it.
"""

from itertools import pairwise

from locking.objects.operation import Object, Operation, Site
from locking.objects.until import Until
from locking.programs.keys import typed
from locking.properties.deadlock import Waits, cycle_in, waits_for
from locking.properties.released import may_be_held
from locking.text.file_names import line_of
from locking.text.words import listed
from locking.traces.replay import Event, Trace
from locking.traces.standstill import inevitable_since
from locking.traces.why.blame import OF_STALE, acted, changed_by
from locking.traces.why.causes import asked
from locking.traces.why.hangs import closed_by_holders, queued_ahead
from locking.traces.why.holding import holds_at, taking
from locking.traces.why.pattern import MISSED, Pattern
from locking.traces.why.processors import for_a_processor, processor_row
from locking.traces.why.stale import had_value
from locking.traces.why.wakes import went_to
from locking.traces.why.wording import does, said, short

MODES_IN_WORDS = {"read": "reading", "write": "writing"}
"""Modes of holding that a sentence names."""

MOST_NAMED = 3
"""Fewer other holders of a lock than so many are named, more are counted."""


def hang(trace: Trace, found: Pattern | None) -> str:
    """Why threads wait for good, by the pattern that was `found`."""
    early = missed(trace, found) if found and found.name == MISSED else ""
    left = acted(trace, found) if found and found.name in OF_STALE else ""
    told = found.events if early and found else ()
    return early + deadlocked(trace, told) + left + inevitable(trace)


def deadlocked(trace: Trace, told: tuple[int, ...]) -> str:
    """Who holds what and waits for what: the cycle, or everybody who waits where there is none.

    The events `told` have been told of before.
    """
    waits = waits_for(trace.product, trace.end)
    cycle = cycle_in(waits)
    if len(cycle) > 2 and closed_by_holders(trace, cycle, waits):
        return ring_in_words(trace, waits, cycle)
    rows = [
        processor_row(trace, who, step, names)
        if for_a_processor(step)
        else f"{who}{last_value(trace, who, step)} waits for {waited_upon(trace, who, step, names)}"
        f"{wakes(trace, who, step, told)}{behind(trace, who, waits)}"
        for who, (step, names) in waits.items()
    ]
    stuck = not trace.product.moves(trace.end)
    return "; ".join(rows) + (", and no thread can take a step" if stuck else "")


def ring_in_words(trace: Trace, waits: Waits, cycle: list[str]) -> str:
    """Who of a cycle holds what and waits for what, in the order in which they took it."""

    def taken(pair: tuple[str, str]) -> int:
        return min(taking(trace, waits[pair[0]][0].target, pair[1]), default=-1)

    pairs = sorted(pairwise(cycle), key=taken)
    rows = [
        f"{holder} holds {waits[who][0].target.name}{how(trace, waits[who][0].target, holder)}"
        f"{as_others_do(holder, waits[who][1])} and waits for {waits[holder][0].target.name}"
        for who, holder in pairs
    ]
    in_turn = all(one[1] == two[0] for one, two in pairwise(pairs))
    end = "the next" if in_turn else "what another of them holds"
    return f"{'; '.join(rows)}: each waits for {'the other' if len(pairs) == 2 else end}"


def as_others_do(holder: str, holders: list[str]) -> str:
    """That others hold a lock too, which is why it helps nobody if one `holder` lets it go."""
    others = [name for name in holders if name != holder]
    if not others:
        return ""
    named = listed(others) if len(others) < MOST_NAMED else f"{len(others)} others"
    return f", as {'does' if len(others) == 1 else 'do'} {named},"


def inevitable(trace: Trace) -> str:
    """The step after which no run can come to its end, if that is not the last."""
    number = inevitable_since(trace.product, trace.states)
    if number is None or number >= len(trace.states) - 1:
        return ""
    last = next(event for event in trace.events if event.number == number)
    taken = f"{said(last)} by {trace.names[last.thread]}"
    return f"; after step {number}, {taken}, no run can come to its end"


def missed(trace: Trace, found: Pattern) -> str:
    """Who changed what a thread had looked at before it waited, and who woke it too early."""
    rows = []
    if found.change is not None:
        read, change = trace.events[found.events[0]], trace.events[found.change]
        who = trace.names[read.thread]
        last = max(each.number for each in trace.events if each.thread == read.thread)
        waited = " and before it waited" if change.number < last else ""
        rows.append(
            f"{changed_by(trace, change)}, after {who} had read {short(repr(read.result))} in "
            f"step {read.number}{waited}"
        )
    wakes = found.events[2:] if found.change is not None else found.events
    for at in wakes:
        event = trace.events[at]
        [who, *_] = [who for who, step in waits_in_end(trace) if step.target.name == event.target]
        rows.append(
            f"{trace.names[event.thread]} took step {event.number}, {does(event)}, before "
            f"{who} waited"
        )
    rows += no_wake_ups(trace, found)
    return "; ".join(rows) + "; "


def no_wake_ups(trace: Trace, found: Pattern) -> list[str]:
    """The last thing in vain that the thread which changed what was looked at did to wake it."""
    if found.change is None:
        return []
    changer = trace.events[found.change].thread
    vain = [
        event
        for at, event in enumerate(trace.events)
        if event.thread == changer and at not in found.events and in_vain(trace, event)
    ]
    return [
        f"{said(event)} by {trace.names[changer]} in step {event.number} changed nothing"
        for event in vain[-1:]
    ]


def in_vain(trace: Trace, event: Event) -> bool:
    """Whether an event changed nothing on what is waited for at the end, and would do so then."""
    step = event.step
    if step is None or event.change or may_be_held(step.target):
        return False
    state = trace.product.value(step.target, trace.end)
    got = asked(step, state, trace.names[event.thread])
    awaited = event.target in [each.target.name for _, each in waits_in_end(trace)]
    return awaited and isinstance(got, tuple) and typed(got[0]) != typed(state)


def waits_in_end(trace: Trace) -> list[tuple[str, Operation]]:
    """Who waits at the end, and in what."""
    waits = waits_for(trace.product, trace.end)
    return [(who, step) for who, (step, _) in waits.items()]


def waited_upon(trace: Trace, waiter: str, step: Operation, names: list[str]) -> str:
    """What a thread waits for: an object and its holders, or a condition with what it is given."""
    if not isinstance(step, Until):
        return holders_text(trace, waiter, step, names)
    objects = [state_with_its_step(trace, each) for each in step.objects]
    where = line_of(site_of(trace, waiter))
    return f"its condition ({where}), which is false while {listed(objects)}"


def last_value(trace: Trace, who: str, step: Operation) -> str:
    """What a thread had from memory last, of other objects than those that its condition has.

    Only of a step that did no more than that.
    """
    if not isinstance(step, Until):
        return ""
    own = [event for event in trace.events if trace.names[event.thread] == who and had_value(event)]
    if not own or own[-1].target in [each.name for each in step.objects]:
        return ""
    alone = [event.number for event in trace.events].count(own[-1].number) == 1
    return f", after {said(own[-1])} in step {own[-1].number}," if alone else ""


def state_with_its_step(trace: Trace, object_: Object) -> str:
    """The state of an object at the end, and the step that made it so, if any did."""
    shown = f"{object_.name} is {short(object_.show(trace.product.value(object_, trace.end)))}"
    made = [each for each in trace.events if each.change and each.target == object_.name]
    by = f" ({trace.names[made[-1].thread]}, step {made[-1].number})" if made else ""
    return shown + by


def holders_text(trace: Trace, waiter: str, step: Operation, names: list[str]) -> str:
    """The object that is waited for and who holds it, said of those who have ended."""
    where = line_of(site_of(trace, waiter))
    if not names:
        lock, shown = step.target, step.target.show(trace.product.value(step.target, trace.end))
        if may_be_held(lock):
            return f"{lock.name} ({where}), which nobody holds"
        return f"{lock.name} ({where}), whose state is: {short(shown)}"
    held = [
        holder_in_words(trace, waiter, name) + how(trace, step.target, name)
        for name in names
        if name in trace.names
    ]
    parts = [f"which {listed(held)}"] if held else []
    outside = [name for name in names if name not in trace.names]
    if outside:
        none = "no thread" if len(outside) == 1 else "no threads"
        verb = "is" if len(outside) == 1 else "are"
        parts.append(
            f"held from the start by {listed(outside)}, which {verb} {none} of this system"
        )
    return f"{step.target.name}, {', and '.join(parts)}"


def wakes(trace: Trace, waiter: str, step: Operation, told: tuple[int, ...]) -> str:
    """To whom the last wake-up went since a thread waits, or that it changed nothing."""
    if isinstance(step, Until) or may_be_held(step.target):
        return ""
    found = went_to(trace, waiter, step)
    if found is not None:
        wake, goes_on = (trace.events[at] for at in found)
        return (
            f", and {said(wake)} by {trace.names[wake.thread]} in step {wake.number} let "
            f"{trace.names[goes_on.thread]} go on (step {goes_on.number})"
        )
    others = [
        at
        for at, event in enumerate(trace.events)
        if event.step and event.step.target is step.target and trace.names[event.thread] != waiter
        if event.step.name != step.name
    ]
    if not others or others[-1] in told or trace.events[others[-1]].change:
        return ""
    last = trace.events[others[-1]]
    who = trace.names[last.thread]
    return f", and {said(last)} by {who} in step {last.number} changed nothing"


def holder_in_words(trace: Trace, waiter: str, name: str) -> str:
    """The clause that a thread holds what `waiter` waits for."""
    if name == waiter:
        return "it holds itself"
    return f"{name}, which has ended, still holds" if has_ended(trace, name) else f"{name} holds"


def behind(trace: Trace, who: str, waits: Waits) -> str:
    """Another thread that waits, without which `who` would not have to: it came first."""
    ahead = queued_ahead(trace, who, waits)
    if ahead is None:
        return ""
    return f", behind {trace.names[ahead.thread]}, which queued up for it in step {ahead.number}"


def how(trace: Trace, lock: Object, who: str) -> str:
    """How `who` holds a lock, and since which step."""
    modes = {h.mode for h in lock.holders(trace.product.value(lock, trace.end)) if h.thread == who}
    says = [f"for {gerund}" for mode, gerund in MODES_IN_WORDS.items() if mode in modes]
    taken = [f"since step {trace.events[at].number}" for at in taking(trace, lock, who)]
    if not taken and holds_at(trace, trace.end, lock, who):
        taken = ["from the start"]
    says += taken
    return f" ({', '.join(says)})" if says else ""


def has_ended(trace: Trace, who: str) -> bool:
    """Whether thread `who` has come to its end."""
    return trace.product.position(trace.names.index(who), trace.end).next is None


def site_of(trace: Trace, who: str) -> Site:
    """The line at which a thread stands at the end."""
    return trace.product.position(trace.names.index(who), trace.end).site
