"""Properties of sections: two threads are never inside at once, or sometimes, and how many."""

from dataclasses import dataclass

from locking.explore.product import Product, State
from locking.properties.explored import Explored, Finding, Judgement, Verdict, finding_of
from locking.properties.view import View, view


def threads_together(state: View, one: str, other: str) -> int:
    """How many threads are inside `one` or `other`, where two different ones are inside both."""
    inside_one, inside_other = state.inside(one), state.inside(other)
    if not any(a != b for a in inside_one for b in inside_other):
        return 0
    return len({*inside_one, *inside_other})


@dataclass(frozen=True)
class NeverTogether:
    """No two threads are inside `one` and `other` at the same time."""

    name: str
    one: str
    other: str
    about: str = ""
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state with a thread in each."""
        return explored.never(
            explored.where(lambda s: threads_together(s, self.one, self.other), same=True)
        )

    def find(self, product: Product, state: State) -> Finding | None:
        """Who is inside."""
        end = view(product, state)
        if not threads_together(end, self.one, self.other):
            return None
        says = self.about or f"{self.one} and {self.other} are never entered together"
        return finding_of(says, end)


@dataclass(frozen=True)
class SometimesTogether:
    """Two threads can be inside `one` and `other` at once; the verdict says how many can."""

    name: str
    one: str
    other: str
    about: str = ""
    wanted: bool = True

    def judge(self, explored: Explored) -> Judgement:
        """Holds by a witness, which has as many inside as there can be."""
        goals, most = self.more_than(1, explored), 1
        found = frozenset[int]()
        while goals:
            found, most = goals, most + 1
            goals = self.more_than(most, explored)
        if found:
            return Judgement(Verdict.HOLDS, found, most)
        verdict = Verdict.FAILS if explored.complete else Verdict.UNKNOWN
        return Judgement(verdict, at_once=1 if explored.complete else None)

    def more_than(self, number: int, explored: Explored) -> frozenset[int]:
        """The nearest states with more threads inside than `number`."""
        return explored.nearest(
            explored.where(lambda s: threads_together(s, self.one, self.other) > number, same=True)
        )

    def find(self, product: Product, state: State) -> Finding | None:
        """Who is inside."""
        end = view(product, state)
        count = threads_together(end, self.one, self.other)
        if not count:
            return None
        sections = self.one if self.one == self.other else f"{self.one} and {self.other}"
        return finding_of(f"{count} threads are inside {sections}", end)


never_together = NeverTogether
sometimes_together = SometimesTogether
