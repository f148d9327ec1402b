"""A case judged by some of its runs: drawn at random, or all those with few preemptions.

Some runs can show that a property fails, and that something wanted can happen. They can never show
that a property holds: what no run showed is *unknown*.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from locking.blaming import blaming
from locking.check import LimitWatch, Progress, confirmed
from locking.errors import ModelError
from locking.explore.bounded import BoundedWalk, bounded
from locking.explore.counting import compare_counting
from locking.explore.graph import INTERRUPTED, Choice, Watch
from locking.explore.product import State
from locking.explore.room import Room
from locking.explore.schedules import ByPriority, Schedule, least_chance, uniform
from locking.explore.ways import states_along
from locking.model import Case
from locking.programs.position import Fault
from locking.properties.always import judged_always
from locking.properties.can_end import CanEnd
from locking.properties.explored import Judgement, OfRuns, Property, Verdict, is_of_runs
from locking.properties.failing import failure_kind
from locking.properties.kinds import Subject, kind_of
from locking.properties.together import SometimesTogether, threads_together
from locking.properties.view import view
from locking.studies.carry import shown_by_state
from locking.studies.suspects import Suspect, no_way_out, suspect_of
from locking.system import System, chosen, refuse_unknown
from locking.verdicts import Limits, Result

METHODS = ("uniform", "pct", "bounded")
"""How runs are chosen."""

TRIALS = 100
"""Uniform runs by which the length of a run is found, before the first by priorities."""

MOST_KEPT = 200_000
"""States whose answers are cached."""


@dataclass(frozen=True)
class Plan:
    """Which runs: how many, of at most so many steps, drawn with which seed; or which bound."""

    method: str
    runs: int = 10_000
    steps: int = 10_000
    depth: int = 3
    seed: int = 1
    preemptions: int = 2
    minimise: bool = True


@dataclass
class Shown:
    """How many runs showed a property, and the best of them: most at once, then shortest."""

    runs: int = 0
    at_once: int = 0
    choices: tuple[Choice, ...] = ()

    def better(self, at_once: int, steps: int) -> bool:
        """Whether a run of so many steps, with so many at once, is better than what is known."""
        return (at_once, -steps) > (self.at_once, -len(self.choices))

    def offer(self, at_once: int, choices: Sequence[Choice]) -> None:
        """Take note of a run that shows the property."""
        self.runs += 1
        if self.better(at_once, len(choices)):
            self.at_once, self.choices = at_once, tuple(choices)


@dataclass
class Tally:
    """What was done so far: runs drawn to their end, steps taken, or the walk over bounded runs.

    `longest` is the most steps of a run that ended, and `counted` the runs since one was first so
    long: those for which the chance to find a bug is known. `cut` are the runs that were cut short,
    `suspected` those of them in which a thread had not ended that must; one is the `suspect`.
    `choosing` is whether a thread had several outcomes to choose from, `spun` whether one was put
    back because it went round a loop.
    """

    shown: list[Shown]
    runs: int = 0
    taken: int = 0
    longest: int = 0
    counted: int = 0
    cut: int = 0
    suspected: int = 0
    suspect: Suspect | None = None
    choosing: bool = False
    spun: bool = False
    walk: BoundedWalk | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Sample:
    """What some runs of `case` showed; `shown` goes with `results`."""

    case: Case
    plan: Plan
    results: tuple[Result, ...]
    tally: Tally
    threads: int
    seconds: float

    @property
    def least(self) -> Fraction:
        """The least chance of a run to find a bug of the depth planned."""
        return least_chance(self.threads, max(1, self.tally.longest), self.plan.depth)


def sample(
    case: Case,
    names: Sequence[str],
    plan: Plan,
    limits: Limits,
    progress: Progress | None = None,
) -> Sample:
    """What runs of `case` show of the properties called `names` (none named: of all).

    `progress` is called with the runs done, or the states met; and the steps taken, or the states
    gone through.

    Errors: `UsageError` for a name that no property has, and no requirement that a run evaluates;
    `ModelError` and its kinds, which name the case.
    """
    started = time.perf_counter()
    with blaming(case):
        system = case.build()
        tally = Tally([])
        judges = Judges(system, chosen(system, names), plan, tally)
        stops = LimitWatch(limits, started, progress, Room(limits.memory))
        try:
            if plan.method == "bounded":
                walk_bounded(judges, plan, tally, stops)
            else:
                draw(judges, plan, tally, stops)
        except KeyboardInterrupt:
            tally.cause = INTERRUPTED
        if tally.cause != INTERRUPTED:
            judges.product.confirm()
            compare_counting(judges.product)
            refuse_unknown(system, judges.properties, judges.product)
        results = [
            replace(
                sampled_result(case, system, property_, found, plan, tally), asked=at < judges.asked
            )
            for at, (property_, found) in enumerate(
                zip(judges.properties, tally.shown, strict=True)
            )
        ]
    seconds = time.perf_counter() - started
    return Sample(case, plan, tuple(results), tally, len(system.threads), seconds)


def unjudged(property_: Property, plan: Plan) -> str:
    """Why runs can't show anything of a property; empty where they can."""
    if failure_kind(property_) is Fault.ASSERTION and not __debug__:
        return "`python -O` skips assertions"
    drawn = plan.method != "bounded" and kind_of(property_).speaks_of is Subject.ROUNDS
    if is_of_runs(property_) and not drawn:
        return "only a search of every interleaving can judge it"
    return ""


