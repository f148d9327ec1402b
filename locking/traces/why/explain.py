"""Why a run ends as it does: one sentence, drawn from its trace and from nothing else.

Rule of this file: a clause is written only where an event, or the state at the end, shows it.
"""

from collections.abc import Iterator

from locking.explore.product import State
from locking.objects.operation import Operation
from locking.programs.position import Fault, Position
from locking.properties.explored import Finding, Property
from locking.properties.failing import failure_kind
from locking.properties.kinds import Subject, kind_of
from locking.properties.overlap import Touch
from locking.properties.race import access_in_words, races_in
from locking.properties.view import INSIDE
from locking.text.file_names import line_of
from locking.text.words import listed
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.blame import blame, blamed, culprit, latest, let_go_meanwhile
from locking.traces.why.causes import writes
from locking.traces.why.endless import endless_in_words
from locking.traces.why.entering import decided_by, inside_at_once, sections_met, seen_half_done
from locking.traces.why.holding import holds_at, taking
from locking.traces.why.own_doing import own_doing
from locking.traces.why.pattern import Pattern
from locking.traces.why.patterns import pattern
from locking.traces.why.references import kept_references
from locking.traces.why.too_soon import too_soon
from locking.traces.why.waiting import hang, has_ended, how
from locking.traces.why.wording import at_site, does, does_wrong, place_in_trace, said

DEADLOCK = "deadlock: "
"""How the finding of a deadlock begins, which the name of a pattern says already."""


def diagnose(run: ShownRun) -> str:
    """One sentence that says why a run ends as it does; it begins with the pattern's name."""
    found = pattern(run)
    says = sentence(run, found)
    return f"{found.name[0].upper()}{found.name[1:]}: {says}" if found else says


def summarise(run: ShownRun) -> str:
    """What a run shows, in the first clause of its diagnosis, or as the property itself says it."""
    found = pattern(run)
    match kind_of(run.claim).speaks_of:
        case Subject.WAITS | Subject.ACCESSES | Subject.RUNS:
            says = run.finding.says.removeprefix(DEADLOCK if found else "")
        case Subject.SECTIONS:
            says = inside_at_once(run)
        case Subject.STATES | Subject.ENDS | Subject.FAILURES if not by_misuse(run):
            says = lead_of(run)
        case _:
            says = sentence(run, found).removesuffix(".")
    return f"{found.name[0].upper()}{found.name[1:]}: {says}" if found else says


def sentence(run: ShownRun, found: Pattern | None) -> str:
    """Why a run ends as it does, without the name of the pattern that was `found`."""
    trace = run.trace
    match kind_of(run.claim).speaks_of:
        case Subject.WAITS:
            return hang(trace, found) + "."
        case Subject.ROUNDS:
            return (endless_in_words(run) or hang(trace, found)) + "."
        case Subject.ACCESSES:
            return raced(run) + "."
        case Subject.RUNS:
            return run.finding.says + "."
        case Subject.SECTIONS:
            return sections_met(run, found) + "."
        case Subject.LOCKS_LEFT:
            return leaked(trace) + "."
        case Subject.FAILURES if by_misuse(run):
            return misused(trace) + "."
    return broken(run, found) + "."


def by_misuse(run: ShownRun) -> bool:
    """Whether the last step is a misuse, and that is what the run shows."""
    events = run.trace.events
    return failure_kind(run.claim) is Fault.MISUSE and bool(events and events[-1].misuse)


def leaked(trace: Trace) -> str:
    """Which locks are held by threads that have ended, and what each such thread did last."""
    return "; ".join(
        f"{who} ends{after_last(trace, who)} and still holds {listed(held)}"
        for who in trace.names
        if has_ended(trace, who) and (held := list(held_by(trace, who)))
    )


def after_last(trace: Trace, who: str) -> str:
    """The step that thread `who` took last, with its line; nothing where it took none."""
    own = [event for event in trace.events if trace.names[event.thread] == who]
    return f" after step {own[-1].number}, {said(own[-1])}{place_in_trace(own[-1])}," if own else ""


