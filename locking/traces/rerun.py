"""Running a path again: the case is built anew, and the end is asked what it shows."""

from collections.abc import Sequence
from dataclasses import replace

from locking.blaming import blaming
from locking.errors import PathError, unknown
from locking.explore.graph import Choice
from locking.model import Case
from locking.properties.explored import Property, is_of_runs
from locking.properties.kinds import Subject, kind_of
from locking.system import called
from locking.traces.path import encode, path_of
from locking.traces.replay import Trace, replay
from locking.traces.rounds import nearest_round, round_of
from locking.traces.shown_run import ShownRun
from locking.traces.standstill import to_standstill


def rerun(case: Case, name: str, choices: Sequence[Choice]) -> ShownRun:
    """The run of `choices`, which shows the property called `name`, replayed.

    Errors: `UsageError` where there is no such property, `ModelError` for what the model's own code
    raises, `PathError` where a step can't be taken or the end does not show the property.
    """
    system = case.build()
    claim = called(system, name)
    with blaming(case):
        run = shown_by(case, claim, choices, replay(system.product(), choices))
    if run is None:
        known = [each.name for each in system.properties]
        if name not in known:  # nor is it a failure of a thread, which has a property of its own
            raise unknown("property", name, known)
        raise PathError(
            f"it can be run, but its end does not show {name}: the model is not what it was, "
            f"or the path was changed"
        )
    return run


def shown_by(
    case: Case, claim: Property, choices: Sequence[Choice], trace: Trace
) -> ShownRun | None:
    """What `trace`, the run of `choices`, shows of `claim` with its last step; None if nothing."""
    if is_of_runs(claim):
        finding = claim.find_along(trace.product, choices)
    else:
        finding = claim.find(trace.product, trace.end)
    if finding is None:
        return None
    path = encode(path_of(case, claim.name, tuple(choices)))
    run = ShownRun(case, claim, finding, trace, path)
    match kind_of(claim).speaks_of:
        case Subject.WAITS:
            return to_the_deadlock(run)
        case Subject.ROUNDS:
            return round_and_round(run)
    return run


def round_and_round(run: ShownRun) -> ShownRun:
    """A run that shows that there is no end, gone on with to where it has been, or to a deadlock.

    One that ends where it has been goes round from there.
    """
    product, end = run.trace.product, run.trace.end
    closed = round_of(run.trace.states)
    if closed or is_of_runs(run.claim):
        return replace(run, beyond=closed, cycle=closed)
    found = nearest_round(product, end)
    if found is None:
        return to_the_deadlock(run)
    trace = replay(product, (*run.trace.choices, *found.stem, *found.cycle))
    beyond, cycle = len(found.stem) + len(found.cycle), len(found.cycle)
    return replace(run, trace=trace, beyond=beyond, cycle=cycle)


def to_the_deadlock(run: ShownRun) -> ShownRun:
    """A run that shows a deadlock, gone on with until nobody can take a step."""
    product = run.trace.product
    further = to_standstill(product, run.trace.end)
    if not further:
        return run
    trace = replay(product, (*run.trace.choices, *further))
    finding = run.claim.find(product, trace.end) or run.finding
    return replace(run, trace=trace, finding=finding, beyond=len(further))
