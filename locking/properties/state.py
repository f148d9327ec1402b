"""Properties of single states: always, never, at the end; sometimes, with a witness.

always("zone-span", lambda s: s[zone.start] <= 12, "pfn 12 lies in the zone")
never("torn", lambda s: s[x] != s[y], "x and y differ")
at_end("total", lambda s: s[x] == 2, "both updates arrive")
sometimes("both", lambda s: s[x] and s[y], "both are up at once")
"""

from dataclasses import dataclass

from locking.errors import Vacuous
from locking.explore.product import Product, State
from locking.properties.explored import Explored, Finding, Judgement, Verdict, finding_of
from locking.properties.predicate import Predicate, check_predicate, truth
from locking.properties.view import view


@dataclass(frozen=True)
class Never:
    """`bad` is true in no state; if `only_finished`, of those in which all threads have ended.

    Errors: `ModelError` for what is no predicate.
    """

    name: str
    bad: Predicate
    about: str = ""
    only_finished: bool = False
    wanted: bool = False

    def __post_init__(self) -> None:
        check_predicate(self.name, self.bad)

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state that is bad."""
        if self.only_finished:
            return self.judge_ends(explored)
        return explored.never(explored.where(self.bad))

    def judge_ends(self, explored: Explored) -> Judgement:
        """Fails in the first state that is bad, of those in which all threads have ended.

        Errors: `Vacuous` where no run comes to an end.
        """
        if explored.complete and not explored.finished:
            if not explored.ends:
                raise Vacuous("no run comes to an end; judge states, not ends")
            return Judgement(Verdict.UNKNOWN, cause="in no run do all threads end")
        return explored.never(explored.where(self.bad, among=explored.finished))

    def find(self, product: Product, state: State) -> Finding | None:
        """The values that the condition looked at."""
        end = view(product, state)
        if self.only_finished and not end.finished:
            return None
        if not truth(self.bad, end):
            return None
        return finding_of(self.about, end)


def always(name: str, good: Predicate, about: str = "") -> Never:
    """`good` is true in every state. Errors: `ModelError` for what is no predicate."""
    check_predicate(name, good)
    return Never(name, lambda state: not truth(good, state), about)


def never(name: str, bad: Predicate, about: str = "") -> Never:
    """`bad` is true in no state. Errors: `ModelError` for what is no predicate."""
    return Never(name, bad, about)


def at_end(name: str, good: Predicate, about: str = "") -> Never:
    """`good` is true whenever all threads have ended. Errors: `ModelError` for no predicate."""
    check_predicate(name, good)
    return Never(name, lambda state: not truth(good, state), about, only_finished=True)


@dataclass(frozen=True)
class Sometimes:
    """`good` is true in some state. Errors: `ModelError` for what is no predicate."""

    name: str
    good: Predicate
    about: str = ""
    wanted: bool = True

    def __post_init__(self) -> None:
        check_predicate(self.name, self.good)

    def judge(self, explored: Explored) -> Judgement:
        """Holds by a witness."""
        goals = explored.nearest(explored.where(self.good))
        if goals:
            return Judgement(Verdict.HOLDS, goals)
        return Judgement(Verdict.FAILS if explored.complete else Verdict.UNKNOWN)

    def find(self, product: Product, state: State) -> Finding | None:
        """The values that the condition looked at."""
        end = view(product, state)
        return finding_of(self.about, end) if truth(self.good, end) else None


sometimes = Sometimes
