"""Synthesis: the placements of a space that are safe and that no other beats.

Every placement of the space is decided in one of these ways, the cheapest that will do:

    weaker      it holds nowhere more than one that fails a monotone property, so it fails too
    refuted     a run that broke another, carried over, breaks it as well
    beaten      one that is safe is as good or better in everything, however parallel this one is
    broken      it was searched, and a required property fails
    safe        it was searched in all scenarios, and every required property holds
    unknown     a limit was reached, or the model can't be explored under it

Rule of this file: nothing is called safe but after exhausted searches, and nothing is called
failing without a run of its own or one that `weaker` makes one of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from locking.blaming import blaming
from locking.check import check
from locking.errors import ModelError
from locking.explore.graph import INTERRUPTED
from locking.explore.product import Product
from locking.explore.scheduled import Scheduled
from locking.model import Case, Model, Scenario
from locking.objects.exclusive import Spinlock
from locking.objects.operation import Object
from locking.objects.reader_writer import PercpuRwSem
from locking.placements.placement import Placement
from locking.placements.space import Profile, Space, arrangements, choices, profile, repairs, weaker
from locking.placements.trees import Step, Trees
from locking.programs.position import Fault
from locking.programs.sleeping.mutex import Mutex
from locking.programs.sleeping.rwsem import RwSem
from locking.properties.explored import Finding, Property, Verdict
from locking.properties.failing import failure_kind
from locking.properties.kinds import Subject, kind_of
from locking.studies.carry import CarriedTurn, Carrying, shown_by_state, turns
from locking.studies.front import Placed, Score, front, regions_in, steps_held, work_of
from locking.system import called
from locking.verdicts import Options, Report, Result, never_evaluated

KNOWN_LOCKS = (Mutex, Spinlock, RwSem, PercpuRwSem)
"""Kinds of lock known to be monotone: where threads hold less of one, no further thread waits."""


class Decision(Enum):
    """How a placement was decided; the file's first lines say what each means."""

    WEAKER = "weaker"
    REFUTED = "refuted"
    BEATEN = "beaten"
    BROKEN = "broken"
    SAFE = "safe"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Question:
    """What is searched: a space within bounds, the cases, what is required, what is wanted.

    `slots` has for each step of the space what may stand for it; `required` the names of
    properties (none: all that want no witness); `wanted` a property that counts threads at once.
    """

    model: Model
    space: Space
    slots: tuple[tuple[Step, ...], ...]
    regions: int
    scenarios: tuple[Scenario, ...]
    wanted: str
    required: tuple[str, ...] = ()
    scope: Mapping[str, str] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    def placement(self, trees: Trees, name: str) -> Placement:
        """A placement with `trees` for the role, and for the others those of the space's base."""
        roles: dict[str, Trees] = {**self.space.base.roles, self.space.role: trees}
        return Placement(name, about="", **roles)

    def case(self, trees: Trees, scenario: Scenario) -> Case:
        """One case of a candidate."""
        return self.model.case(scenario, self.placement(trees, "candidate"), self.scope)


@dataclass(frozen=True)
class BreakingRun:
    """A run that broke a candidate: in which scenario, which property, its turns."""

    scenario: Scenario
    property: str
    turns: tuple[CarriedTurn, ...]


Ask = Callable[[int, Iterable[int]], Report | None]
"""What gives `Synthesis.report` of a number, and is told those of which it will be asked then."""