class Judges:
    """What states of a system show of `properties`; asked once for every state that is kept.

    What is judged always comes after the `asked` ones, once a state shows that it fails.
    """

    def __init__(
        self, system: System, properties: Sequence[Property], plan: Plan, tally: Tally
    ) -> None:
        self.system = system
        self.plan = plan
        self.product = system.product()
        self.properties: list[Property] = []
        self.tally = tally
        self.able: list[int] = []
        self.along: list[tuple[int, OfRuns]] = []
        for each in properties:
            self.add(each)
        self.asked = len(properties)
        self.hopeless: set[State] = set()
        self.known: dict[State, list[tuple[int, int]]] = {}

    def add(self, property_: Property) -> None:
        """Judge one more property."""
        if unjudged(property_, self.plan):
            pass
        elif is_of_runs(property_):
            self.along.append((len(self.properties), property_))
        else:
            self.able.append(len(self.properties))
        self.properties.append(property_)
        self.tally.shown.append(Shown())

    def notice(self, state: State) -> None:
        """Judge also what `state` shows of what is judged always. Errors: `ModelError`."""
        self.refuse_errors(state)
        positions = [self.product.position(at, state) for at in self.product.everybody]
        going = all(at.next is not None and not at.failures for at in positions)
        if going and self.product.moves(state):
            return
        kinds = {failure.kind for at in positions for failure in at.failures}
        known = [*self.system.properties, *self.properties]
        for each in judged_always(known, self.system.unjudged, kinds):
            if shown_by_state(self.product, each, state):
                self.add(each)

    def judge_run(self, choices: Sequence[Choice], *, cut: bool) -> None:
        """Judge what a whole run shows; one that was `cut` shows only where it goes round."""
        if cut:
            suspect = suspect_of(self.product, choices)
            if suspect is None:
                return
            self.tally.suspected += 1
            if self.tally.suspect is None or (suspect.cycle and not self.tally.suspect.cycle):
                self.tally.suspect = suspect
            if not suspect.cycle:
                return
            choices = suspect.choices
            self.judge_end(choices[: len(choices) - suspect.cycle])
        for at, property_ in self.along:
            if property_.find_along(self.product, choices):
                self.tally.shown[at].offer(1, choices)

    def judge_end(self, choices: Sequence[Choice]) -> None:
        """Judge whether a run still comes to its end from where `choices` lead."""
        state = states_along(self.product, self.product.initial, choices)[-1]
        if state not in self.hopeless:
            closed = no_way_out(self.product, state)
            if not closed:
                return
            self.hopeless |= closed
        known = [*self.system.properties, *self.properties]
        for each in judged_always(known, self.system.unjudged, ()):
            if isinstance(each, CanEnd) and each.find(self.product, state):
                self.add(each)
        for at, property_ in enumerate(self.properties):
            if isinstance(property_, CanEnd) and property_.find(self.product, state):
                self.tally.shown[at].offer(1, choices)

    def forget(self) -> None:
        """Drop what is known of states."""
        self.known.clear()

    def shows(self, state: State) -> list[tuple[int, int]]:
        """The properties that `state` shows something of, by number, each with how many at once."""
        found = self.known.get(state)
        if found is None:
            self.notice(state)
            counts = ((at, self.at_once(self.properties[at], state)) for at in self.able)
            found = [each for each in counts if each[1]]
            if len(self.known) >= MOST_KEPT:
                self.forget()
            self.known[state] = found
        return found

    def at_once(self, property_: Property, state: State) -> int:
        """The threads that are together in `state`, or 1 for what is not counted; 0 for nothing."""
        if isinstance(property_, SometimesTogether):
            return threads_together(view(self.product, state), property_.one, property_.other)
        return int(shown_by_state(self.product, property_, state) is not None)

    def refuse_errors(self, state: State) -> None:
        """Refuse a model in which a thread raises what no property speaks of."""
        if state in self.product.halted:
            for thread in range(len(self.product.threads)):
                failure = self.product.position(thread, state).failure
                if failure and failure.kind is Fault.ERROR:
                    raise ModelError(failure.text)


