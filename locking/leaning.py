"""Whether a partial order pays: tried once a merged walk has grown, and dropped early where not.

A lean walk asks in each state whose steps can be taken alone. So it takes several times longer for
a state than the merged walk, and must have so many fewer states. Its first states tell whether it
has: how many threads are left out, and behind how many steps a thread goes on at once.

Rule of this file: it decides how long a search takes, and how many states, ways and levels are
counted, and nothing else. A lean space is used only where all that is judged holds in it: a path
would come from a larger one. Nothing depends on a clock.
"""

from collections.abc import Callable, Sequence
from weakref import proxy

from locking.errors import ModelError
from locking.explore.graph import INTERRUPTED, Watch
from locking.explore.learn import Learner
from locking.explore.reduction.levels import LEAN, MERGED, ReducedSpace
from locking.explore.reduction.partial_order import PartialOrder
from locking.explore.room import room_of
from locking.judging import Spaces
from locking.properties.explored import Property, Verdict

TRIED_FROM = 4_000
"""States of the merged walk at which a lean walk is first tried, which may have as many; again
whenever it has grown fourfold, if there were too many."""

LOOKED_FROM = 125
"""States that a lean walk has gone through, from which on it is looked how much it keeps. Where it
kept too much, the next one is tried with 16 times as many states, and looked at twice as late: with
many threads, the first states spare little."""

MOST_LEFT_IN = 0.65
"""The share of threads and steps that a lean walk may keep by then. Measured: 0.3 to 0.6 where it
saves most of the states, and 0.7 to 1 where it saves less than it costs."""

SERVES, KEEPS_MOST, TOO_MANY = "a partial order pays", "it does not pay", "it may pay later"
"""Causes that end a walk: the merged one, and a lean one that is given up."""


class Leaning:
    """`watch`, which also ends a merged walk where a lean space serves as well, and is kept.

    `properties` are all that is judged, also what is judged always. `learners` says what the merged
    walk has learned of the threads: it is learned once, and the lean walk learns the rest apart.
    """

    def __init__(
        self,
        spaces: Spaces,
        properties: Sequence[Property],
        learners: Callable[[], Sequence[Learner]],
        watch: Watch,
    ) -> None:
        self.spaces = spaces
        self.properties = properties
        self.learners = learners
        self.watch = watch
        self.room = room_of(watch)
        self.next_try: float = TRIED_FROM
        self.looked_from = LOOKED_FROM

    def __call__(self, met: int, through: int) -> str | None:
        """The cause to stop, if there is one."""
        cause = self.watch(met, through)
        if cause is None and met > self.next_try:
            self.next_try *= 4
            if self.is_worth_it(met):
                return SERVES
        return cause

    def is_worth_it(self, most: int) -> bool:
        """Whether a lean space of at most so many states was explored, in which all holds.

        Errors: `KeyboardInterrupt` after Ctrl-C.
        """
        spaces, watch = self.spaces, WhileItLeans(self.spaces.watch, most, self.looked_from)
        lean = Spaces(
            (LEAN, MERGED),
            spaces.parts,
            watch,
            spaces.explore,
            spaces.engine,
            races=spaces.races_judged,
        )
        lean.spaces[LEAN].learners = [each.copied() for each in self.learners()]
        watch.space = proxy(lean.spaces[LEAN])  # no circle: coroutines would be closed at any time
        if not all_holds(lean, self.properties):
            cause = lean.made[LEAN].graph.cause if LEAN in lean.made else None
            if cause == INTERRUPTED:
                raise KeyboardInterrupt  # which ends the merged walk: that one can judge all
            if cause == KEEPS_MOST:
                self.next_try, self.looked_from = 4 * self.next_try, 2 * self.looked_from
            elif cause != TOO_MANY:
                self.next_try = float("inf")
            return False
        spaces.levels, spaces.spaces, spaces.made = lean.levels, lean.spaces, lean.made
        return True


def all_holds(lean: Spaces, properties: Sequence[Property]) -> bool:
    """Whether the lean space was explored to its end, and shows that all properties hold.

    What is wrong with a model is left to the merged walk, which shows it with fewer steps.
    """
    try:
        explored = lean.at(LEAN)
        if not explored.complete or explored.failed:
            return False
        found = (lean.judge_at(LEAN, each) for each in properties)
        return all(each and each[0].verdict is Verdict.HOLDS for each in found)
    except ModelError:
        return False


class WhileItLeans:
    """The watch of a lean walk of `space`, which ends where that does not pay.

    That is looked at from so many states on. The walk ends as well with more than `most`.
    """

    space: ReducedSpace

    def __init__(self, watch: Watch, most: int, looked_from: int) -> None:
        self.watch = watch
        self.most = most
        self.looked_from = looked_from
        self.room = room_of(watch)

    def __call__(self, met: int, through: int) -> str | None:
        """The cause to stop, if there is one."""
        product = self.space.known
        assert isinstance(product, PartialOrder)
        if through >= self.looked_from and product.spared.share_kept > MOST_LEFT_IN:
            return KEEPS_MOST
        return TOO_MANY if met > self.most else self.watch(met, through)