class Synthesis:
    """A search of the space, under way. `placed` are the safe ones, `tally` counts the outcomes.

    A placement and a scenario together have a number: placements count in the order of `run`, and
    each has one for every scenario. `ask` gives the report of a number.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.locks = frozenset(question.space.locks)
        self.plain = all(type(lock) in KNOWN_LOCKS for lock in self.locks)
        self.chosen = choices(question.slots)
        self.shapes = len(
            list(arrangements(self.chosen[0], question.space.locks, question.regions))
        )
        self.tally: Counter[Decision] = Counter()
        self.placed: list[Placed] = []
        self.causes: Counter[str] = Counter()
        self.runs: list[BreakingRun] = []
        self.failed: list[Profile] = []
        self.work: dict[str, int] = {}
        self.most = 0
        self.ask: Ask = lambda number, _: self.report(number)
        self.shaped: dict[tuple[Step, ...], list[tuple[Profile, Trees]]] = {}

    @property
    def size(self) -> int:
        """How many placements the space has."""
        return self.shapes * len(self.chosen)

    @property
    def decided(self) -> int:
        """How many of them are decided."""
        return self.tally.total()

    @property
    def front(self) -> list[Placed]:
        """The best of those that are safe, so far."""
        return front(self.placed)

    def run(self) -> Iterator[Decision]:
        """Decide one placement after another.

        Those with few repairs come first; of the same steps, those that hold the most: where one of
        them fails, all that are weaker fail.
        """
        for chosen in self.chosen:
            self.begin(chosen)
            for held_by, trees in self.candidates(chosen):
                outcome = self.decide(trees, chosen, held_by)
                self.tally[outcome] += 1
                yield outcome

    def candidates(self, chosen: tuple[Step, ...]) -> list[tuple[Profile, Trees]]:
        """The placements of these steps, each after what it holds, in the order of `run`."""
        if chosen not in self.shaped:
            locks = self.question.space.locks
            shapes = [
                (profile(trees, locks), trees)
                for trees in arrangements(chosen, locks, self.question.regions)
            ]
            shapes.sort(key=lambda shape: -sum(map(sum, shape[0])))
            self.shaped = {chosen: shapes}
        return self.shaped[chosen]

    def begin(self, chosen: tuple[Step, ...]) -> None:
        """Get ready for placements of these steps."""
        self.failed = []
        self.work = {}
        for scenario in self.question.scenarios:
            case = self.question.case(chosen, scenario)
            with blaming(case):
                system = case.build()
                for name, steps in work_of(system, chosen).items():
                    self.work[name] = max(steps, self.work.get(name, 0))
            if self.question.wanted:
                self.most = max(self.most, len(system.threads))

    def decide(self, trees: Trees, chosen: tuple[Step, ...], held_by: Profile) -> Decision:
        """How one placement is decided."""
        if any(weaker(held_by, failed) for failed in self.failed):
            return Decision.WEAKER
        changed = repairs(chosen, self.question.space.steps)
        score = Score(self.most, steps_held(trees, self.work), regions_in(trees), changed)
        if any(safe.score.beats(score) for safe in self.placed):
            return Decision.BEATEN
        for run in self.runs:
            if self.breaks(run, trees, held_by):
                self.runs.remove(run)
                self.runs.insert(0, run)  # what broke this one is likely to break the next
                return Decision.REFUTED
        return self.search(trees, score, held_by)

    def breaks(self, run: BreakingRun, trees: Trees, held_by: Profile) -> bool:
        """Whether a run, carried over, breaks the same property of another placement."""
        case = self.question.case(trees, run.scenario)
        with blaming(case):
            system = case.build()
            product = system.product()
            broken = called(system, run.property)
            carrying = Carrying(
                product,
                self.locks,
                lambda state: shown_by_state(product, broken, state) is not None,
            )
            carried = carrying.carry(run.turns)
            if carried.shows:
                self.note(product, broken, shown_by_state(product, broken, carried.end), held_by)
        return carried.shows

    def note(
        self, product: Product, broken: Property, finding: Finding | None, held_by: Profile
    ) -> None:
        """Take note of a placement that fails, if all that are weaker must fail as well."""
        if not self.plain or has_daemons(product) or answers(product, self.locks):
            return
        if isinstance(product, Scheduled):
            return  # who holds less may keep more off a processor, and sleep where he must not
        if is_monotone(broken, finding, self.locks):
            self.failed.append(held_by)

    def search(self, trees: Trees, score: Score, held_by: Profile) -> Decision:
        """How a placement is decided by searching every scenario.

        Errors: `KeyboardInterrupt` where Ctrl-C ended a search.
        """
        at_once = 0
        reports = []
        scenarios = len(self.question.scenarios)
        numbers = range(self.decided * scenarios, (self.decided + 1) * scenarios)
        for number in numbers:
            try:
                report = self.ask(number, range(number + 1, numbers.stop))
            except ModelError as error:
                self.causes[str(error)] += 1
                return Decision.UNKNOWN
            if report is None:
                continue
            failing = next((each for each in report.results if self.fails(each)), None)
            if failing:
                self.learn(report, failing, held_by)
                return Decision.BROKEN
            if report.cause == INTERRUPTED:
                raise KeyboardInterrupt
            unknown = [each for each in report.results if each.verdict is Verdict.UNKNOWN]
            if unknown:
                self.causes[unknown[0].cause or "unknown"] += 1
                return Decision.UNKNOWN
            reports.append(report)
            at_once = max([at_once, *(each.at_once or 0 for each in report.results)])
        for _, vacuous in never_evaluated(reports):
            self.causes[f"property {vacuous.claim.name!r}: {vacuous.cause}"] += 1
            return Decision.UNKNOWN
        self.placed.append(Placed(trees, score._replace(at_once=at_once)))
        return Decision.SAFE

    def case(self, number: int) -> Case:
        """The case of a number: a placement in a scenario."""
        at, scenario = divmod(number, len(self.question.scenarios))
        chosen, shape = divmod(at, self.shapes)
        _, trees = self.candidates(self.chosen[chosen])[shape]
        return self.question.case(trees, self.question.scenarios[scenario])

    def report(self, number: int, spent: float = 0.0) -> Report | None:
        """What a search finds, by the number of its case; None where nothing is asked of it.

        `spent` are the seconds that were spent on it before. Errors: `ModelError`.
        """
        case = self.case(number)
        names = self.names(case)
        options = self.question.options.after(spent)
        return check(case, names, options, enough=self.fails) if names else None

    def names(self, case: Case) -> list[str]:
        """The properties to judge of a case; first those that say that it can be run at all."""
        asked = [each for each in case.build().properties if self.is_asked(each)]
        return [each.name for each in sorted(asked, key=lambda each: not is_basic(each))]

    def is_asked(self, property_: Property) -> bool:
        """Whether a property is required or wanted."""
        if property_.name == self.question.wanted:
            return True
        if self.question.required:
            return property_.name in self.question.required
        return not property_.wanted

    def fails(self, result: Result) -> bool:
        """Whether a required property fails."""
        return result.verdict is Verdict.FAILS and result.claim.name != self.question.wanted

    def learn(self, report: Report, failing: Result, held_by: Profile) -> None:
        """Keep the run that broke a placement, for those that follow."""
        if failing.choices is None or failing.claim.wanted:
            return
        system = report.case.build()
        product = system.product()
        found = turns(product, failing.choices, self.locks)
        self.runs.insert(0, BreakingRun(report.case.scenario, failing.claim.name, tuple(found)))
        self.note(product, failing.claim, failing.finding, held_by)


def is_basic(property_: Property) -> bool:
    """Whether a property, where it fails, may keep threads from coming to what others speak of."""
    misuse = failure_kind(property_) is Fault.MISUSE
    return misuse or kind_of(property_).speaks_of in (Subject.WAITS, Subject.ROUNDS)


def is_monotone(broken: Property, finding: Finding | None, locks: frozenset[Object]) -> bool:
    """Whether a run that shows `finding` breaks the property under every weaker placement too.

    It does if what is broken shows in the threads' own steps and in memory alone: a requirement, a
    race, or the values of objects at the end, none of them a lock that placements differ in.
    """
    match kind_of(broken).speaks_of:
        case Subject.FAILURES:
            return failure_kind(broken) is not Fault.MISUSE
        case Subject.ACCESSES:
            return True
        case Subject.ENDS if finding:
            return not finding.objects & {lock.name for lock in locks}
    return False


def has_daemons(product: Product) -> bool:
    """Whether threads may go on when all others have ended, and change what was so at the end."""
    return any(thread.daemon for thread in product.threads)


def answers(product: Product, locks: frozenset[Object]) -> bool:
    """Whether one of `locks` tells a thread anything, as a trylock does.

    Under a weaker placement it might tell something else, and the thread do something else.
    """
    results = (result for each in product.automata for result in each.results_of(locks))
    return any(result is not None for result in results)
