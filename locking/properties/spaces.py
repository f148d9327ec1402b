"""The spaces in which properties are judged: the smallest in which each can be.

A folded space can't answer what tells copies of a program apart. A lean one can say that nothing
shows a property, but not what shows it first: its paths are not the shortest. What it can't say is
asked of the next space, which leaves out less, and is explored when the first property needs it.
"""

from collections.abc import Callable, Sequence

from locking.explore.reduction.levels import PLAIN, Level, ReducedSpace
from locking.explore.reduction.quotient import Quotient
from locking.properties.deadlock import DeadlockFree
from locking.properties.explored import Explored, Judgement, Property
from locking.properties.failing import NeverFails, Supposed
from locking.properties.images import Unlike
from locking.properties.race import DataRaceFree
from locking.properties.state import Never, Sometimes
from locking.properties.together import NeverTogether, SometimesTogether

KNOWN = (DataRaceFree, DeadlockFree, Never, NeverFails, NeverTogether, Sometimes, SometimesTogether)
"""Properties of which it is known what they need; others are judged in a space as it is."""

Judge = Callable[[Explored, Property], Judgement]


class Spaces:
    """One system, for `properties`, at several `levels`.

    `explore` gives it at a level that is neither folded nor lean, `space` that of one that is;
    `ready` is called with everything that was explored.
    """

    def __init__(
        self,
        levels: Sequence[Level],
        properties: Sequence[Property],
        explore: Callable[[Level], Explored],
        space: Callable[[Level], ReducedSpace],
        ready: Callable[[Explored], None],
    ) -> None:
        self.levels = levels
        self.explore = explore
        self.ready = ready
        self.made: dict[Level, Explored] = {}
        self.spaces = {level: space(level) for level in levels if level.folded or level.lean}
        for each in self.spaces.values():
            each.races = any(isinstance(property_, DataRaceFree) for property_ in properties)

    @property
    def first(self) -> Explored:
        """What was explored at the first level."""
        return self.at(self.levels[0])

    def at(self, level: Level) -> Explored:
        """What was explored at a level."""
        if level not in self.made:
            reduced = level in self.spaces
            explored = Explored(*self.spaces[level].explore()) if reduced else self.explore(level)
            self.ready(explored)
            self.made[level] = explored
        return self.made[level]

    def judge(self, property_: Property, judge: Judge) -> tuple[Judgement, Explored]:
        """The judgement by the first space that can give one, and that space."""
        for level in self.levels[:-1]:
            found = self.judge_at(level, property_, judge)
            if found:
                return found
        try:
            last = self.at(self.levels[-1])
            return judge(last, property_), last
        except Supposed:
            plain = self.at(PLAIN)
            return judge(plain, property_), plain

    def judge_at(
        self, level: Level, property_: Property, judge: Judge
    ) -> tuple[Judgement, Explored] | None:
        """The judgement by the space of `level`, if it can give one."""
        if type(property_) not in KNOWN:
            return None
        try:
            if level.lean:
                return self.judge_lean(level, property_, judge)
            explored = self.at(level)
            return judge(explored, property_), explored
        except (Unlike, Supposed):
            return None

    def judge_lean(
        self, level: Level, property_: Property, judge: Judge
    ) -> tuple[Judgement, Explored] | None:
        """The same in a space that must show all that the property looks at."""
        space = self.spaces[level]
        while True:
            explored = self.at(level)
            daemons = any(thread.daemon for thread in explored.product.threads)
            judgement = judge(explored, property_)
            looks = self.looks(explored)
            if looks <= space.visible.keys():
                break
            space.visible.update(dict.fromkeys(looks))
            self.made.pop(level)
        if judgement.goals or (
            isinstance(property_, Never) and property_.only_finished and daemons
        ):
            return None
        if isinstance(property_, DeadlockFree) and explored.interleavings is None:
            return None
        return judgement, explored

    def looks(self, explored: Explored) -> set[tuple[int, object]]:
        """What properties have looked at in states that are no ends, and the same of all copies."""
        quotient = explored.product
        assert isinstance(quotient, Quotient)
        return {
            (at, aspect)
            for lens in explored.lenses
            for slot, aspect in lens.looked
            for at in quotient.copies(slot)
        }
