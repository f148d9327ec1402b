"""Where a run breaks its property: the line of the model that a reader is to look at first."""

from locking.objects.operation import Site
from locking.properties.deadlock import DeadlockFree, cycle_in, waits_for
from locking.properties.explored import Finding, Property
from locking.properties.failing import NeverFails
from locking.properties.race import DataRaceFree, race_in
from locking.traces.explain import breaking
from locking.traces.replay import Trace


def where(trace: Trace, finding: Finding, property_: Property) -> Site | None:
    """The line that the diagnosis of `trace` speaks of; None where it is so from the start.

    It is that of a thread that fails, waits or races where it stands at the end, else that of the
    step that makes it so.
    """
    standing = concerned(trace, property_)
    if standing:
        return trace.product.position(standing[0], trace.end).site
    first = next(at for at, s in enumerate(trace.states) if property_.find(trace.product, s))
    if first == 0:
        return None
    return trace.events[breaking(trace, finding, property_, first)].site


def concerned(trace: Trace, property_: Property) -> list[int]:
    """The threads that show the property where they stand at the end, the first one first."""
    match property_:
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
