"""One check: a case is built, explored once, and every property is judged and confirmed.

A path is replayed through the real coroutines and objects before anybody sees it.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import psutil
from loguru import logger

from locking.blaming import blaming
from locking.choosing import choose_levels
from locking.errors import NotDeterministic
from locking.explore.coverage import lines_reached
from locking.explore.deadline import OutOfTime, unlimited, within
from locking.explore.graph import INTERRUPTED, PERIOD, Choice, TooLarge, Watch, shortest
from locking.explore.growth import growths
from locking.explore.learn import Learner
from locking.explore.level_sizes import LevelSizes
from locking.explore.product import Product
from locking.explore.reduction.levels import AUTOMATIC, Level, reduction_of
from locking.explore.room import Room
from locking.explore.search import engine, search
from locking.judging import Spaces
from locking.model import Case
from locking.programs.position import FailureKind
from locking.properties.always import judged_always
from locking.properties.explored import Explored, Judgement, Property, Verdict
from locking.properties.failing import NeverFails
from locking.properties.kinds import Subject, kind_of
from locking.properties.races import Race, listed_races
from locking.scope import LKMM, MEMORY, without_states
from locking.system import System, chosen, refuse_unknown
from locking.traces.replay_to_end import replay_to_end
from locking.traces.rerun import shown_by
from locking.traces.rounds import unrolled
from locking.verdicts import Limits, Options, Report, Result

if TYPE_CHECKING:
    from locking.explore.checkpoint import Checkpoint

logger.disable("locking")  # until somebody asks to hear of it

Progress = Callable[[int, int, LevelSizes | None], None]
"""Called now and then during a walk, with the states met and gone through, and the sizes of the
levels so far, where it goes through all states level by level."""


def check(
    case: Case,
    names: Sequence[str] = (),
    options: Options | None = None,
    progress: Progress | None = None,
    look: Callable[[Explored], object] | None = None,
    enough: Callable[[Result], bool] | None = None,
) -> Report:
    """The verdicts of `case`, of the properties called `names` (none named: of all), in that order.

    Failures of threads are always judged, whatever is named. A failure that no property of the case
    is about has a result of its own, after the others.

    `look` is called with everything that was explored, before it is dropped. The check ends with
    the first result for which `enough` is true.

    Errors: `UsageError` for a name that no property has, and no requirement that a run evaluates;
    `ModelError` and its kinds, which name the case, where the model can't be explored as it is
    written.
    """
    options = options or Options()
    logger.info("search begins: {} engine={}", case, options.engine)
    limits = options.limits
    with blaming(case), within(limits.seconds, limits.spent):
        if case.scope.get(MEMORY) == LKMM:
            report = by_executions(case, names, options, progress, look)
        else:
            whole = look is not None
            under_way = Search(case, options, progress, whole=whole, in_part=bool(enough))
            report = under_way.report(names, look, enough)
    logger.info(
        "search ends: {} engine={} states={} transitions={} depth={} sec={:.3f} cause={}",
        case,
        report.engine,
        report.states,
        report.transitions,
        report.depth,
        report.seconds,
        report.cause,
    )
    return report


def by_executions(
    case: Case,
    names: Sequence[str],
    options: Options,
    progress: Progress | None,
    look: Callable[[Explored], object] | None,
) -> Report:
    """The report of a case by its executions. Errors: `UsageError`, where states are looked at."""
    from locking.executing import report_of_executions  # slow to import, and asked for by few

    if look:
        raise without_states("what is looked at")
    system = case.build()
    watch = LimitWatch(options.limits, options.limits.begun(), progress, options.room)
    return report_of_executions(case, system, chosen(system, names), options, watch)


class Search:
    """A search of one case under way.

    `whole` is whether all of it is looked at afterwards, `in_part` whether the first result may be
    all that is wanted.
    """

    def __init__(
        self,
        case: Case,
        options: Options,
        progress: Progress | None,
        *,
        whole: bool,
        in_part: bool,
    ) -> None:
        self.in_part = in_part
        self.case = case
        self.options = options
        self.started = options.limits.begun()
        self.system = case.build()
        self.kept = kept_search(case, self.system, options)
        levels = LevelSizes() if progress else None
        self.watch = LimitWatch(options.limits, self.started, progress, options.room, levels)
        one = whole or self.kept or self.system.scheduled  # no reduction knows processors
        self.levels = options.levels[-1:] if one else options.levels
        self.plain: dict[Product, Product] = {}
        self.learners: Sequence[Learner] = ()

    def explore(self, level: Level, watch: Watch) -> Explored:
        """The system at a level that is neither folded nor lean, as far as `watch` lets it."""
        kept = self.kept if level == self.levels[-1] else None
        product = kept.product if kept else self.system.product()
        self.learners = [automaton.learner for automaton in product.automata]
        walk = kept.explore if kept else engine(self.options.engine)
        graph = search(product, walk, watch, minimise=level.merged)
        return Explored(product, graph, self.watch)

    def report(
        self,
        names: Sequence[str],
        look: Callable[[Explored], object] | None,
        enough: Callable[[Result], bool] | None,
    ) -> Report:
        """The report of what `check` was asked. Errors: `ModelError`, `UsageError`."""
        properties = chosen(self.system, names)
        races = any(kind_of(each).speaks_of is Subject.ACCESSES for each in properties)
        spaces = Spaces(
            self.levels,
            self.system.parts,
            self.watch,
            self.explore,
            engine(self.options.engine),
            races=races,
        )
        if self.options.reduction == AUTOMATIC and len(self.levels) > 1:
            besides = self.judged_besides(properties, ())
            choose_levels(spaces, properties, besides, lambda: self.learners)
        results = self.results_so_far(spaces, properties, enough)
        explored, level = spaces.first, spaces.levels[0]
        if explored.complete:
            refuse_unknown(self.system, properties, explored.product)
        if look:
            with unlimited():
                look(explored)
        if self.kept and explored.complete:
            self.kept.end()
        return self.counted(results, explored, level, spaces)

    def results_so_far(
        self,
        spaces: Spaces,
        properties: Sequence[Property],
        enough: Callable[[Result], bool] | None,
    ) -> list[Result]:
        """The results until one is `enough`; those that are not there at Ctrl-C are unknown.

        Errors: `ModelError`; `KeyboardInterrupt`, where nothing was explored by then.
        """
        results = []
        try:
            for result in self.results(spaces, properties):
                results.append(result)
                if enough and enough(result):
                    break
        except KeyboardInterrupt:
            if spaces.levels[0] not in spaces.made:
                raise
            spaces.interrupted = True
            results += [self.unknown(each, INTERRUPTED) for each in properties[len(results) :]]
        return results

    def results(self, spaces: Spaces, properties: Sequence[Property]) -> Iterator[Result]:
        """The results of `properties`, and of what is judged always, where it fails."""
        for each in properties:
            yield self.judged(spaces, each)
        for each in self.judged_besides(properties, spaces.first.failed):
            result = self.judged(spaces, each)
            # All but a failure that was seen may be looked for in vain.
            if result.breaks or isinstance(each, NeverFails):
                yield replace(result, asked=False)

    def judged_besides(
        self, properties: Sequence[Property], failed: Iterable[FailureKind]
    ) -> Sequence[Property]:
        """What is judged besides `properties`, if threads were seen to fail so."""
        system = self.system
        return judged_always((*system.properties, *properties), system.unjudged, failed)

    def judged(self, spaces: Spaces, property_: Property) -> Result:
        """The verdict of one property, with the path that shows it, replayed."""
        try:
            return self.shown(property_, *spaces.judge(property_), spaces)
        except OutOfTime as late:
            return self.unknown(property_, str(late))

    def unknown(self, property_: Property, cause: str) -> Result:
        """The result of a property that was not judged to the end, for a cause."""
        declared = self.case.model.declared(self.case, property_.name)
        return Result(property_, Verdict.UNKNOWN, declared, cause=cause)

    def shown(
        self, property_: Property, judgement: Judgement, explored: Explored, spaces: Spaces
    ) -> Result:
        """The judgement of one property with the path that shows it. Errors: `OutOfTime`."""
        choices = judgement.choices
        if judgement.goals:
            choices = shortest(explored.graph, set(judgement.goals))
        if judgement.cycle:
            product = self.unmerged(explored.product)
            choices = unrolled(product, choices or (), judgement.cycle)
        if choices is None:
            declared = self.case.model.declared(self.case, property_.name)
            verdict, cause = judgement.verdict, judgement.cause
            if verdict is Verdict.UNKNOWN:
                cause = cause or explored.graph.cause
            return Result(property_, verdict, declared, judgement.at_once, cause=cause)
        what = "what the search found"
        races = self.races_beside(spaces, explored, property_)
        product = self.unmerged(explored.product)
        return confirmed(self.case, product, property_, judgement, choices, what, races)

    def unmerged(self, product: Product) -> Product:
        """What `product` is with nothing merged: one for all properties, so its tables are too."""
        if product not in self.plain:
            self.plain[product] = self.system.unmerged(product)
        return self.plain[product]

    def races_beside(
        self, spaces: Spaces, explored: Explored, property_: Property
    ) -> frozenset[Race]:
        """All races that the search met, where a property fails by one and all are wanted."""
        if self.in_part or kind_of(property_).speaks_of is not Subject.ACCESSES:
            return frozenset()
        try:
            return spaces.races(explored)
        except OutOfTime:
            return frozenset()

    def counted(
        self, results: Sequence[Result], explored: Explored, level: Level, spaces: Spaces
    ) -> Report:
        """The report of these results, with what was counted of what was `explored` first."""
        graph, interleavings = explored.graph, None
        counted = not level.lean
        try:
            if counted and explored.complete:
                interleavings = explored.interleavings
        except (TooLarge, OutOfTime):
            counted = False
        except KeyboardInterrupt:
            counted, spaces.interrupted = False, True
        return Report(
            case=self.case,
            results=tuple(results),
            states=len(graph.states),
            explored=graph.explored,
            transitions=graph.transitions,
            depth=graph.depth,
            interleavings=interleavings,
            engine=graph.engine,
            seconds=time.perf_counter() - self.started,
            cause=INTERRUPTED if spaces.interrupted else graph.cause,
            lines=frozenset(lines_reached(explored.product, graph)),
            counted=counted,
            growing=growths(explored.product, graph),
            on_disk=graph.on_disk,
            reduction=reduction_of(level),
        )


def kept_search(case: Case, system: System, options: Options) -> "Checkpoint | None":
    """The search that `options` say is kept in a file. Errors: `CheckpointError`."""
    if options.checkpoint is None:
        return None
    from locking.resuming import checkpoint  # most searches are kept in no file

    merged = options.levels[-1].merged
    return checkpoint(options.checkpoint, case, system, minimise=merged, engine=options.engine)


@cache
def this_process(number: int) -> psutil.Process:
    """The process that runs this, and has this number: to find what it is takes long."""
    return psutil.Process(number)


class LimitWatch:
    """What an engine calls at every state; it returns the limit that was reached, if one was.

    `room` is where the states of the walk may be, `levels` what keeps the sizes of its levels.
    """

    def __init__(
        self,
        limits: Limits,
        started: float,
        progress: Progress | None,
        room: Room,
        levels: LevelSizes | None = None,
    ) -> None:
        self.limits = limits
        self.started = started
        self.progress = progress
        self.room = room
        self.levels = levels

    def __call__(self, met: int, through: int) -> str | None:
        """The cause to stop, if there is one, with so many states met and gone through."""
        states, memory, seconds = self.limits.states, self.limits.memory, self.limits.seconds
        if states is not None and met > states:
            return f"more than {states:,} states"
        levels = self.levels
        if levels is not None and through == levels.end:
            levels.end_level(met)
        if through % PERIOD:
            return None
        if levels is not None:
            levels.keep_up(met, through)
        if self.progress:
            self.progress(met, through, levels)
        if seconds is not None and time.perf_counter() - self.started > seconds:
            return f"more than {seconds:g} seconds"
        if memory is not None and this_process(os.getpid()).memory_info().rss > memory:
            return f"more than {memory // 2**20:,} MiB of memory"
        return None


def confirmed(
    case: Case,
    product: Product,
    property_: Property,
    judgement: Judgement,
    choices: tuple[Choice, ...],
    what: str,
    races: frozenset[Race] = frozenset(),
) -> Result:
    """A judgement with the path that shows `what` it says, replayed, and `races` beside that.

    The path is one of `product`, in which nothing is merged.

    Errors: `NotDeterministic`.
    """
    run = shown_by(case, property_, choices, replay_to_end(product, choices))
    if run is None:
        raise NotDeterministic(
            f"property {property_.name!r}: its path, run again, does not show {what}"
        )
    declared = case.model.declared(case, property_.name)
    verdict, at_once = judgement.verdict, judgement.at_once
    listed = listed_races(races, run.trace.product, run.trace.end) if races else ()
    return Result(
        property_, verdict, declared, at_once, choices, run.path, run.finding, races=listed
    )
