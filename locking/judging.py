"""Judging: each property in the smallest space in which it can be, and what is believed of one.

A folded space can't answer what tells copies of a program apart. A lean one can say that nothing
shows a property, but not what shows it first: its paths are not the shortest. What it can't say is
asked of the next space, which leaves out less, and is explored when the first property needs it.

Rule of this file: a verdict does not depend on the reduction. A failure counts in any space whose
states show it. Only the largest space can say that a property was never evaluated.
"""

from collections.abc import Callable, Sequence
from traceback import extract_tb

from locking.errors import ModelError, Vacuous
from locking.explore.automaton import PlaceSplit
from locking.explore.counting import compare_counting
from locking.explore.deadline import OutOfTime, hurry
from locking.explore.graph import INTERRUPTED, TooLarge, Watch, shortest
from locking.explore.reduction.images import Unlike
from locking.explore.reduction.levels import PLAIN, Level, ReducedSpace, Start
from locking.explore.reduction.quotient import Quotient
from locking.explore.reduction.symmetry import Asymmetric
from locking.explore.search import Engine
from locking.explore.trial import trials
from locking.mending import mend
from locking.model import is_users
from locking.programs.position import Fault
from locking.properties.explored import Explored, Judgement, Property, Verdict
from locking.properties.failing import Supposed
from locking.properties.kinds import Subject, kind_of
from locking.properties.races import Race, all_races
from locking.properties.released import LocksReleased, may_leak
from locking.text.words import counted


class Spaces:
    """One system, made of `parts`, at several `levels`; `races` is whether data races are judged.

    `explore` gives it at a level that is neither folded nor lean, as far as a watch lets it;
    `engine` walks those that are.
    """

    def __init__(
        self,
        levels: Sequence[Level],
        parts: Start,
        watch: Watch,
        explore: Callable[[Level, Watch], Explored],
        engine: Engine,
        *,
        races: bool,
    ) -> None:
        self.levels = levels
        self.parts = parts
        self.watch = watch
        self.engine = engine
        self.races_judged = races
        self.interrupted = False
        self.explore = explore
        self.made: dict[Level, Explored] = {}
        self.spaces = {
            level: ReducedSpace(level, parts, watch, engine)
            for level in levels
            if level.folded or level.lean
        }
        for each in self.spaces.values():
            each.races = races

    @property
    def first(self) -> Explored:
        """What was explored at the first level."""
        return self.at(self.levels[0])

    def at(self, level: Level) -> Explored:
        """What was explored at a level. Errors: `ModelError`, where it can't be believed."""
        if level not in self.made:
            if level in self.spaces:
                self.spaces[level].watch = self.watch
                self.keep(level, Explored(*self.spaces[level].explore()))
            else:
                self.keep(level, self.explore(level, self.watch))
        return self.made[level]

    def keep(self, level: Level, explored: Explored) -> None:
        """Keep what was explored at a level. Errors: `ModelError`, where it can't be believed.

        Once Ctrl-C has ended one walk, it ends all others.
        """
        try:
            believed(explored)
        except OutOfTime as late:
            explored.graph.cause = explored.graph.cause or str(late)
        except KeyboardInterrupt:
            explored.graph.cause = INTERRUPTED
        self.made[level] = explored
        if explored.graph.cause == INTERRUPTED:
            self.interrupted = True
            self.watch = lambda *_: INTERRUPTED
            hurry(INTERRUPTED)

    def judge(self, property_: Property) -> tuple[Judgement, Explored]:
        """The judgement by the first space that can give one, and that space."""
        for level in self.levels[:-1]:
            found = self.judge_at(level, property_)
            if found:
                return found
        try:
            return self.judge_last(self.levels[-1], property_)
        except (Supposed, PlaceSplit):
            return self.judge_last(PLAIN, property_)

    def races(self, explored: Explored) -> frozenset[Race]:
        """Every data race, of the space that was `explored`, or of the plain one."""
        try:
            return all_races(explored)
        except Supposed:
            return all_races(self.at(PLAIN))

    def judge_last(self, level: Level, property_: Property) -> tuple[Judgement, Explored]:
        """The judgement by a space that leaves nothing out. Errors: `Supposed`, `PlaceSplit`."""
        last = self.at(level)
        try:
            return judge(last, property_), last
        except Vacuous as why:
            return Judgement(Verdict.NEVER_EVALUATED, cause=str(why)), last

    def judge_at(self, level: Level, property_: Property) -> tuple[Judgement, Explored] | None:
        """The judgement by the space of `level`, if it can give one."""
        if not kind_of(property_).reduced:
            return None
        try:
            if level.lean:
                return self.judge_lean(level, property_)
            explored = self.at(level)
            return judge(explored, property_), explored
        except Asymmetric as found:  # where a walk was ended, judging may be the first to compare
            self.spaces[level].tell_apart(found.pair)
            self.made.pop(level)
            return self.judge_at(level, property_)
        except (Unlike, Supposed, Vacuous, PlaceSplit):
            return None

    def judge_lean(self, level: Level, property_: Property) -> tuple[Judgement, Explored] | None:
        """The judgement by a space that must show all that the property looks at."""
        space = self.spaces[level]
        if isinstance(property_, LocksReleased) and may_leak(self.at(level).product):
            return None
        while True:
            explored = self.at(level)
            daemons = any(thread.daemon for thread in explored.product.threads)
            judgement = judge(explored, property_)
            looks = self.looks(explored)
            if looks <= space.visible.keys():
                break
            space.visible.update(dict.fromkeys(looks))
            self.made.pop(level)
        subject = kind_of(property_).speaks_of
        if judgement.goals or (subject is Subject.ENDS and daemons):
            return None
        if subject is Subject.WAITS and explored.interleavings is None:
            return None
        return judgement, explored

    def looks(self, explored: Explored) -> set[tuple[int, object]]:
        """What properties have looked at in states that are no ends, and the same of all copies."""
        quotient = explored.product
        assert isinstance(quotient, Quotient)
        return {
            (at, aspect)
            for footprint in explored.footprints
            if not footprint.of_ends
            for slot, aspect in footprint.looked
            for at in quotient.copies(slot)
        }


