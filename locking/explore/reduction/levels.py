"""The reductions that can be asked for, each as the spaces that are tried, the smallest first.

After: Emerson, Jha and Peled, Combining partial order and symmetry reductions (TACAS 1997).
Differs: a reduced space only proves that nothing shows a property; paths come from a larger one.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from locking.errors import unknown
from locking.explore import reference
from locking.explore.graph import Watch
from locking.explore.learn import Learner
from locking.explore.reduction.partial_order import Looks, PartialOrder
from locking.explore.reduction.quotient import Quotient
from locking.explore.reduction.quotient_graph import QuotientGraph, quotient_graph
from locking.explore.reduction.symmetry import Asymmetric, PairOfCopies, most_images, sooner_with
from locking.explore.rehearsal import rehearse
from locking.explore.search import Engine, search
from locking.objects.operation import Object
from locking.programs.thread import Thread


class Level(NamedTuple):
    """What a space leaves out.

    `merged`: bisimilar local states are one. `folded`: it is the quotient by symmetry. `lean`: it
    is reduced by a partial order, by persistent sets.
    """

    merged: bool = True
    folded: bool = False
    lean: bool = False


PLAIN, MERGED = Level(merged=False), Level()
FOLDED, LEAN = Level(folded=True), Level(lean=True)

REDUCTIONS: dict[str, tuple[Level, ...]] = {
    "none": (PLAIN,),
    "merge": (MERGED,),
    "symmetry": (FOLDED, MERGED),
    "partial-order": (LEAN, MERGED),
    "all": (Level(folded=True, lean=True), FOLDED, MERGED),
}
"""By name, the levels at which a property is judged; the first one that can judge it does."""

AUTOMATIC = "automatic"
"""The choice of `merge`, `symmetry` or `partial-order` by what a search finds
(`locking/choosing.py`)."""


def levels(name: str) -> tuple[Level, ...]:
    """The levels of a reduction, or those that there are to choose from. Errors: `UsageError`."""
    if name == AUTOMATIC:
        return REDUCTIONS["symmetry"]
    if name not in REDUCTIONS:
        raise unknown("reduction", name, [AUTOMATIC, *REDUCTIONS])
    return REDUCTIONS[name]


def reduction_of(level: Level) -> str:
    """The name of the reduction whose smallest space is that of `level`."""
    return next(name for name, spaces in REDUCTIONS.items() if spaces[0] == level)


Start = tuple[Sequence[Object], Sequence[Thread], Mapping[Object, Hashable]]
"""Objects, threads, and states that objects start in: what a product is made of."""


class ReducedSpace:
    """One system at a folded or lean `level`; `visible` and `races` are for a lean one.

    `learners` know the threads already, if they are set.
    """

    def __init__(
        self, level: Level, start: Start, watch: Watch, engine: Engine = reference.explore
    ) -> None:
        self.level = level
        self.start = start
        self.watch = watch
        self.engine = engine
        self.visible: Looks = {}
        self.races = False
        self.learners: Sequence[Learner] = ()
        self.known: Quotient | None = None
        self.before: Quotient | None = None
        threads = range(len(start[1]))
        self.apart = (
            frozenset[PairOfCopies]() if level.folded else frozenset(combinations(threads, 2))
        )

    def explore(self) -> tuple[Quotient, QuotientGraph]:
        """The product, and what it can do."""
        while True:
            try:
                return self.walk()
            except Asymmetric as found:
                self.tell_apart(found.pair)

    def tell_apart(self, pair: PairOfCopies) -> None:
        """Take two threads for copies of each other no more."""
        self.apart |= {pair}
        self.before, self.known = self.known or self.before, None

    def walk(self) -> tuple[Quotient, QuotientGraph]:
        """The product and its graph, with the copies that are assumed now. Errors: `Asymmetric`."""
        kind = PartialOrder if self.level.lean else Quotient
        if self.known is None:
            self.known = kind(*self.start, self.apart, self.learners)
            if self.before:
                self.known.take_over(self.before)
            elif self.level.lean:
                if not self.learners:
                    rehearse(self.known)
                self.known.merge()
        quotient = self.known
        if isinstance(quotient, PartialOrder):
            quotient.visible, quotient.races = self.visible, self.races
        while True:
            sooner = 1.0 if self.level.lean else sooner_with(most_images(quotient.classes))
            graph = search(quotient, self.engine, self.watch, sooner=sooner)
            if graph.cause or not isinstance(quotient, PartialOrder) or not quotient.grew:
                return quotient, quotient_graph(graph, quotient)
