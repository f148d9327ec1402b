"""Which orderings of a model are needed: each is weakened in turn, and the model judged again.

Where the model fails, stronger orderings are tried in place: first those that cost least.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from locking.executions.judged import (
    PropertyVerdict,
    SystemVerdicts,
    judge_executions,
    learners_of,
)
from locking.executions.orderings import (
    COSTS,
    LineOrdering,
    Stronger,
    Weaker,
    change_of,
    orderings_in,
    strengthenings_in,
)
from locking.executions.trees import EventChange, unchanged
from locking.properties.explored import Property, Verdict
from locking.system import System

MOST_TOGETHER = 2
"""How many orderings are strengthened together at most."""

RACE_NAME = "data-race"
"""What a data race is called of which no property speaks."""

GoOnNow = Callable[[], None]
"""Called now and then; raises what ends the study."""


class OrderingUse(NamedTuple):
    """An ordering, and what fails without it; `unknown` says why that is not known.

    `passed` is whether some execution comes by it. `instead` are the orderings that stand in for
    it: something fails if both are weakened.
    """

    ordering: LineOrdering
    breaks: tuple[PropertyVerdict, ...]
    races: str
    unknown: str
    passed: bool
    instead: tuple[LineOrdering, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether something is known to fail without it."""
        return bool(self.breaks or self.races)

    @property
    def may_be_replaced(self) -> bool:
        """Whether another ordering may do what this one would: it is redundant, and no mark."""
        known = self.passed and not (self.needed or self.unknown)
        return known and self.ordering.change is not Weaker.MARKED


class Repair(NamedTuple):
    """Orderings that, made stronger together, let every property hold, and what they cost."""

    orderings: tuple[LineOrdering, ...]
    cost: int


class BarrierStudy(NamedTuple):
    """What is known of the orderings of a system; of one that fails, its cheapest repairs."""

    base: SystemVerdicts
    uses: tuple[OrderingUse, ...]
    repairs: tuple[Repair, ...]


def barrier_study(system: System, properties: Sequence[Property], go_on: GoOnNow) -> BarrierStudy:
    """What is known of the orderings of a system. Errors: `ModelError`, and those of `go_on`."""
    learners = learners_of(system)

    def judged(change: EventChange = unchanged) -> SystemVerdicts:
        return judge_executions(system, properties, go_on, change, learners)

    base = judged()
    if breaks_something(base):
        return BarrierStudy(base, (), tuple(cheapest_repairs(base, judged)))
    orderings = orderings_in(base.trees)
    uses = [use_of(each, base, judged(change_of([each]))) for each in orderings]
    return BarrierStudy(base, tuple(with_others(uses, judged)), ())


def breaks_something(found: SystemVerdicts) -> bool:
    """Whether a property fails, or accesses race."""
    return bool(found.race) or any(each.verdict is Verdict.FAILS for each in found.verdicts)


def use_of(ordering: LineOrdering, base: SystemVerdicts, found: SystemVerdicts) -> OrderingUse:
    """What an ordering is for, by what was found without it."""
    broken = tuple(each for each in found.verdicts if each.verdict is Verdict.FAILS)
    unknown = base.cause or next(
        (each.cause or "" for each in found.verdicts if each.verdict is Verdict.UNKNOWN), ""
    )
    passed = (ordering.site, ordering.name) in base.passed
    return OrderingUse(ordering, broken, found.race, unknown, passed)


def with_others(
    uses: Sequence[OrderingUse], judged: Callable[[EventChange], SystemVerdicts]
) -> Iterator[OrderingUse]:
    """What orderings are for, with those that stand in for each redundant one."""
    replaced = [each.ordering for each in uses if each.may_be_replaced]
    pairs = [
        pair for pair in combinations(replaced, 2) if breaks_something(judged(change_of(pair)))
    ]
    for each in uses:
        mine = [pair for pair in pairs if each.ordering in pair]
        others = tuple(other for pair in mine for other in pair if other != each.ordering)
        yield each._replace(instead=others)


def cheapest_repairs(
    base: SystemVerdicts, judged: Callable[[EventChange], SystemVerdicts]
) -> Iterator[Repair]:
    """All repairs of the least cost, of at most `MOST_TOGETHER` stronger orderings."""
    ways = strengthenings_in(base.trees)
    sets = [each for size in range(1, MOST_TOGETHER + 1) for each in combinations(ways, size)]
    least = None
    for each in sorted(sets, key=cost_together):
        cost = cost_together(each)
        if least is not None and cost > least:
            return
        if is_repaired(judged(change_of(each)), base):
            least = cost
            yield Repair(each, cost)


def cost_together(orderings: Sequence[LineOrdering]) -> int:
    """What orderings cost together."""
    return sum(COSTS[each.change] for each in orderings if isinstance(each.change, Stronger))


def is_repaired(found: SystemVerdicts, base: SystemVerdicts) -> bool:
    """Whether nothing fails, and all that was known is known still."""
    known = {each.property.name for each in base.verdicts if each.verdict is not Verdict.UNKNOWN}
    left = [each.verdict for each in found.verdicts if each.property.name in known]
    return (
        not breaks_something(found)
        and found.cause is None
        and Verdict.HOLDS in left
        and not (set(left) - {Verdict.HOLDS, Verdict.NEVER_EVALUATED})
    )
