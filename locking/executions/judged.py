"""What a memory model lets a system do, and so which of its properties hold.

Judged are failures of threads, conditions at the end, waits for good, and data races in the sense
of the model. A property of what comes between, such as two threads inside sections at once, has no
meaning without interleavings: it is *unknown*.

What a thread fails, and what an end shows, is so in an execution that is allowed. So a failure
counts whatever else is wrong. Nothing holds before all executions were gone through; nor beside a
data race, of which the model says that anything may come.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.executions.ending import ExecutionEnding, end_view, ending_of, stuck_in
from locking.executions.enough import EnoughSeen, only_so_often
from locking.executions.executions import (
    Execution,
    GoOn,
    LastWrites,
    Together,
    executions_of,
)
from locking.executions.interleavings import InterleavedRuns
from locking.executions.kept import ShownBy, better, keep
from locking.executions.locked import LockedUse, locked_use
from locking.executions.meaning import SeenValue
from locking.executions.objects import UNFAIR, state_from, words_of_objects
from locking.executions.paths import operations_at
from locking.executions.racing import RACE_FLAG, race_found
from locking.executions.shown import ShownExecution, shown_execution
from locking.executions.together import WalkTogether
from locking.executions.trees import (
    EndKind,
    EventChange,
    ThreadTree,
    TooManyPaths,
    unchanged,
)
from locking.executions.values import GrownTrees, grown_trees
from locking.explore.deadline import OutOfTime
from locking.explore.learn import Learner
from locking.memory_models.lkmm.model import LKMM
from locking.memory_models.sources import WRITE_KINDS
from locking.objects.in_force import InForce
from locking.objects.operation import Object, Operation, Site
from locking.objects.rcu import Rcu
from locking.programs.keys import typed
from locking.programs.position import FailureKind, Fault, Requirement
from locking.properties.always import judged_always
from locking.properties.can_end import CanEnd
from locking.properties.deadlock import DeadlockFree
from locking.properties.explored import Finding, Property, Verdict, finding_of
from locking.properties.failing import NeverFails
from locking.properties.predicate import truth
from locking.properties.released import LocksReleased
from locking.properties.state import Never
from locking.system import System, about_races

MOST_STATES_FIRST = 100_000
"""States of interleavings that are gone through before other executions."""

NOT_JUDGED = "it speaks of what executions do not show, under --memory lkmm"


class PropertyVerdict(NamedTuple):
    """What is known of a property, and an execution that shows it."""

    property: Property
    verdict: Verdict
    finding: Finding | None = None
    execution: ShownExecution | None = None
    cause: str | None = None
    asked: bool = True


class SystemVerdicts(NamedTuple):
    """What is known of a system: its properties, how many executions, and why no more.

    `race` is a data race in words, or nothing; `trees` are what its threads may do, and `passed`
    the lines and the names of the operations that are part of some execution.
    """

    verdicts: tuple[PropertyVerdict, ...]
    executions: int
    cause: str | None
    race: str
    trees: Sequence[ThreadTree]
    passed: frozenset[tuple[Site, str]]


class ExecutionSearch:
    """Goes through the executions of a system, and notes the first that shows each thing."""

    def __init__(
        self,
        system: System,
        properties: Sequence[Property],
        change: EventChange = unchanged,
        learners: Sequence[Learner] = (),
    ) -> None:
        self.change = change
        self.trees: Sequence[ThreadTree] = ()
        self.system = system
        self.properties = properties
        self.learners = learners or learners_of(system)
        found = words_of_objects((each, each_start(system, each)) for each in system.objects)
        self.objects = {each.name: each for each, words in found if len(words) == 1}
        self.initial = {
            name: SeenValue(value, typed(value))
            for _, words in found
            for name, value in words.items()
        }
        self.conditions = [each for each in properties if is_of_ends(each)]
        self.allowed = 0
        self.ended = False
        self.cut = False
        self.endless_section = False
        self.of_ends: dict[Property, ShownBy] = {}
        self.of_failures: dict[FailureKind, ShownBy] = {}
        self.waiting: ShownBy | None = None
        self.endless: ShownBy | None = None
        self.race: ShownBy | None = None
        self.leak: ShownBy | None = None
        self.required: set[str] = set()
        self.passed: set[tuple[Site, str]] = set()

    def go(self, go_on: GoOn) -> str | None:
        """Go through all executions; why that was not done, if it was not."""
        try:
            grown = grown_trees(self.learners, self.initial, self.change, self.system.objects)
            self.trees = grown.trees
            if not grown.guarding.locks:
                self.go_by_choices(grown, (), go_on)
            else:
                self.go_by_locks(grown, go_on)
            for each in self.learners:
                each.confirm()
        except (TooManyPaths, OutOfTime) as error:
            return str(error)
        if self.cut:
            return "a loop whose rounds write is not followed to its end"
        if self.endless_section:
            return "a thread never leaves its read section of RCU, beside a grace period"
        return None if self.allowed else "no execution comes to an end"

    def go_by_locks(self, grown: GrownTrees, go_on: GoOn) -> None:
        """Note what executions show, interleavings first; beside a data race not all of them."""
        names = [each.thread.name for each in self.learners]
        use = locked_use(grown.trees, names, grown.guarding)
        if self.go_in_turns(grown, use, go_on):
            return
        first, self.allowed = self.allowed, 0
        in_turns = use.locks if use.locks_in_order else ()
        with suppress(EnoughSeen):
            self.go_by_choices(grown, in_turns, only_so_often(go_on) if self.race else go_on)
        self.allowed = self.allowed or first

    def go_in_turns(self, grown: GrownTrees, use: LockedUse, go_on: GoOn) -> bool:
        """Note what interleavings show; whether there are no other executions.

        An interleaving knows nothing of what a grace period waits for.
        """
        if any(isinstance(each, Rcu) for each in self.system.objects):
            return False
        walk = InterleavedRuns(grown, use.words_in_turns, LKMM)
        most = None if use.interleaved else MOST_STATES_FIRST
        for execution in walk.executions(go_on, most, self.tells):
            self.note_if_it_ends(execution)
            refuse_unforeseen(execution.together, grown)
        self.passed.update(operations_at(each.position for each in walk.passed.values()))
        return use.interleaved

    def go_by_choices(self, grown: GrownTrees, in_turns: Collection[str], go_on: GoOn) -> None:
        """Note what all executions show."""
        for together in WalkTogether(grown.trees, grown.initial, in_turns).together(go_on):
            if self.go_through(together, go_on):
                refuse_unforeseen(together, grown)
                self.passed.update(operations_at(together.positions))

    def go_through(self, together: Together, go_on: GoOn) -> bool:
        """Note what the executions of some paths show; whether there is one.

        Where nothing is plain nothing races, so one execution for each end of memory is enough. One
        that is no end is looked at only if it may be the first with some operation.
        """
        seen: set[LastWrites] = set()
        known = self.passed.issuperset(operations_at(together.positions))

        def is_wanted(last: LastWrites) -> bool:
            if last in seen and not together.has_plain:
                return False
            return not known or self.tells(together, last)

        for execution in executions_of(together, LKMM, go_on, is_wanted):
            seen.add(execution.last)
            self.note_if_it_ends(execution)
        return bool(seen)

    def tells(self, together: Together, last: LastWrites) -> bool:
        """Whether executions of these paths with these last writes tell anything."""
        ending = ending_of(together, last, self.learners, self.initial)
        return ending.is_end or (ending.endless_section and together.has_grace_period)

    def note_if_it_ends(self, execution: Execution) -> None:
        """Note what an execution shows, unless a thread that waits would go on."""
        together = execution.together
        ending = ending_of(together, execution.last, self.learners, self.initial)
        if ending.endless_section and together.has_grace_period:
            self.endless_section = True
        elif ending.is_end:
            self.allowed += 1
            self.note(execution, ending)

    def note(self, execution: Execution, ending: ExecutionEnding) -> None:
        """Note what an execution shows. Errors: `ModelError`, if a thread raised an exception."""
        self.cut |= ending.cut
        for learner, path in zip(self.learners, execution.together.paths, strict=True):
            self.required |= learner.nodes[path.node].required
            for failure in path.failures:
                if failure.kind is Fault.ERROR:
                    raise ModelError(failure.text)
                keep(
                    self.of_failures,
                    failure.kind,
                    Finding(failure.text, failure.operands),
                    execution,
                )
        if self.race is None and RACE_FLAG in execution.flags:
            self.race = ShownBy(race_found(execution, self.learners), execution)
        if ending.whole:
            self.note_locks(execution, ending)
            self.note_end(execution, ending)

    def note_locks(self, execution: Execution, ending: ExecutionEnding) -> None:
        """Note what threads hold that have ended."""
        for path, learner in zip(execution.together.paths, self.learners, strict=True):
            who = learner.thread.name
            for each in self.system.objects if path.end is EndKind.ENDED else ():
                if any(
                    held.thread == who for held in each.holders(state_from(each, ending.memory))
                ):
                    finding = Finding(f"{who} has ended and still holds {each.name}")
                    self.leak = better(self.leak, finding, execution)

    def note_end(self, execution: Execution, ending: ExecutionEnding) -> None:
        """Note what an execution shows in which all threads have ended, or are stuck."""
        if ending.stuck:
            waits = tuple(stuck_in(execution, at, self.learners) for at in ending.stuck)
            kinds = {execution.together.paths[at].end for at in ending.stuck}
            what = "deadlock" if EndKind.WAITS in kinds else "no end"
            says = f"{what}: {'; '.join(' '.join(each) for each in waits)}"
            finding = Finding(says, waits=waits)
            if EndKind.WAITS in kinds:
                self.waiting = better(self.waiting, finding, execution)
            if EndKind.GOES_ROUND in kinds:
                self.endless = better(self.endless, finding, execution)
            return
        self.ended = True
        for each in self.conditions:
            view = end_view(execution, ending, self.learners)
            assert isinstance(each, Never)
            if truth(each.bad, view):
                keep(self.of_ends, each, finding_of(each.about, view), execution)

    def verdicts(self, cause: str | None) -> Iterator[PropertyVerdict]:
        """What is known of each property, and of what is judged of every system."""
        for each in self.properties:
            yield self.verdict(each, cause)
        always = judged_always(
            (*self.system.properties, *self.properties), self.system.unjudged, self.of_failures
        )
        for each in always:
            found = self.verdict(each, cause)
            if found.verdict is Verdict.FAILS:
                yield found._replace(asked=False)

    def verdict(self, property_: Property, cause: str | None) -> PropertyVerdict:
        """What is known of a property; `cause` says why not all was gone through."""
        shown, known = self.shown(property_)
        if shown:
            execution = shown_execution(shown.execution, self.learners, self.objects)
            finding = shown.finding
            if isinstance(property_, NeverFails) and property_.kind is not Fault.MISUSE:
                finding = replace(finding, says=property_.about or finding.says)
            return PropertyVerdict(property_, Verdict.FAILS, finding, execution)
        if not known:
            return PropertyVerdict(property_, Verdict.UNKNOWN, cause=NOT_JUDGED)
        if cause is None and isinstance(property_, DeadlockFree | CanEnd):
            cause = why_no_waits(self.learners)
        if cause is None and self.race and not about_races(property_):
            cause = f"a data race: {self.race.finding.says}"
        if cause is not None:
            return PropertyVerdict(property_, Verdict.UNKNOWN, cause=cause)
        never = self.never_evaluated(property_)
        if never:
            return PropertyVerdict(property_, Verdict.NEVER_EVALUATED, cause=never)
        return PropertyVerdict(property_, Verdict.HOLDS)

    def shown(self, property_: Property) -> tuple[ShownBy | None, bool]:
        """What breaks a property; and whether it is of a kind that is judged here."""
        if is_of_ends(property_):
            return self.of_ends.get(property_), True
        if isinstance(property_, NeverFails):
            return self.of_failures.get(property_.kind), True
        if isinstance(property_, DeadlockFree):
            return self.waiting, True
        if isinstance(property_, CanEnd):
            return self.endless or (self.waiting if property_.deadlocks else None), True
        if about_races(property_):
            return self.race, True
        if isinstance(property_, LocksReleased):
            rcu = any(isinstance(each, Rcu) for each in self.system.objects)
            return self.leak, not (rcu or self.system.rules.algorithms)
        return None, False

    def never_evaluated(self, property_: Property) -> str:
        """Why a property was never evaluated; nothing if it was."""
        if is_of_ends(property_) and not self.ended:
            return "no execution comes to an end"
        if isinstance(property_, NeverFails) and isinstance(property_.kind, Requirement):
            name = property_.kind.name
            if name not in self.required:
                return f"no execution evaluates the requirement {name!r}"
        return ""


def refuse_unforeseen(together: Together, grown: GrownTrees) -> None:
    """Refuse an execution with a value of which other threads know nothing. Errors: `ModelError`.

    There is none, if values are followed from write to read as they should be.
    """
    for thread, _, each in together.events:
        draft = each.draft
        written = thread >= 0 and draft.kind in WRITE_KINDS
        if written and not grown.foresees(thread, draft.location, draft.key):
            raise ModelError(f"{draft.location} is {draft.value!r}, which was not foreseen")


def each_start(system: System, object_: Object) -> Any:
    """The state in which an object of a system starts."""
    return system.starts.get(object_, object_.start)


def why_no_waits(learners: Sequence[Learner]) -> str | None:
    """Why nothing is known of waits for good; None if something is."""
    for step in (node.position.next for each in learners for node in each.nodes):
        if isinstance(step, Operation) and isinstance(step.target, UNFAIR):
            name = step.target.name
            return f"who waits for {name} in which order is left out under --memory lkmm"
        if isinstance(step, Operation) and isinstance(step.target, Rcu):
            return "a grace period that waits for readers is an axiom, and no wait of a thread"
    return None


def is_of_ends(property_: Property) -> bool:
    """Whether a property is a condition on the end of runs."""
    return isinstance(property_, Never) and property_.only_finished


def learners_of(system: System) -> list[Learner]:
    """What is known so far of the threads of a system: nothing yet. Errors: `ModelError`."""
    InForce.rules = system.rules
    return [Learner(each) for each in system.threads]


def judge_executions(
    system: System,
    properties: Sequence[Property],
    go_on: GoOn,
    change: EventChange = unchanged,
    learners: Sequence[Learner] = (),
) -> SystemVerdicts:
    """What is known of the properties of a system.

    `change` is what its steps order otherwise, `learners` what is known of its threads.

    Errors: `ModelError`.
    """
    search = ExecutionSearch(system, properties, change, learners)
    cause = search.go(go_on)
    race = search.race.finding.says if search.race else ""
    return SystemVerdicts(
        tuple(search.verdicts(cause)),
        search.allowed,
        cause,
        race,
        search.trees,
        frozenset(search.passed),
    )
