"""Where a run breaks its property: the line of the model that a reader is to look at first."""

from locking.objects.operation import Site
from locking.programs.position import Fault
from locking.properties.deadlock import cycle_in, waits_for
from locking.properties.explored import is_of_runs
from locking.properties.failing import failure_kind
from locking.properties.kinds import Subject, kind_of
from locking.properties.race import race_in
from locking.text.source_lines import statement
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import breaking


def location(run: ShownRun) -> Site | None:
    """The line that the diagnosis of a run speaks of; None where it is so from the start.

    It is that of a thread that fails, waits or races where it stands at the end, else that of the
    step that makes it so.
    """
    trace = run.trace
    if run.cycle:
        return next(event.site for event in trace.events if event.number == run.round[0])
    if is_of_runs(run.claim):
        return run.finding.site or (trace.events[-1].site if trace.events else None)
    standing = concerned(run)
    if standing:
        return trace.product.position(standing[0], trace.end).site
    first = next(at for at, s in enumerate(trace.states) if run.claim.find(trace.product, s))
    if first == 0:
        return None
    return trace.events[breaking(run, first)].site


def concerned(run: ShownRun) -> list[int]:
    """The threads that show the property where they stand at the end, the first one first."""
    trace = run.trace
    match kind_of(run.claim).speaks_of:
        case Subject.WAITS | Subject.ROUNDS if not run.cycle:
            waits = waits_for(trace.product, trace.end)
            cycle = cycle_in(waits)
            return [trace.names.index(who) for who in dict.fromkeys([*cycle, *waits])]
        case Subject.ACCESSES:
            pair = race_in(trace.product, trace.end)
            return [thread for thread, _ in pair] if pair else []
        case Subject.FAILURES:
            kind = failure_kind(run.claim)
            ends = [trace.product.position(at, trace.end) for at in range(len(trace.names))]
            return [at for at, end in enumerate(ends) if end.failure and end.failure.kind == kind]
    return []


def source_of_failure(run: ShownRun) -> list[str]:
    """The statement of the model at which a thread broke off, where that is what failed."""
    trace = run.trace
    if failure_kind(run.claim) in (None, Fault.MISUSE):
        return []
    positions = (trace.product.position(at, trace.end) for at in range(len(trace.names)))
    return [statement(position.site) for position in positions if position.failure]
