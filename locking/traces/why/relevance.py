"""The steps of a run that are worth showing: those that its failure depends on, and `Why` names."""

import re

from locking.traces.replay import Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import causes, writes
from locking.traces.why.explain import diagnose
from locking.traces.why.explanation import Explanation, Shortening, Sources

STEPS = re.compile(r"\bsteps? (\d+)(?: and (\d+))?")
"""How a diagnosis names steps. It is read, and not told by its parts, so that none is forgotten."""


def relevant(run: ShownRun) -> tuple[int, ...]:
    """The places in `run.trace.events` of what the failure depends on: all events of such steps."""
    steps = set(explained(run).steps)
    return tuple(at for at, event in enumerate(run.trace.events) if event.number in steps)


def explained(run: ShownRun) -> Explanation:
    """The steps that explain what the end of `run` shows; `explanation` says how.

    Those that `Why` names are among them, so that a reader finds what it speaks of.
    """
    return Shortening(run, sources(run), steps_named(diagnose(run))).shortest()


def steps_named(says: str) -> frozenset[int]:
    """The numbers of the steps that a diagnosis speaks of."""
    found = STEPS.finditer(says)
    return frozenset(int(number) for each in found for number in each.groups() if number)


def sources(run: ShownRun) -> Sources:
    """The steps whose values other steps read, or the finding speaks of."""
    trace = run.trace
    events = trace.events
    last = {event.target: at for at, event in enumerate(events) if writes(event)}
    read = [
        (cause.event, event.number)
        for event, found in zip(events, causes(trace), strict=True)
        if event.gave
        for cause in found
        if cause.kind == "data"
    ]
    spoken_of = [(last[name], None) for name in sorted(run.finding.objects) if name in last]
    return [(step, at) for write, at in [*read, *spoken_of] for step in made_by(trace, write)]


def made_by(trace: Trace, write: int) -> tuple[int, ...]:
    """The step of a write, and, if that changed nothing, the earlier one that made the value."""
    events = trace.events
    same = (events[at] for at in range(write, -1, -1) if events[at].target == events[write].target)
    made = next((event.number for event in same if event.change), events[write].number)
    return (made, events[write].number) if made != events[write].number else (made,)
