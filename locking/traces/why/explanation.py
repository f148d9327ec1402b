"""The steps that a failure depends on: an explanation that says no more than it must.

Some steps of a run explain its failure if

* they suffice: in whatever order the others come, it fails the same way (`sufficiency`); and
* they account for the values that they show: with a read, the write that it read from is among
  them, and with a condition on an object, the last write to that object; with a write that changed
  nothing, the one that made the value.

An explanation is right if it does both, and as short as can be if no step can be left out of it.
The steps of the whole run are right. They are tried one after the other, locks first and what the
finding speaks of last, and what can be left out is left out: so what stays is the reads and writes
that matter, and a lock only where it is the lock that matters.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from locking.objects.until import Until
from locking.properties.deadlock import waits_for
from locking.properties.kinds import Subject, kind_of
from locking.traces.replay import Event
from locking.traces.shown_run import ShownRun
from locking.traces.why.sufficiency import Retelling, TooMany

FEW = 12
"""Steps of an explanation of which all pairs are tried too."""


class Explanation(NamedTuple):
    """Numbers of steps that are right; `shortest` is whether it is known that no other can go."""

    steps: tuple[int, ...]
    shortest: bool


Sources = Sequence[tuple[int, int | None]]
"""Steps that wrote what a later step read, or, with None, what the finding speaks of."""


class Shortening:
    """Leaving steps out of an explanation, but for those that are `kept` whatever they are for.

    `doubts` is whether any question was too large.
    """

    def __init__(self, run: ShownRun, sources: Sources, kept: frozenset[int] = frozenset()) -> None:
        self.run = run
        self.sources = sources
        self.kept = kept
        self.retelling = Retelling(run)
        self.doubts = False

    def shortest(self) -> Explanation:
        """What is left of all steps; of what no state alone shows, all of them are."""
        if kind_of(self.run.claim).speaks_of in (Subject.RUNS, Subject.ROUNDS):
            return Explanation(tuple(self.retelling.numbers), shortest=False)
        kept = self.without_each(self.without_most(frozenset(self.retelling.numbers)))
        return Explanation(tuple(sorted(kept)), not self.doubts)

    def right(self, steps: frozenset[int]) -> bool:
        """Whether `steps` are known to be right."""
        if not self.accounted(steps):
            return False
        try:
            return self.retelling.suffice(steps)
        except TooMany:
            self.doubts = True
            return False

    def accounted(self, steps: Collection[int]) -> bool:
        """Whether the writes are there whose values the `steps` and the finding show."""
        return all(write in steps for write, read in self.sources if read is None or read in steps)

    def without_most(self, steps: frozenset[int]) -> frozenset[int]:
        """What is left of `steps`, tried many at once, of those that the finding speaks least."""
        spoken = max(self.ranks.values(), default=0)
        return self.without(steps, [each for each in self.order if self.ranks[each] < spoken])

    def without(self, steps: frozenset[int], tried: Sequence[int]) -> frozenset[int]:
        """`steps` without those of `tried` that could go, in halves, and halves of these."""
        if not tried or self.retelling.tired:
            return steps
        if self.right(steps - set(tried)):
            return steps - set(tried)
        if len(tried) == 1:
            return steps
        half = len(tried) // 2
        return self.without(self.without(steps, tried[:half]), tried[half:])

    def without_each(self, steps: frozenset[int]) -> frozenset[int]:
        """What is left of `steps` when no one can go, and of a few no two."""
        for some in (1, 2):
            for left_out in combinations([each for each in self.order if each in steps], some):
                if self.retelling.tired:
                    return steps
                if some == 1 or len(steps) <= FEW:
                    shorter = steps - set(left_out)
                    if self.right(shorter):
                        return self.without_each(shorter)
        return steps

    @cached_property
    def order(self) -> list[int]:
        """The steps in the order in which they are tried."""
        tried = (number for number in self.ranks if number not in self.kept)
        return sorted(tried, key=lambda number: (self.ranks[number], number))

    @cached_property
    def ranks(self) -> dict[int, int]:
        """For every step how much is lost without it: of an atomic block, by what is best in it."""
        subjects = objects_spoken_of(self.run)
        ranks: dict[int, int] = {}
        for event in self.run.trace.events:
            ranks[event.number] = max(ranks.get(event.number, 0), rank(event, subjects))
        return ranks


def objects_spoken_of(run: ShownRun) -> set[str]:
    """The objects that the finding speaks of, and the last step, and those that are waited for."""
    trace, values = run.trace, values_told(run)
    last = trace.events[-1] if trace.events else None
    read = {
        event.target
        for event in trace.events
        if last and event.thread == last.thread and event.gave and repr(event.result) in values
    }
    worked_on = {event.target for event in trace.events if last and event.number == last.number}
    waited_for = {
        each.name
        for step, _ in waits_for(trace.product, trace.end).values()
        for each in (step.objects if isinstance(step, Until) else (step.target,))
    }
    return {*run.finding.objects, *read, *worked_on, *waited_for}


def values_told(run: ShownRun) -> set[str]:
    """The values that the finding speaks of and that are no object's: a thread has read them."""
    return {value for name, value in run.finding.operands if name not in run.finding.objects}


def rank(event: Event, subjects: Collection[str]) -> int:
    """How much is lost without an event: most where it works on what the finding speaks of."""
    if event.target in subjects:
        return 3
    if event.step is None or not event.step.target.access(event.step.name):
        return 0
    return 2 if event.gave else 1