def draw(judges: Judges, plan: Plan, tally: Tally, stops: Watch) -> None:
    """Take runs by chance, until there are enough of them or a limit is reached.

    The length of runs is found on the way. Runs by priorities begin after some uniform ones, which
    count as runs, but not among those whose chance is known.
    """
    random = Random(plan.seed)
    threads = len(judges.product.threads)
    trials = min(TRIALS, plan.runs // 10) if plan.method == "pct" else plan.runs
    for run in range(plan.runs):
        known = tally.longest or plan.steps  # nothing is known of runs that are cut short
        schedule = (
            uniform(random) if run < trials else ByPriority(random, threads, known, plan.depth)
        )
        cut = tally.cut
        steps = one_run(judges, plan, schedule, tally, stops)
        if tally.cause:
            return
        tally.runs += 1
        tally.counted += run >= trials
        tally.spun |= isinstance(schedule, ByPriority) and schedule.spun
        if tally.cut > cut:
            continue
        if steps > tally.longest:
            tally.longest, tally.counted = steps, 0


def one_run(judges: Judges, plan: Plan, schedule: Schedule, tally: Tally, stops: Watch) -> int:
    """The steps of one run; what it showed is noted once it has ended."""
    state = judges.product.initial
    choices: list[Choice] = []
    best: dict[int, tuple[int, int]] = {}
    while True:
        for property_, at_once in judges.shows(state):
            if at_once > best.get(property_, (0, 0))[0]:
                best[property_] = (at_once, len(choices))
        moves = judges.product.moves(state)
        tally.choosing |= any(outcome for _, outcome, _ in moves)
        if not moves or len(choices) == plan.steps:
            break
        tally.taken += 1
        tally.cause = stops(tally.runs, tally.taken)
        if tally.cause:
            return 0
        thread, outcome, state = schedule(moves)
        choices.append((thread, outcome))
    tally.cut += bool(moves)
    for property_, (at_once, steps) in best.items():
        tally.shown[property_].offer(at_once, choices[:steps])
    judges.judge_run(choices, cut=bool(moves))
    return len(choices)


def walk_bounded(judges: Judges, plan: Plan, tally: Tally, stops: Watch) -> None:
    """Take all runs with few preemptions, unless a limit is reached."""

    def visit(walk: BoundedWalk, at: int) -> None:
        if tally.walk is not walk:  # places may have been numbered anew
            tally.walk = walk
            judges.forget()
        for property_, at_once in judges.shows(walk.arrivals[at][0]):
            found = tally.shown[property_]
            if not found.runs or at_once > found.at_once:
                found.offer(at_once, walk.path(at))

    tally.walk = bounded(judges.product, plan.preemptions, stops, visit, minimise=plan.minimise)
    tally.cause = tally.walk.cause


def sampled_result(
    case: Case, system: System, property_: Property, found: Shown, plan: Plan, tally: Tally
) -> Result:
    """The verdict of one property, with the run that shows it, replayed."""
    if not found.runs:
        declared = case.model.declared(case, property_.name)
        cause = unjudged(property_, plan) or nothing(property_, plan, tally)
        return Result(property_, Verdict.UNKNOWN, declared, cause=cause)
    judgement = Judgement(
        Verdict.HOLDS if property_.wanted else Verdict.FAILS,
        at_once=found.at_once if kind_of(property_).counts else None,
    )
    return confirmed(
        case, system.product(), property_, judgement, found.choices, "what the run showed"
    )


def nothing(property_: Property, plan: Plan, tally: Tally) -> str:
    """What runs that show nothing say."""
    what = "no witness" if property_.wanted else "no failure"
    if plan.method != "bounded":
        return f"{what} in {tally.runs:,} run{'' if tally.runs == 1 else 's'}"
    if tally.cause:
        return f"{what} so far ({tally.cause})"
    many = "preemption" if plan.preemptions == 1 else "preemptions"
    return f"{what} with at most {plan.preemptions} {many}"
