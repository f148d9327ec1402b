"""What let threads into sections in which they are at the same time."""

from typing import NamedTuple

from locking.properties.view import INSIDE
from locking.text.words import listed
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.blame import acted, changed_by, let_go_meanwhile
from locking.traces.why.causes import causes
from locking.traces.why.pattern import Pattern
from locking.traces.why.retracing import after, comes_to
from locking.traces.why.stale import had_value
from locking.traces.why.wording import short


class Inside(NamedTuple):
    """A thread in a section, and the event that took it there, by its place in the trace.

    The event is -1 for a thread that has been there from the start.
    """

    entry: int
    thread: int
    section: str


def sections_met(run: ShownRun, found: Pattern | None) -> str:
    """Who is inside at once, and what let them in."""
    says = inside_at_once(run)
    return says if run.claim.wanted else says + let_in(run.trace, found, those_inside(run))


def those_inside(run: ShownRun) -> list[Inside]:
    """Who is inside the sections of the condition at the end, in the order of their entries."""
    trace = run.trace
    return sorted(
        Inside(entry(trace, thread, section), thread, section)
        for thread in range(len(trace.names))
        for section in sections_of(run)
        if section in trace.product.position(thread, trace.end).inside
    )


def sections_of(run: ShownRun) -> list[str]:
    """The sections that a condition speaks of."""
    names = [name for name, _ in run.finding.operands]
    return [name.removeprefix(INSIDE) for name in names if name.startswith(INSIDE)]


def inside_at_once(run: ShownRun) -> str:
    """Who is inside at once, each with the step that took it there."""
    trace, sections, inside = run.trace, sections_of(run), those_inside(run)
    where = f"inside {sections[0]}" if len(sections) == 1 else "inside"
    rows = [in_words(trace, each, len(sections) > 1) for each in inside]
    last = inside[-1].entry
    when = "from the start" if last < 0 else f"from step {trace.events[last].number} on"
    count = len({each.thread for each in inside})
    return f"{count} threads are {where} at the same time {when}: {listed(rows)}"


def in_words(trace: Trace, inside: Inside, several: bool) -> str:
    """Who is inside since when, and in which section where there are several."""
    who = trace.names[inside.thread] + (f" in {inside.section}" if several else "")
    return who + (f" since step {trace.events[inside.entry].number}" if inside.entry >= 0 else "")


def entry(trace: Trace, thread: int, section: str) -> int:
    """The event that took `thread` into `section`, where it still is; -1 if it began there."""
    own = [at for at, event in enumerate(trace.events) if event.thread == thread]
    return next((at for at in reversed(own) if section not in trace.events[at].inside), -1)


def let_in(trace: Trace, found: Pattern | None, inside: list[Inside]) -> str:
    """What let in the last of those that are inside, who are in the order of their entries."""
    if found is not None:
        return acted(trace, found)
    came = [each for each in inside if each.entry >= 0]
    if not came:
        return ""
    changed = [change_behind(trace, each.thread, each.entry) for each in came[:-1]]
    return "".join(
        [*changed, seen_before(trace, came[-1].entry), let_go_meanwhile(trace, came[-1].entry)]
    )


def change_behind(trace: Trace, thread: int, entry: int) -> str:
    """What another changed behind a thread that went in, if it would not have gone in with it."""
    for read in gate(trace, entry):
        for change in range(entry + 1, len(trace.events)):
            event = trace.events[change]
            if event.target != trace.events[read].target or event.thread == thread:
                continue
            if event.change and keeps_out(trace, read, entry, change):
                value = short(repr(trace.events[read].result))
                return (
                    f"; {changed_by(trace, event)}, after {trace.names[thread]} had read {value} "
                    f"in step {trace.events[read].number} and gone in"
                )
    return ""


def keeps_out(trace: Trace, read: int, entry: int, change: int) -> bool:
    """Whether a thread would not have gone in by `entry`, had it met what `change` made of it."""
    return not comes_to(trace, read, after(trace, change), entry + 1)


def gate(trace: Trace, entry: int) -> list[int]:
    """The events that had values in the last step of a thread with any, up to that of `entry`."""
    thread = trace.events[entry].thread
    read = [
        at
        for at, event in enumerate(trace.events[: entry + 1])
        if event.thread == thread and had_value(event)
    ]
    return [at for at in read if trace.events[at].number == trace.events[read[-1]].number]


def read_in_words(trace: Trace, at: int) -> str:
    """What a read gave, and the step of another thread that had written it, if any had."""
    event, by = trace.events[at], of_another(trace, at)
    who = f" ({trace.names[by[0].thread]}, step {by[0].number})" if by else ""
    return f"{event.target} = {short(repr(event.result))}{who}"


def of_another(trace: Trace, at: int) -> list[Event]:
    """The write of another thread whose value a read met, if there is one."""
    wrote = [trace.events[cause.event] for cause in causes(trace)[at] if cause.kind == "data"]
    return [each for each in wrote if each.thread != trace.events[at].thread]


def seen_before(trace: Trace, entry: int) -> str:
    """What a thread had read last when it went in."""
    read = [trace.events[at] for at in gate(trace, entry)]
    if not any(of_another(trace, at) for at in gate(trace, entry)):
        return ""
    values = listed([read_in_words(trace, at) for at in gate(trace, entry)])
    who = trace.names[read[0].thread]
    return f"; {who} went in after it had read {values} in step {read[0].number}"


def decided_by(trace: Trace, at: int) -> str:
    """What the thread of event `at` had read last, if it came there because of that.

    Only what has changed in the run, and what would have led it elsewhere before it changed.
    """
    decided = [read for read in read_before(trace, at) if leads_to(trace, read, at)]
    if not decided:
        return ""
    values = listed([read_in_words(trace, read) for read in decided])
    first = trace.events[decided[0]]
    return f"; {trace.names[first.thread]} had read {values} in step {first.number}"


def read_before(trace: Trace, at: int) -> list[int]:
    """The events that had values in the last step with any of the thread of event `at`, before."""
    thread = trace.events[at].thread
    own = [each for each in range(at) if trace.events[each].thread == thread]
    return gate(trace, own[-1]) if own else []


def seen_half_done(trace: Trace, change: int | None, writer: int) -> str:
    """What the thread of a `change` had read last, if thread `writer` had written that."""
    if change is None:
        return ""
    for read in read_before(trace, change):
        if any(wrote.thread == writer for wrote in of_another(trace, read)):
            event = trace.events[read]
            who = trace.names[event.thread]
            return f"; {who} had read {read_in_words(trace, read)} in step {event.number}"
    return ""


def leads_to(trace: Trace, read: int, at: int) -> bool:
    """Whether a thread would not have come to event `at`, had it read what was there before."""
    target = trace.events[read].target
    if target == trace.events[at].target:
        return False  # that is what the step works on
    changed = [each for each in range(read) if change_of(trace, each, target)]
    if not changed:
        return False
    return not comes_to(trace, read, trace.events[changed[-1]].before, at)


def change_of(trace: Trace, at: int, target: str) -> bool:
    """Whether event `at` changed the object called `target`."""
    change = trace.events[at].change
    return change is not None and change.object == target
