"""Where a run breaks its property: the line of the model that a reader is to look at first."""

from locking.objects.operation import Site
from locking.programs.position import Fault
from locking.properties.deadlock import DeadlockFree, cycle_in, waits_for
from locking.properties.explored import OfRuns
from locking.properties.failing import NeverFails
from locking.properties.happens_before import HappensBeforeRaceFree, race_along
from locking.properties.race import DataRaceFree, race_in
from locking.text.source_lines import statement
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import breaking


def location(run: ShownRun) -> Site | None:
    """The line that the diagnosis of a run speaks of; None where it is so from the start.

    It is that of a thread that fails, waits or races where it stands at the end, else that of the
    step that makes it so.
    """
    trace = run.trace
    if isinstance(run.claim, OfRuns):
        return of_last_step(run)
    standing = concerned(run)
    if standing:
        return trace.product.position(standing[0], trace.end).site
    first = next(at for at, s in enumerate(trace.states) if run.claim.find(trace.product, s))
    if first == 0:
        return None
    return trace.events[breaking(run, first)].site


def of_last_step(run: ShownRun) -> Site | None:
    """The line of the last step, by which a run shows what no state does; of a race, its access."""
    trace = run.trace
    if isinstance(run.claim, HappensBeforeRaceFree):
        pair = race_along(trace.product, trace.choices)
        return pair[1].site if pair else None
    return trace.events[-1].site if trace.events else None


def concerned(run: ShownRun) -> list[int]:
    """The threads that show the property where they stand at the end, the first one first."""
    trace = run.trace
    match run.claim:
        case DeadlockFree():
            waits = waits_for(trace.product, trace.end)
            cycle = cycle_in(waits)
            return [trace.names.index(who) for who in dict.fromkeys([*cycle, *waits])]
        case DataRaceFree():
            pair = race_in(trace.product, trace.end)
            return [thread for thread, _ in pair] if pair else []
        case NeverFails(kind=kind):
            ends = [trace.product.position(at, trace.end) for at in range(len(trace.names))]
            return [at for at, end in enumerate(ends) if end.failure and end.failure.kind == kind]
    return []


def source_of_failure(run: ShownRun) -> list[str]:
    """The statement of the model at which a thread broke off, where that is what failed."""
    trace, claim = run.trace, run.claim
    if not isinstance(claim, NeverFails) or claim.kind is Fault.MISUSE:
        return []
    positions = (trace.product.position(at, trace.end) for at in range(len(trace.names)))
    return [statement(position.site) for position in positions if position.failure]
