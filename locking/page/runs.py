"""A run as plain data: its events, who holds and waits for what after each, and what it shows.

What the page can work out itself is left out: values are the start and the changes.
"""

from locking.page.facts import facts_of, shown_facts
from locking.page.table import JsonValue, SharedTables, printable
from locking.programs.frames import HelperCall
from locking.programs.position import Position
from locking.programs.traps import Choose as Choosing
from locking.traces.replay import Event, Held, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import causes
from locking.traces.why.explain import diagnose
from locking.traces.why.relevance import relevant
from locking.traces.why.wording import failure_in_words


def run(shared: SharedTables, trace: Trace) -> int:
    """The number of what happens in `trace`, event by event."""
    places = thread_places(shared, trace)
    found: dict[str, JsonValue] = {
        "system": shared.systems.number(system(shared, trace)),
        "events": [
            shared.events.number(
                event(shared, each, places[at], at and trace.events[at - 1].number)
            )
            for at, each in enumerate(trace.events)
        ],
        "locks": lock_changes(shared, trace),
    }
    return shared.runs.number(found)


def reason_entry(run: ShownRun, shared: SharedTables) -> dict[str, JsonValue]:
    """Why a run ends as it does: its facts, the condition with its values, what led to it."""
    return {
        "why": [printable(fact) for fact in facts_of(diagnose(run))],
        "says": shared.clauses.number(printable(run.finding.says)),
        "operands": [[printable(name), printable(value)] for name, value in run.finding.operands],
        "causes": [
            [at, cause.event, shared.reasons.number([cause.kind, printable(cause.object)])]
            for at, found in enumerate(causes(run.trace))
            for cause in found
            if cause.kind != "order"
        ],
        "needed": list(relevant(run)),
        "cycle": [at for at, each in enumerate(run.trace.events) if each.number in run.round],
        **shown_facts(shared, run),
    }


def system(shared: SharedTables, trace: Trace) -> JsonValue:
    """The threads and objects of a run, and where they start."""
    product, start = trace.product, trace.product.initial
    return {
        "threads": [printable(name) for name in trace.names],
        "places": [
            place_number(shared, product.position(at, start)) for at in range(len(trace.names))
        ],
        "in": [
            [printable(name) for name in product.position(at, start).inside]
            for at in range(len(trace.names))
        ],
        "objects": shared.objects.number([printable(each.name) for each in product.objects]),
        "start": [printable(each.show(product.value(each, start))) for each in product.objects],
    }


def thread_places(shared: SharedTables, trace: Trace) -> list[int | None]:
    """For every event that ends a step, where that leaves its thread; None inside a block."""
    states = trace.states
    ends = [
        at + 1 == len(trace.events) or trace.events[at + 1].number != each.number
        for at, each in enumerate(trace.events)
    ]
    return [
        place_number(shared, trace.product.position(each.thread, states[each.number]))
        if last
        else None
        for each, last in zip(trace.events, ends, strict=True)
    ]


def place_number(shared: SharedTables, at: Position) -> int:
    """The number of where a thread stands: its line, what it does next, and what it has failed."""
    step = at.next
    after = "" if step is None else "choose" if isinstance(step, Choosing) else str(step)
    found: dict[str, JsonValue] = {"next": printable(after)}
    if step is not None or at.failure:
        found["at"] = shared.site(at.site)
    if at.failures:
        found["failed"] = [printable(failure_in_words(failure)) for failure in at.failures]
        found["stopped"] = at.failure is not None
    return shared.places.number(found)


def event(shared: SharedTables, event: Event, then: int | None, before: int) -> JsonValue:
    """One event; `before` is the number of the step before. What it has nothing of is left out."""
    found: dict[str, JsonValue] = {
        "thread": event.thread,
        "call": shared.calls.number(
            [
                printable(event.call),
                printable(event.target),
                shared.site(event.site),
                *called_entry(shared, event.called),
            ]
        ),
        "result": None if event.returned is None else printable(event.returned),
        "queued": event.queued,
        "misuse": printable(event.misuse),
        "change": changed_value(event),
        "in": [printable(name) for name in event.inside_after],
        "locals": [[printable(name), printable(value)] for name, value in event.locals],
        "then": then,
        "joined": event.number == before,  # events of one atomic block are one step
    }
    return saying(found)


def called_entry(shared: SharedTables, called: HelperCall | None) -> list[JsonValue]:
    """The line that called a helper, and the helpers; nothing where a step is in none."""
    return [shared.site(called.site), printable("/".join(called.helpers))] if called else []


def saying(found: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields that say something; a number does, 0 too."""
    return {
        name: value
        for name, value in found.items()
        if value not in (None, "", []) and value is not False
    }


def changed_value(event: Event) -> JsonValue:
    """The old and the new value of the object, and whether it is a lock."""
    change = event.change
    return [printable(change.old), printable(change.new), change.is_lock] if change else None


def lock_changes(shared: SharedTables, trace: Trace) -> list[JsonValue]:
    """Who holds and who waits, wherever that changes: the event (-1: the start) and what is so."""
    found = [(-1, held) for held in trace.held]
    found += [(at, held) for at, each in enumerate(trace.events) for held in each.held]
    return [[at, shared.holdings.number(lock_entry(held))] for at, held in found]


def lock_entry(held: Held) -> JsonValue:
    """The name of an object, who holds it in which mode, and who waits for it."""
    return [
        printable(held.name),
        [[printable(each.thread), each.mode] for each in held.holders],
        [printable(name) for name in held.waiters],
    ]