def held_by(trace: Trace, who: str) -> Iterator[str]:
    """The locks that thread `who` holds at the end, each with the way, the step and its line."""
    for lock in trace.product.objects:
        if holds_at(trace, trace.end, lock, who):
            lines = [line_of(trace.events[at].site) for at in taking(trace, lock, who)]
            yield (
                lock.name + how(trace, lock, who) + "".join(f", taken at {each}" for each in lines)
            )


def raced(run: ShownRun) -> str:
    """The two accesses, each with its line, and after them every other pair that races there."""
    trace = run.trace
    pairs = list(races_in(trace.product, trace.end))
    if not pairs:
        return run.finding.says
    rows = [
        f"{about_to(trace, one, mine, mine.cell.name)} while {about_to(trace, other, theirs, 'it')}"
        for (one, mine), (other, theirs) in pairs
    ]
    return "; also, ".join([f"{rows[0]}, and neither has to wait for the other", *rows[1:]])


def about_to(trace: Trace, thread: int, touch: Touch, what: str) -> str:
    """The access that a thread takes next."""
    at = trace.product.position(thread, trace.end)
    step = at.next
    direct = isinstance(step, Operation) and step.target is touch.cell
    how = str(step) if direct else "in the atomic block"
    inside = f", in {'/'.join(at.inside)}" if at.inside else ""
    does = f"{trace.names[thread]} is about to {access_in_words(touch)} {what}"
    return f"{does} ({how}{at_site(at.site)}{inside})"


def misused(trace: Trace) -> str:
    """The misuse with its reason, and who put the object into that state."""
    last = trace.events[-1]
    who = trace.names[last.thread]
    at = len(trace.events) - 1
    return (
        f"{said(last)} by {who} in step {last.number}{place_in_trace(last)} "
        f"is a misuse: {last.misuse}"
        f"{blame(trace, at, latest(trace, at, {last.target}, touched=False, locks=True))}"
    )


def broken(run: ShownRun, found: Pattern | None) -> str:
    """The step that made it so, and who changed what the thread relied on."""
    trace, at = run.trace, breaking_event(run)
    says = lead_of(run)
    if at is None or run.claim.wanted:
        return says
    kept = "" if found else kept_references(trace, run.finding.objects)
    says += kept or blamed(run, at, found)
    if found or kept:
        return says
    victim, change = trace.events[at].thread, culprit(run, at)
    says += own_doing(trace, at, change) + seen_half_done(trace, change, victim)
    return says + decided_by(trace, at) + too_soon(trace, at, change)


def first_shown(run: ShownRun) -> int:
    """The number of the first state of a run that shows what it shows; -1 where none does."""
    states = run.trace.states or (run.trace.end,)
    shows = (at for at, state in enumerate(states) if run.claim.find(run.trace.product, state))
    return next(shows, -1)


def breaking_event(run: ShownRun) -> int | None:
    """The event that made it so; None where it is so from the start."""
    trace = run.trace
    first = first_shown(run)
    if not trace.events or (trace.states and first == 0):
        return None
    return breaking(run, first if trace.states else trace.events[-1].number)


def lead_of(run: ShownRun) -> str:
    """The step that made it so, or that it was so from the start."""
    at = breaking_event(run)
    if at is None:
        return at_the_start(run)
    event, states = run.trace.events[at], run.trace.states or (run.trace.end,)
    if run.claim.wanted:
        who = run.trace.names[event.thread]
        return f"{who} makes it so in step {event.number}: {does(event)}"
    return lead(run, at, states[first_shown(run)])


