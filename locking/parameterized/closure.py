"""View abstraction: all views that any number of threads can show, closed under steps.

A view is what `size` threads show, the rest left out. A configuration of any number of threads is
possible, as far as views tell, if all of its views are there. The steps of all that is possible are
taken, and what they show is added, until nothing is new. Which threads decide what a step does to a
view is known beforehand: those of the view, the one that moves, and those that a guard asks for. So
finitely many configurations are gone through.

After: Abdulla, Haziza and Holik, All for the price of few (VMCAI 2013); Parameterized verification
through view abstraction (STTT 18, 2016). Differs: how many threads are added follows from each step
alone, so that shared parts, broadcasts and thresholds have one proof (docs/soundness.md); views are
all of one size, and fewer threads than that are gone through exactly.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from locking.explore.deadline import look, timely
from locking.parameterized.configurations import (
    SystemConfiguration,
    TooManyViews,
    begun_configurations,
    count_of,
    every_step,
    fire,
    refuse_small,
    views_of,
)
from locking.parameterized.protocol import GuardedStep, Parameterized


class Short(NamedTuple):
    """A step of a configuration whose guards ask for more threads than are in it."""

    at: SystemConfiguration
    mover: int | None
    step: GuardedStep


class Views:
    """The views of `size` threads that a system can show, as far as it was closed.

    `beside` has, for a shared part and a view with one thread less, the threads that make a view of
    it: where they stand in the row, and at which place. `short` has, for a shared part, the steps
    that wait for further threads. Errors: `TooManyViews`, `UsageError`.
    """

    def __init__(self, system: Parameterized, size: int, most: int) -> None:
        refuse_small(size)
        self.system, self.size, self.most = system, size, most
        self.seen: dict[SystemConfiguration, None] = {}
        self.beside: dict[SystemConfiguration, dict[tuple[int, Any], None]] = {}
        self.pending: list[SystemConfiguration] = []
        self.larger: set[SystemConfiguration] = set()
        self.short: dict[Any, list[Short]] = {}
        self.grown: dict[Any, None] = {}
        for start in begun_configurations(system, size):
            self.add(start)

    def close(self) -> "Views":
        """Take all steps, until no view is new. Errors: `TooManyViews`, `OutOfTime`."""
        while self.pending or self.grown:
            while self.pending:
                look()
                at = self.pending.pop()
                self.take_steps(at)
                for places, _ in self.extensions(at):
                    self.take_larger(self.sorted(at.shared, places))
            grown, self.grown = self.grown, {}
            for shared in grown:
                for each in timely(tuple(self.short.get(shared, ()))):
                    self.take_with_more(each)
        return self

    def add(self, view: SystemConfiguration) -> None:
        """Add a view, if it is new. Errors: `TooManyViews`."""
        if view in self.seen:
            return
        if len(self.seen) >= self.most:
            raise TooManyViews
        self.seen[view] = None
        self.grown[view.shared] = None
        self.pending.append(view)
        for at, place in enumerate(view.places):
            rest = SystemConfiguration(view.shared, view.places[:at] + view.places[at + 1 :])
            self.beside.setdefault(rest, {})[at, place] = None

    def take_larger(self, at: SystemConfiguration) -> None:
        """Take the steps of one thread more than a view has. Errors: `TooManyViews`."""
        if at in self.larger:
            return
        if len(self.larger) >= 20 * self.most:
            raise TooManyViews
        self.larger.add(at)
        self.take_steps(at)

    def take_steps(self, at: SystemConfiguration) -> None:
        """Take the steps of a configuration, or keep them for when more threads are beside it.

        With a thread more than a view has, only those that change a view without the mover.
        """
        larger = len(at.places) > self.size
        for mover, step in every_step(self.system, at):
            changes = mover is not None and (step.shared != at.shared or step.others)
            if not larger or changes:
                self.take(Short(at, mover, step), first=True)

    def take(self, short: Short, *, first: bool = False) -> None:
        """Take a step, if all guards are true; else with more threads, if that helps."""
        at, mover, step = short
        counts = [count_of(self.system, at, mover, guard) for guard in step.guards]
        pairs = list(zip(counts, step.guards, strict=True))
        if any(guard.most is not None and count > guard.most for count, guard in pairs):
            return
        if all(count >= guard.least for count, guard in pairs):
            for view in views_of(fire(self.system, at, mover, step), self.size):
                self.add(view)
        elif first:  # it is looked at again, when there are more views
            self.short.setdefault(at.shared, []).append(short)
            self.take_with_more(short)
        else:
            self.take_with_more(short)

    def take_with_more(self, short: Short) -> None:
        """Take a step with one thread more, which a guard asks for that has too few."""
        at, mover, step = short
        counts = [count_of(self.system, at, mover, guard) for guard in step.guards]
        few = [
            (guard, count)
            for guard, count in zip(step.guards, counts, strict=True)
            if count < guard.least
        ]
        wanted = {guard.mark for guard, _ in few}
        for places, before in tuple(self.extensions(at)):
            if wanted & self.system.marks(at.shared, places[before]):
                moved = mover + (before <= mover) if mover is not None else None
                more = SystemConfiguration(at.shared, places)
                if any(count_of(self.system, more, moved, guard) > had for guard, had in few):
                    self.take(Short(more, moved, step))

    def extensions(self, at: SystemConfiguration) -> Iterator[tuple[tuple[Any, ...], int]]:
        """The places with one thread more, all views of which are there, and where that stands."""
        known = self.sorted(at.shared, at.places[: self.size - 1])
        for stands, place in tuple(self.beside.get(known, ())):
            last = stands == self.size - 1 or not self.system.linear
            for before in range(stands, len(at.places) + 1) if last else (stands,):
                if self.fits(at, before, place):
                    yield (*at.places[:before], place, *at.places[before:]), before
                if not self.system.linear:
                    break

    def fits(self, at: SystemConfiguration, before: int, place: Any) -> bool:
        """Whether all views with one thread more are there: that stands before number `before`."""
        return all(
            self.sorted(at.shared, [*left, place, *right]) in self.seen
            for count in range(self.size)
            for left in combinations(at.places[:before], count)
            for right in combinations(at.places[before:], self.size - 1 - count)
        )

    def sorted(self, shared: Any, places: Sequence[Any]) -> SystemConfiguration:
        """The configuration of these places."""
        return SystemConfiguration(shared, tuple(places if self.system.linear else sorted(places)))
