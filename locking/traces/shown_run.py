"""A run and what it shows, as one value: what is diagnosed, and what every form is made of."""

from dataclasses import dataclass

from locking.model import Case
from locking.objects.operation import Operation
from locking.programs.traps import Choose
from locking.properties.deadlock import blocked_in
from locking.properties.explored import Finding, Property, Verdict
from locking.traces.replay import Trace


@dataclass(frozen=True)
class ShownRun:
    """A run of `case`, replayed, whose end shows `finding` of `claim`; `path` replays it.

    A run to a deadlock goes on for `beyond` steps after the first state that shows it. So does one
    that never ends, of which the last `cycle` steps lead back to where they begin.
    """

    case: Case
    claim: Property
    finding: Finding
    trace: Trace
    path: str
    beyond: int = 0
    cycle: int = 0

    @property
    def verdict(self) -> Verdict:
        """What the run shows of the property: a witness that it holds, or that it fails."""
        return Verdict.HOLDS if self.claim.wanted else Verdict.FAILS

    @property
    def outcome(self) -> str:
        """The property and what the run shows of it, in a few words."""
        return f"{self.claim.name} {'is witnessed' if self.claim.wanted else 'fails'}"

    @property
    def round(self) -> range:
        """The numbers of the steps that are gone round for ever; none where the run ends."""
        last = len(self.trace.states)
        return range(last - self.cycle, last) if self.cycle else range(0)

    @property
    def condition(self) -> str:
        """What is violated, or shown."""
        return self.claim.about or self.finding.says or self.claim.name


def state_at_end(trace: Trace, thread: int) -> tuple[str, Operation | Choose | None]:
    """Whether a thread has `stopped`, `ended`, `waits` or goes on `next` at the end, and in what.

    The last two come with the step.
    """
    position = trace.product.position(thread, trace.end)
    if position.failure or position.next is None:
        return "stopped" if position.failure else "ended", None
    waits = blocked_in(trace.product, thread, trace.end)
    return ("waits", waits) if waits else ("next", position.next)


def call_of(step: Operation | Choose) -> str:
    """A step as it is called, as in `Event`."""
    return str(step) if isinstance(step, Operation) else "choose"


def used(trace: Trace) -> tuple[str, ...]:
    """The names of the objects that are held or waited for somewhere in a run, in their order."""
    found = {held.name for held in trace.held}
    found |= {held.name for event in trace.events for held in event.held}
    return tuple(each.name for each in trace.product.objects if each.name in found)