def at_the_start(run: ShownRun) -> str:
    """What there is to say where no step was needed."""
    trace = run.trace
    for thread, who in enumerate(trace.names):
        position = trace.product.position(thread, trace.product.initial)
        failed = failure_of(position, run.claim)
        if failed:
            return f"{who} {failed}{at_site(position.site)} before its first step"
    how = "true" if run.claim.wanted else "broken"
    return f"{run.claim.name} is {how} at the start, before any thread takes a step"


def failure_of(position: Position, property_: Property) -> str:
    """How a thread failed `property_` there, or nothing."""
    kind = failure_kind(property_)
    if kind is None or kind not in [failure.kind for failure in position.failures]:
        return ""
    return does_wrong(kind)


def breaking(run: ShownRun, number: int) -> int:
    """The event that made it so; of a condition on the end, the last that wrote what it reads.

    One that wrote over what another thread had written comes before one that did not.
    """
    names, events = run.finding.objects, run.trace.events
    ends = kind_of(run.claim).speaks_of is Subject.ENDS
    step = [at for at, event in enumerate(events) if event.number == number]
    touching = range(len(events)) if ends else step
    of_names = [at for at in touching if events[at].target in names]
    wrote = [at for at in of_names if events[at].change or writes(events[at])]
    last = {events[at].target: at for at in wrote}  # of each object
    over = [at for at in sorted(last.values()) if ends and writes_over(run.trace, at)]
    return (over or wrote or step)[-1]


def writes_over(trace: Trace, at: int) -> bool:
    """Whether the last write before event `at` to the same object was another thread's."""
    event = trace.events[at]
    before = (
        earlier.thread
        for earlier in reversed(trace.events[:at])
        if earlier.target == event.target and earlier.change
    )
    return next(before, event.thread) != event.thread


def lead(run: ShownRun, at: int, state: State) -> str:
    """The step that made it so, by its event; `state` is the one after it."""
    trace, finding = run.trace, run.finding
    event = trace.events[at]
    who = trace.names[event.thread]
    position = trace.product.position(event.thread, state)
    failed = failure_of(position, run.claim)
    if failed:
        where = f" ({line_of(position.site)})" if position.failure else ""
        return f"{who} {failed}{where} after step {event.number}: {does(event)}"
    if kind_of(run.claim).speaks_of is Subject.ENDS:
        wrote = event.target in run.finding.objects and (event.change or writes(event))
        last = f"the last to write {event.target}" if wrote else "the last step"
        return f"{said(event)} by {who} in step {event.number}{place_in_trace(event)} is {last}"
    return (
        f"{who} breaks it in step {event.number}: {does(event)}{let_go_meanwhile(trace, at)}"
        f"{sections_moved(event, finding)}"
        f"{about_to_do(position, who, finding) or sections_of_others(trace, event.thread, state)}"
    )


def sections_moved(event: Event, finding: Finding) -> str:
    """The sections, of those that the condition speaks of, that the step entered or left."""
    named = {name.removeprefix(INSIDE) for name, _ in finding.operands}
    entered = [name for name in event.inside_after if name not in event.inside and name in named]
    left = [name for name in event.inside if name not in event.inside_after and name in named]
    return "".join(
        [f", which takes it into {name}" for name in entered]
        + [f", which takes it out of {name}" for name in left]
    )


def about_to_do(position: Position, who: str, finding: Finding) -> str:
    """What a thread does next, where the condition speaks of just that."""
    step = position.next
    if not isinstance(step, Operation):
        return ""
    asked = dict(finding.operands).get(f"about to {step.name}({step.target.name})", "")
    if who not in asked.split(", "):
        return ""
    inside = f", in {'/'.join(position.inside)}" if position.inside else ""
    return f", after which it is about to {step} ({line_of(position.site)}{inside})"


def sections_of_others(trace: Trace, thread: int, state: State) -> str:
    """Inside which sections other threads are."""
    rows = [
        f"{name} is in {'/'.join(inside)}"
        for other, name in enumerate(trace.names)
        if other != thread and (inside := trace.product.position(other, state).inside)
    ]
    return f", while {listed(rows)}" if rows else ""