def judge(explored: Explored, property_: Property) -> Judgement:
    """The property's own judgement, unless it speaks of what no run comes near.

    Errors: `Vacuous`, then; `Unlike`, `Supposed`, `Asymmetric` and `PlaceSplit`, where this space
    can't tell; `ModelError`, which names the property.
    """
    before = len(explored.footprints)
    try:
        judgement = property_.judge(explored)
        if not judgement.goals and judgement.choices is None:
            for footprint in explored.footprints[before:]:
                explored.check_touched(footprint)
        return judgement
    except (Unlike, Supposed, Vacuous, Asymmetric, PlaceSplit):
        raise
    except (TooLarge, OutOfTime) as why:
        return Judgement(Verdict.UNKNOWN, cause=str(why))
    except ModelError as error:
        raise type(error)(f"property {property_.name!r}: {error}{in_model(error)}") from error
    except (Exception, SystemExit) as error:  # the user's code, which may raise anything
        advice = mend(error)
        kind = ":" if advice else f" raised {type(error).__name__}:"
        raise ModelError(
            f"property {property_.name!r}{kind} {error}{in_model(error)}{advice}"
        ) from error


def in_model(error: BaseException) -> str:
    """The last line of the user's that `error` went through; empty where it went through none."""
    lines = [each for each in extract_tb(error.__traceback__) if is_users(each.filename)]
    return f" ({lines[-1].filename}:{lines[-1].lineno})" if lines else ""


def believed(explored: Explored) -> None:
    """Refuse what was explored where the model is wrong. Errors: `ModelError`."""
    refuse_errors(explored)
    explored.product.confirm()
    compare_counting(explored.product)
    if explored.complete:
        trials(explored.product, explored.graph.explored)


def refuse_errors(explored: Explored) -> None:
    """Refuse a model in which some run makes a thread raise what no property speaks of."""
    for at, kind in explored.halted:
        if kind is Fault.ERROR:
            steps = shortest(explored.graph, {at})
            failure = next(
                failure
                for thread in range(len(explored.product.threads))
                if (failure := explored.product.position(thread, explored.graph.states[at]).failure)
            )
            raise ModelError(f"after {counted(len(steps), 'step')}, {failure.text}")
