"""Runs that go round for ever: who does, what each round finds, and what would end it.

Rule of this file: a clause is written only where an event, or the state at the end, shows it.
"""

from locking.properties.explored import is_of_runs
from locking.properties.liveness import Live
from locking.text.words import listed
from locking.traces.replay import Event, only_reads
from locking.traces.shown_run import ShownRun
from locking.traces.why.wording import place_in_trace, said, steps_in_words

FEW_LOOKS = 3
"""Steps of a round that a sentence names."""


def endless_in_words(run: ShownRun) -> str:
    """Who goes round, what each round finds, and what that is a failure of; a name first.

    Nothing where a run that shows that there is no end comes to a deadlock.
    """
    trace, claim = run.trace, run.claim
    if not run.cycle:
        return run.finding.says if is_of_runs(claim) else ""
    events = [event for event in trace.events if event.number in run.round]
    names = list(dict.fromkeys(trace.names[event.thread] for event in events))
    repeat = "repeats" if len(names) == 1 else "repeat"
    return (
        f"{name_of(run, len(names))}: {listed(names)} {repeat} {steps_in_words(run.round)} "
        f"forever{looks(events)}; {meaning(run)}"
    )


def name_of(run: ShownRun, threads: int) -> str:
    """What the field calls a round that so many `threads` go."""
    if isinstance(run.claim, Live):
        return run.claim.awaited.pattern
    return "Endless loop" if threads == 1 else "Livelock"


def meaning(run: ShownRun) -> str:
    """What a round means: what is not served, or from which step on no run ends."""
    if is_of_runs(run.claim):
        return run.finding.says
    shown = len(run.trace.states) - 1 - run.beyond
    since = f"after step {shown}" if shown else "from the start"
    return f"{since} no run comes to its end, whatever the scheduler does"


def looks(events: list[Event]) -> str:
    """What a round reads, and finds each time."""
    found = dict.fromkeys(
        f"{said(event)}{place_in_trace(event)}" for event in events if only_reads(event.step)
    )
    if not found or len(found) > FEW_LOOKS:
        return ""
    return f", and each time finds {listed(list(found))}"
