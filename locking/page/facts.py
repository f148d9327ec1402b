"""What a failing run shows, as a few facts, and the places of its source that they are about."""

from collections.abc import Iterator

from locking.page.table import JsonValue, SharedTables, printable
from locking.properties.deadlock import waits_for
from locking.properties.kinds import Subject, kind_of
from locking.properties.race import races_in
from locking.traces.shown_run import ShownRun
from locking.traces.why.blame import blamed_event, culprit
from locking.traces.why.explain import breaking_event
from locking.traces.why.patterns import pattern

OF_A_STATE = (Subject.STATES, Subject.ENDS, Subject.FAILURES)
"""What one step makes so, after which a state shows it."""

OPENING, CLOSING, QUOTES = "([{", ")]}", "'\""


def facts_of(text: str) -> Iterator[str]:
    """The facts of a diagnosis: what stands between semicolons that are in no bracket or quotes."""
    begin, depth, quoted = 0, 0, ""
    for at, sign in enumerate(text):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in QUOTES and not text[at - 1 : at].isalnum():  # or it is an apostrophe
            quoted = sign
        depth += (sign in OPENING) - (sign in CLOSING) if not quoted else 0
        if text.startswith("; ", at) and not depth and not quoted:
            yield text[begin:at]
            begin = at + len("; ")
    yield text[begin:]


def shown_facts(shared: SharedTables, run: ShownRun) -> dict[str, JsonValue]:
    """Where a failing run breaks, the two lines that meet there, and who waits for whom at its end.

    What there is nothing of is empty.
    """
    if run.claim.wanted:
        return {}
    at = breaking_event(run) if kind_of(run.claim).speaks_of in OF_A_STATE else None
    return {"breaks": at, "sides": sides_of(shared, run, at), "waits": waiting_entries(run)}


def sides_of(shared: SharedTables, run: ShownRun, at: int | None) -> list[JsonValue]:
    """The two accesses that race, or the step that breaks it and the one that is to blame.

    Each is a thread, its line, and the event, or -1 for what it is only about to do.
    """
    trace = run.trace
    if kind_of(run.claim).speaks_of is Subject.ACCESSES:
        racing = next(iter(races_in(trace.product, trace.end)), ())
        positions = [(thread, trace.product.position(thread, trace.end)) for thread, _ in racing]
        return [[thread, shared.site(position.site), -1] for thread, position in positions]
    if at is None:
        return []
    other = blamed_event(trace, at, pattern(run))
    other = culprit(run, at) if other is None else other
    if other is None or trace.events[other].thread == trace.events[at].thread:
        return []
    return [
        [trace.events[each].thread, shared.site(trace.events[each].site), each]
        for each in (other, at)
    ]


def waiting_entries(run: ShownRun) -> list[JsonValue]:
    """Every thread that waits at the end of a deadlock: in what, for what, and who holds that.

    Where another property fails, a thread that waits says nothing: it may go on.
    """
    if kind_of(run.claim).speaks_of is not Subject.WAITS:
        return []
    waits = waits_for(run.trace.product, run.trace.end)
    names = run.trace.names
    return [
        [
            printable(who),
            printable(str(step)),
            printable(step.target.name),
            [printable(each) for each in sorted(held, key=lambda name: [*names, name].index(name))],
        ]
        for who, (step, held) in waits.items()
    ]
