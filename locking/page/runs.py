"""A run as plain data: its events, who holds and waits for what after each, and what it shows.

What the page can work out itself is left out: values are the start and the changes.
"""

from itertools import pairwise

from locking.page.table import Json, Shared, text
from locking.programs.position import Position
from locking.programs.traps import Choice as Choosing
from locking.traces.replay import Event, Held, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import causes, relevant
from locking.traces.why.explain import diagnose
from locking.traces.why.wording import failed


def run(shared: Shared, trace: Trace) -> int:
    """The number of what happens in `trace`, event by event."""
    places = thread_places(shared, trace)
    found: dict[str, Json] = {
        "system": shared.systems.number(system(shared, trace)),
        "events": [
            shared.events.number(event(shared, each, places[at]))
            for at, each in enumerate(trace.events)
        ],
        # Events of one atomic block are one step.
        "joined": [
            at
            for at, (one, other) in enumerate(pairwise(trace.events), 1)
            if one.number == other.number
        ],
        "locks": locks(shared, trace),
    }
    return shared.runs.number(found)


def shown(run: ShownRun, shared: Shared) -> dict[str, Json]:
    """Why a run ends as it does: the diagnosis, the condition with its values, what led to it."""
    return {
        "why": text(diagnose(run)),
        "says": text(run.finding.says),
        "operands": [[text(name), text(value)] for name, value in run.finding.operands],
        "causes": [
            [at, cause.event, shared.reasons.number([cause.kind, text(cause.object)])]
            for at, found in enumerate(causes(run.trace))
            for cause in found
            if cause.kind != "order"
        ],
        "needed": list(relevant(run)),
    }


def system(shared: Shared, trace: Trace) -> Json:
    """The threads and objects of a run, and where they start."""
    product, start = trace.product, trace.product.initial
    return {
        "threads": [text(name) for name in trace.names],
        "places": [place(shared, product.position(at, start)) for at in range(len(trace.names))],
        "in": [
            [text(name) for name in product.position(at, start).inside]
            for at in range(len(trace.names))
        ],
        "objects": shared.objects.number([text(each.name) for each in product.objects]),
        "start": [text(each.show(product.value(each, start))) for each in product.objects],
    }


def thread_places(shared: Shared, trace: Trace) -> list[int | None]:
    """For every event that ends a step, where that leaves its thread; None inside a block."""
    states = trace.states
    ends = [
        at + 1 == len(trace.events) or trace.events[at + 1].number != each.number
        for at, each in enumerate(trace.events)
    ]
    return [
        place(shared, trace.product.position(each.thread, states[each.number])) if last else None
        for each, last in zip(trace.events, ends, strict=True)
    ]


def place(shared: Shared, at: Position) -> int:
    """The number of where a thread stands: its line, what it does next, and what it has failed."""
    step = at.next
    after = "" if step is None else "choose" if isinstance(step, Choosing) else str(step)
    found: dict[str, Json] = {"next": text(after)}
    if step is not None or at.failure:
        found["at"] = shared.site(at.site)
    if at.failures:
        found["failed"] = [text(failed(failure)) for failure in at.failures]
        found["stopped"] = at.failure is not None
    return shared.places.number(found)


def event(shared: Shared, event: Event, then: int | None) -> Json:
    """One event; what it has nothing of is left out."""
    found: dict[str, Json] = {
        "thread": event.thread,
        "call": shared.calls.number(
            [text(event.call), text(event.target), shared.site(event.site)]
        ),
        "result": None if event.returned is None else text(event.returned),
        "queued": event.queued,
        "misuse": text(event.misuse),
        "change": changed(event),
        "in": [text(name) for name in event.inside_after],
        "locals": [[text(name), text(value)] for name, value in event.locals],
        "then": then,
    }
    return {name: value for name, value in found.items() if said(value)}


def said(value: Json) -> bool:
    """Whether a field says something; a number does, 0 too."""
    return value not in (None, "", []) and value is not False


def changed(event: Event) -> Json:
    """The old and the new value of the object, and whether it is a lock."""
    change = event.change
    return [text(change.old), text(change.new), change.is_lock] if change else None


def locks(shared: Shared, trace: Trace) -> list[Json]:
    """Who holds and who waits, wherever that changes: the event (-1: the start) and what is so."""
    found = [(-1, held) for held in trace.held]
    found += [(at, held) for at, each in enumerate(trace.events) for held in each.held]
    return [[at, shared.holdings.number(holding(held))] for at, held in found]


def holding(held: Held) -> Json:
    """The name of an object, who holds it in which mode, and who waits for it."""
    return [
        text(held.name),
        [[text(each.thread), each.mode] for each in held.holders],
        [text(name) for name in held.waiters],
    ]
