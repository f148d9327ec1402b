"""Threads that take time: the product with a clock.

A step of the product takes no time. A thread spends time when it enters a section that has a
duration, before the first step that it takes inside. When that is over it takes its step as soon as
the objects let it: nobody who can take a step idles. Several threads that can take a step at one
moment take them in any order, and that is all that there is to choose.

So a state is one of the product, with the time that each thread still has to spend; time passes
only where no thread can take a step, or where all that they can do is to go round: to look again at
what only time can change.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from locking.durations.table import Durations
from locking.errors import ModelError
from locking.explore.product import Move, Product, State
from locking.explore.scheduled import Scheduled

TIME_PASSES = -1
"""The number of the thread, where no thread takes a step: time passes."""


NO_OBJECT = -1
"""The slot of an object that a system does not have: nobody ever holds it."""


class Timed(NamedTuple):
    """A state, and for each thread the units of time before it may take a step.

    `past` is what a `Remembering` clock remembers of each thread; nothing else does.
    """

    at: State
    left: tuple[int, ...]
    past: tuple[int, ...] = ()


class Tick(NamedTuple):
    """A step of `thread`; or, of `TIME_PASSES`, that `passed` units of time pass."""

    passed: int
    thread: int
    target: Timed


@dataclass(frozen=True)
class Spending:
    """A duration in units, of a section, and the slot of what must be held meanwhile, if anything.

    The slot is `NO_OBJECT` where the system lacks what must be held.
    """

    section: str
    units: int
    slot: int | None


class Clock:
    """What the threads of `product` can do in time; thread n begins after `starts[n]` units.

    Errors: `ModelError` where threads run on processors, whose time can't be shared out.
    """

    def __init__(
        self, product: Product, durations: Durations, unit: Fraction, starts: Sequence[int]
    ) -> None:
        if isinstance(product, Scheduled):
            raise ModelError(
                "threads run on processors here, and how a processor shares out its time is not "
                "known; leave out the processors"
            )
        self.product = product
        self.starts = tuple(starts)
        by_name = {each.name: slot for each, slot in product.slot_of.items()}
        self.spendings = [
            Spending(
                each.step,
                int(each.seconds / unit),
                by_name.get(each.holding, NO_OBJECT) if each.holding else None,
            )
            for each in durations.steps.values()
            if each.seconds
        ]
        self.inside: list[dict[int, tuple[Spending, ...]]] = [{} for _ in product.threads]
        self.anew: dict[tuple[int, int, int], frozenset[str]] = {}
        self.entered: set[str] = set()
        self.spent: set[str] = set()

    @property
    def sections(self) -> frozenset[str]:
        """The sections that some thread was seen to enter, be it without a step in them."""
        return frozenset().union(*(each.learner.entered for each in self.product.automata))

    @property
    def initial(self) -> Timed:
        """Where everything begins."""
        at = self.product.initial
        left = (
            start + sum(each.units for each in self.passing(thread, at))
            for thread, start in enumerate(self.starts)
        )
        return Timed(at, tuple(left))

    def passing(self, thread: int, at: State) -> tuple[Spending, ...]:
        """What a thread spends time on in a state, or has spent it on already."""
        place = at[thread]
        known = self.inside[thread].get(place)
        if known is None:
            sections = self.product.position(thread, at).inside
            known = tuple(each for each in self.spendings if each.section in sections)
            self.inside[thread][place] = known
            self.entered.update(each.section for each in known)
        if not known:
            return known
        found = tuple(each for each in known if self.holds(thread, each, at))
        self.spent.update(each.section for each in found)
        return found

    def holds(self, thread: int, spending: Spending, at: State) -> bool:
        """Whether a thread holds what it must hold, if it must."""
        if spending.slot is None or spending.slot == NO_OBJECT:
            return spending.slot is None
        object_ = self.product.objects[spending.slot - len(self.product.threads)]
        name = self.product.threads[thread].name
        holders = object_.holders(self.product.value(object_, at))
        return any(each.thread == name for each in holders)

    def begun(self, thread: int, before: State, after: State) -> tuple[Spending, ...]:
        """What a thread begins to spend time on by its step from `before` to `after`."""
        now = self.passing(thread, after)
        if not now:
            return now
        old = self.passing(thread, before)
        if not any(each in old for each in now):
            return now
        key = (thread, before[thread], after[thread])
        entered = self.anew.get(key)
        if entered is None:
            entered = self.product.automata[thread].entered_between(*key[1:]) or frozenset()
            self.anew[key] = entered
        return tuple(each for each in now if each not in old or each.section in entered)

    def ready(self, timed: Timed) -> list[int]:
        """The threads that have no time left to spend."""
        return [thread for thread, left in enumerate(timed.left) if not left]

    def ticks(self, timed: Timed) -> list[Tick]:
        """All that can happen next; nothing once the run has ended, or nobody ever can go on."""
        moves = self.product.moves_of(self.ready(timed), timed.at)
        if moves:
            return [Tick(0, move[0], self.after(timed, move)) for move in moves]
        return self.later(timed)

    def later(self, timed: Timed) -> list[Tick]:
        """That time passes until the next thread is ready; nothing where none spends time."""
        waits = [left for left in timed.left if left]
        if not waits or timed.at in self.product.halted:
            return []
        passed = min(waits)
        left = tuple(max(each - passed, 0) for each in timed.left)
        return [Tick(passed, TIME_PASSES, timed._replace(left=left))]

    def after(self, timed: Timed, move: Move) -> Timed:
        """The state once a thread has taken a step."""
        thread, _, to = move
        left = list(timed.left)
        left[thread] = sum(each.units for each in self.begun(thread, timed.at, to))
        return timed._replace(at=to, left=tuple(left))

    def polled(self) -> None:
        """Called where threads only go round until time has passed."""

    def key(self, timed: Timed) -> Hashable:
        """What the future of a state depends on."""
        return timed

    def finished(self, timed: Timed) -> bool:
        """Whether all threads but daemons have ended, and none of them spends time."""
        if timed.at in self.product.halted:
            return False
        return all(
            thread.daemon or (not left and self.product.position(number, timed.at).next is None)
            for number, (thread, left) in enumerate(
                zip(self.product.threads, timed.left, strict=True)
            )
        )
