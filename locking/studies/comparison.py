"""Two sides of a comparison: which verdicts flip, and what becomes of a run on the other one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from locking.check import check
from locking.explore.critical_path import fewest_rounds
from locking.explore.graph import Choice
from locking.explore.product import Product
from locking.model import Case
from locking.objects.operation import Object
from locking.placements.edit import locks_taken
from locking.properties.deadlock import waits_for
from locking.properties.explored import Explored, Property
from locking.studies.carry import Carried, Carrying, shown_by_state, turns
from locking.studies.following import Apart, Following, named_turns, where_they_part
from locking.studies.necessity import Flip, flips
from locking.system import called
from locking.traces.replay import Trace, replay
from locking.verdicts import Options, Report, Result


@dataclass(frozen=True)
class Measured:
    """A report with the length of its critical path, None where no run ends or that is unknown."""

    report: Report
    rounds: int | None


@dataclass(frozen=True)
class Pair:
    """Two cases that are compared, measured; `where` says in what both are the same.

    That is such as the scenario, where two placements are compared; it may be empty.
    """

    one: Measured
    two: Measured
    where: str = ""


@dataclass(frozen=True)
class FlippedVerdict:
    """A verdict that flips, and what becomes of the run that shows it on the other side.

    `run` is the result that has a run, `of` its report, `second` whether that is of the second
    side; `stopped` says how the other side, `other`, stops it, or that it goes on to its end;
    `apart` where the two runs first do something else.
    """

    flip: Flip
    where: str
    of: Report
    run: Result | None
    other: Report
    second: bool
    stopped: str = ""
    apart: Apart | None = None

    @property
    def by_execution(self) -> Result | None:
        """The result that fails by an execution, if executions were gone through."""
        sides = self.flip.before, self.flip.after
        return next((each for each in sides if each.execution), None)


def measured(case: Case, names: Sequence[str] = (), options: Options | None = None) -> Measured:
    """One side of a pair. Errors: those of `check`."""
    found: list[int | None] = []
    report = check(case, names, options, look=lambda seen: found.append(rounds_of(seen)))
    return Measured(report, found[0])


def rounds_of(explored: Explored) -> int | None:
    """The length of the critical path of what was explored."""
    return fewest_rounds(explored.graph, set(explored.finished) if explored.complete else set())


def verdict_differences(pairs: Sequence[Pair]) -> list[FlippedVerdict]:
    """The verdicts that differ between two sides, in the order of pairs."""
    return [
        flipped_verdict(flip, pair)
        for pair in pairs
        for flip in flips(pair.one.report, pair.two.report)
    ]


def flipped_verdict(flip: Flip, pair: Pair) -> FlippedVerdict:
    """One of them, its run carried over."""
    second = (flip.before.choices is None and flip.before.execution is None) or (
        flip.after.choices is not None and (flip.after.at_once or 0) > (flip.before.at_once or 0)
    )
    one, two = pair.one.report, pair.two.report
    run, of, other = (flip.after, two, one) if second else (flip.before, one, two)
    if run.choices is None:
        return FlippedVerdict(flip, pair.where, of, None, other, second)
    stopped, apart = carried_outcome(of.case, run, other.case)
    return FlippedVerdict(flip, pair.where, of, run, other, second, stopped, apart)


def carried_outcome(case: Case, run: Result, other: Case) -> tuple[str, Apart | None]:
    """What becomes of a run of `case` in the `other` case, and where the two first differ."""
    assert run.choices is not None
    target = other.build()
    property_ = called(target, run.claim.name)
    here, there = case.build().product(), target.product()
    if replace(other, placement=case.placement) == case:  # threads differ in regions alone
        locks = locks_of(case) | locks_of(other)
        carried = carried_over(here, run.choices, there, property_, locks)
    else:
        carried = followed(here, run.choices, there, property_)
    trace = replay(there, carried.choices)
    apart = where_they_part(replay(here, run.choices), trace)
    return carried_in_words(trace, carried), apart


def followed(
    here: Product, choices: Sequence[Choice], there: Product, property_: Property
) -> Carried:
    """How far a run comes in a system whose code differs in more than the locks of placements."""
    following = Following(
        there, frozenset(), lambda state: shown_by_state(there, property_, state) is not None
    )
    return following.follow(named_turns(here, choices))


def carried_over(
    here: Product,
    choices: Sequence[Choice],
    there: Product,
    property_: Property,
    offered: frozenset[Object],
) -> Carried:
    """How far a run comes in another product, whose locks, and its own, are those `offered`."""
    carrying = Carrying(
        there, offered, lambda state: shown_by_state(there, property_, state) is not None
    )
    return carrying.carry(turns(here, choices, offered))


def carried_in_words(trace: Trace, carried: Carried) -> str:
    """What became of it, in words; `trace` is the run that was carried over."""
    if carried.shows:
        return "the same schedule shows it there too"
    if carried.waiting is None:
        return "the same schedule does not show it there"
    who = trace.names[carried.waiting]
    step, held = waits_for(trace.product, trace.end).get(who, (None, []))
    if step is None:
        return f"the same schedule ends there after {len(carried.choices)} steps"
    holders = f", held by {' and '.join(held)}" if held else ""
    return (
        f"the same schedule is stopped there after {len(carried.choices)} steps: "
        f"{who} waits for {step.target.name}{holders}"
    )


def locks_of(case: Case) -> frozenset[Object]:
    """The locks that the regions of a case's placement take."""
    roles = case.placement.roles.values() if case.placement else ()
    return frozenset(lock for trees in roles for lock in locks_taken(trees))
