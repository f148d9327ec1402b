"""Whether symmetry pays: tried once a merged walk has grown, and dropped early where it doesn't.

A folded walk sorts the copies of each state. So it takes longer for a state than the merged walk,
and must have so many fewer states. How many, the walk itself says: a state stands for as many as
there are orders of its copies that differ.

Rule of this file: what it decides changes how long a search takes and how many states are counted,
and nothing else. The merged walk learns nothing from a folded one that is dropped. Nothing depends
on a clock.
"""

from collections.abc import Sequence
from weakref import proxy

from locking.errors import Vacuous
from locking.explore.automaton import PlaceSplit
from locking.explore.graph import INTERRUPTED, Watch
from locking.explore.reduction.images import Unlike
from locking.explore.reduction.levels import FOLDED, ReducedSpace
from locking.explore.reduction.symmetry import Asymmetric, most_images, sooner_with
from locking.explore.room import room_of
from locking.judging import Spaces, judge
from locking.properties.explored import Explored, Property
from locking.properties.failing import Supposed

GROWN = 4_000
"""States of the merged walk from which symmetry is tried, with few copies: below, it saves less
than it costs."""

FIRST_LOOK = 500
"""States of the folded walk at which it is first looked whether it pays; then whenever doubled."""

JUDGED_AT = 125
"""States of the folded walk on which properties are judged, to see whether it can judge them. It is
begun again then, with all that was learned; so they are few."""

LEAST = 5
"""States that one must stand for: a folded walk takes about as many times longer for a state, in
either engine."""

FOLDS, UNSURE, DROPPED = "symmetry pays", "symmetry is looked at", "symmetry does not pay"
"""Causes that end a walk: the merged one, and a folded one that is judged or given up."""


class Folding:
    """The watch of a merged walk, which ends where the folded space serves as well, and is kept.

    A state of that walk has at most so many `orders` of its copies.
    """

    def __init__(self, spaces: Spaces, properties: Sequence[Property], orders: int) -> None:
        self.spaces = spaces
        self.properties = properties
        self.watch = spaces.watch
        self.room = room_of(self.watch)
        self.grown = GROWN / sooner_with(orders)
        self.tried = False

    def __call__(self, met: int, through: int) -> str | None:
        """The cause to stop, if there is one."""
        if met > self.grown and not self.tried:
            self.tried = True
            if self.serves():
                return FOLDS
        return self.watch(met, through)

    def serves(self) -> bool:
        """Whether the folded space was explored, and can judge all properties.

        Errors: `KeyboardInterrupt` after Ctrl-C.
        """
        watch = WhileItPays(self.watch)
        space = ReducedSpace(FOLDED, self.spaces.parts, watch, self.spaces.engine)
        watch.space = proxy(space)  # in a circle, coroutines would be closed at any time
        explored = Explored(*space.explore())
        if explored.graph.cause == UNSURE:
            if not all(judged_alike(explored, each) for each in self.properties):
                return False
            explored = Explored(*space.explore())
        if explored.graph.cause == INTERRUPTED:
            raise KeyboardInterrupt  # which ends the merged walk: that one can judge all
        if explored.graph.cause == DROPPED:
            return False
        self.spaces.keep(FOLDED, explored)
        return True


def judged_alike(explored: Explored, property_: Property) -> bool:
    """Whether a folded space can judge a property, as far as it is known by now."""
    try:
        judge(explored, property_)
    except (Unlike, Supposed, Vacuous, PlaceSplit, Asymmetric):
        return False
    return True


class WhileItPays:
    """The watch of a folded walk of `space`, which ends where that does not pay.

    It ends as well before that, once, for properties to be judged on what was met.
    """

    space: ReducedSpace

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.judged = False
        self.begin()

    def begin(self) -> None:
        """Begin a walk."""
        self.next = FIRST_LOOK

    def __call__(self, met: int, through: int) -> str | None:
        """The cause to stop, if there is one."""
        quotient = self.space.known
        if quotient is not None:
            if through == 0:
                self.begin()
                if most_images(quotient.classes) < LEAST:
                    return DROPPED
            if met >= JUDGED_AT and not self.judged:
                self.judged = True
                return UNSURE
            if met >= self.next:
                self.next = 2 * met
                if quotient.images_of_latest() < LEAST:
                    return DROPPED
        return self.watch(met, through)
