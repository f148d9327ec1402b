"""Threads that wait for good: who holds what, which wake-up came too early, and since when.

Rule of this file: a clause is written only where an event, or the state at the end, shows it.
"""

from itertools import pairwise

from locking.objects.operation import Object, Operation, Site, Until
from locking.properties.deadlock import Waits, cycle_in, waits_for
from locking.properties.released import may_be_held
from locking.text.file_names import line_of
from locking.text.words import listed
from locking.traces.replay import Trace
from locking.traces.standstill import inevitable_since
from locking.traces.why.patterns import MISSED, Pattern, waits_in
from locking.traces.why.processors import for_a_processor, processor_row
from locking.traces.why.taking import holds_at, taking
from locking.traces.why.wakes import woken_early
from locking.traces.why.wording import does, short

MODES_IN_WORDS = {"read": "reading", "write": "writing"}
"""Modes of holding that a sentence names."""


def hang(trace: Trace, found: Pattern | None) -> str:
    """Why threads wait for good, by the pattern that was `found`."""
    early = missed(trace, found) if found and found.name == MISSED else ""
    return early + deadlocked(trace) + inevitable(trace)


def deadlocked(trace: Trace) -> str:
    """Who holds what and waits for what: the cycle, or everybody who waits where there is none."""
    waits = waits_for(trace.product, trace.end)
    cycle = cycle_in(waits)
    if len(cycle) > 2 and not any(for_a_processor(waits[who][0]) for who in cycle):
        rows = [
            f"{after} holds {waits[who][0].target.name}{how(trace, waits[who][0].target, after)} "
            f"and waits for {waits[after][0].target.name}"
            for who, after in pairwise(cycle)
        ]
        end = "each waits for the other" if len(cycle) == 3 else "each waits for the next"
        return f"{'; '.join([rows[-1], *rows[:-1]])}: {end}"
    rows = [
        processor_row(trace, who, step, names)
        if for_a_processor(step)
        else f"{who} waits for {waited_for(trace, who, step, names)}{behind(trace, who, waits)}"
        for who, (step, names) in waits.items()
    ]
    stuck = not trace.product.moves(trace.end)
    return "; ".join(rows) + (", and no thread can take a step" if stuck else "")


def inevitable(trace: Trace) -> str:
    """The step from which on the deadlock comes, whatever the threads do, if not the last."""
    number = inevitable_since(trace.product, trace.states)
    if number is None or number >= len(trace.states) - 1:
        return ""
    return f"; from step {number} on it can't be avoided"


def missed(trace: Trace, found: Pattern) -> str:
    """Which step came before which, so that the wake-up was missed, and who woke nobody after."""
    waits = waits_for(trace.product, trace.end)
    first, last = found.events
    wakes = [
        f"{taken_by(trace, at)}, before {who} waited"
        for who, (step, _) in waits.items()
        for at in woken_early(trace, who, step, last)[-1:]
    ]
    rows = [f"{taken_by(trace, first)}, before {taken_by(trace, last)}", *wakes]
    return "; ".join(rows) + "; "


def taken_by(trace: Trace, at: int) -> str:
    """Which thread took a step, and what the step does."""
    event = trace.events[at]
    return f"{trace.names[event.thread]} took step {event.number}, {does(event)}"


def waited_for(trace: Trace, waiter: str, step: Operation, names: list[str]) -> str:
    """What a thread waits for: an object and its holders, or a condition with what it is given."""
    if not isinstance(step, Until):
        return holders_text(trace, waiter, step, names)
    objects = [f"{e.name} is {e.show(trace.product.value(e, trace.end))}" for e in step.objects]
    where = line_of(site_of(trace, waiter))
    return f"its condition ({where}), which is false while {listed(objects)}"


def holders_text(trace: Trace, waiter: str, step: Operation, names: list[str]) -> str:
    """The object that is waited for and who holds it, said of those who have ended."""
    where = line_of(site_of(trace, waiter))
    if not names:
        lock, shown = step.target, step.target.show(trace.product.value(step.target, trace.end))
        says = "which nobody holds" if may_be_held(lock) else f"whose state is: {short(shown)}"
        return f"{lock.name} ({where}), {says}"
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


def holder_in_words(trace: Trace, waiter: str, name: str) -> str:
    """The clause that a thread holds what `waiter` waits for."""
    if name == waiter:
        return "it holds itself"
    return f"{name}, which has ended, still holds" if has_ended(trace, name) else f"{name} holds"


def behind(trace: Trace, who: str, waits: Waits) -> str:
    """Another thread that waits, without which `who` would not have to: it came first."""
    step = waits[who][0]
    last = {trace.names[event.thread]: event for event in trace.events}  # it is queued up since
    for other in waits:
        event = last.get(other)
        if event is None or not event.queued or other == who or event.target != step.target.name:
            continue
        if not waits_in(step, event.before, who):
            return f", behind {other}, which queued up for it in step {event.number}"
    return ""


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
