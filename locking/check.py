"""One check: a case is built, explored once, and every property is judged and confirmed.

A path is replayed through the real coroutines and objects before anybody sees it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING

import psutil
from loguru import logger

from locking.blaming import blaming
from locking.errors import ModelError, NotDeterministic, Vacuous
from locking.explore.coverage import reached
from locking.explore.graph import PERIOD, Choice, Graph, shortest
from locking.explore.reduction.levels import Level, ReducedSpace, levels
from locking.explore.search import engine, search
from locking.explore.trial import trials
from locking.model import Case, Expect
from locking.properties.explored import Explored, Finding, Judgement, Property, Verdict
from locking.properties.failing import Supposed
from locking.properties.images import Unlike
from locking.properties.spaces import Spaces
from locking.system import System, chosen
from locking.traces.replay import Trace, replay
from locking.traces.rerun import shown_by

if TYPE_CHECKING:
    from locking.explore.checkpoint import Checkpoint

logger.disable("locking")  # until somebody asks to hear of it

Progress = Callable[[int, int], None]
"""Called now and then during a walk, with the states met and gone through."""


@dataclass(frozen=True)
class Limits:
    """When a search stops unfinished: states met, bytes of memory of this process, seconds."""

    states: int | None = None
    memory: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Options:
    """How to search: the engine by name, what is left out, and the limits.

    `strict` is whether a property that speaks of what no run comes near is an error; if not, it is
    unknown. `checkpoint` is a file in which the search is kept, so that it can be gone on with; the
    engine is then the reference engine. `reduction` is one of `REDUCTIONS`; a search that is kept,
    or shown as a whole, leaves out no more than `merge` does.
    """

    engine: str = "automatic"
    limits: Limits = field(default_factory=Limits)
    strict: bool = True
    checkpoint: str | None = None
    reduction: str = "merge"

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels at which properties are judged. Errors: `UsageError`."""
        return levels(self.reduction)


@dataclass(frozen=True)
class Result:
    """The verdict of one property, `claim`; `path` replays its counterexample or witness.

    `declared` is the verdict that the model expects, or None for a placement that is not its own;
    `choices` the path itself, None where there is none. `cause` says why a verdict is unknown.
    """

    claim: Property
    verdict: Verdict
    declared: Expect | None
    at_once: int | None = None
    choices: tuple[Choice, ...] | None = None
    path: str | None = None
    finding: Finding | None = None
    cause: str | None = None

    @property
    def wrong(self) -> bool:
        """Whether the verdict is known and not the one that was wanted."""
        wanted = self.declared.verdict if self.declared else Verdict.HOLDS
        return self.verdict not in (wanted, Verdict.UNKNOWN)


@dataclass(frozen=True)
class Report:
    """What one search found. `interleavings` is None where a cycle makes them infinitely many.

    It is None as well where the search ended early, and `cause` says why, or where interleavings
    are not `counted`: a partial order leaves most of them out. `lines` are the model's
    lines that it came to.
    """

    case: Case
    results: tuple[Result, ...]
    states: int
    explored: int
    transitions: int
    depth: int
    interleavings: int | None
    engine: str
    seconds: float
    cause: str | None
    lines: frozenset[tuple[CodeType, int]]
    counted: bool = True


def check(
    case: Case,
    names: Sequence[str] = (),
    options: Options | None = None,
    progress: Progress | None = None,
    look: Callable[[Explored], object] | None = None,
    enough: Callable[[Result], bool] | None = None,
) -> Report:
    """The verdicts of `case`, of the properties called `names` (none named: of all), in that order.

    `look` is shown everything that was explored, before it is dropped; the first result that is
    `enough` is the last.

    Errors: `ModelError` and its kinds, which name the case, where the model can't be explored as
    it is written.
    """
    options = options or Options()
    logger.info("search begins: {} engine={}", case, options.engine)
    with blaming(case):
        report = searched(case, names, options, progress, look, enough)
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


def searched(
    case: Case,
    names: Sequence[str],
    options: Options,
    progress: Progress | None,
    look: Callable[[Explored], object] | None,
    enough: Callable[[Result], bool] | None,
) -> Report:
    """The report of one search."""
    started = time.perf_counter()
    system = case.build()
    kept = kept_search(case, system, options)
    watching = watch(options.limits, started, progress)
    levels_ = options.levels[-1:] if look or kept else options.levels

    def explore(level: Level) -> Explored:
        mine = kept if level == levels_[-1] else None
        product = mine.product if mine else system.product()
        walk = mine.explore if mine else engine(options.engine)
        graph = search(product, walk, watching, minimise=level.merged)
        return Explored(product, graph, watching)

    properties = chosen(system, names)
    spaces = Spaces(
        levels_,
        properties,
        explore,
        lambda level: ReducedSpace(level, system.parts, watching),
        believed,
    )
    results, vacuous = judgements(case, system, spaces, properties, enough)
    explored, graph, lean = spaces.first, spaces.first.graph, levels_[0].lean
    if vacuous and options.strict and not any(map(breaks, results)):
        raise vacuous
    if look:
        look(explored)
    if kept and graph.cause is None:
        kept.end()
    return Report(
        case=case,
        results=tuple(results),
        states=len(graph.states),
        explored=graph.explored,
        transitions=graph.transitions,
        depth=graph.depth,
        interleavings=explored.interleavings if explored.complete and not lean else None,
        engine=graph.engine,
        seconds=time.perf_counter() - started,
        cause=graph.cause,
        lines=frozenset(reached(explored.product, graph)),
        counted=not lean,
    )


def kept_search(case: Case, system: System, options: Options) -> "Checkpoint | None":
    """The search that `options` say is kept in a file. Errors: `CheckpointError`."""
    if options.checkpoint is None:
        return None
    from locking.resuming import checkpoint  # most searches are kept in no file

    return checkpoint(options.checkpoint, case, system, minimise=options.levels[-1].merged)


def watch(
    limits: Limits, started: float, progress: Progress | None
) -> Callable[[int, int], str | None]:
    """What an engine calls at every state; it returns the limit that was reached, if one was."""
    process = psutil.Process()

    def watching(met: int, through: int) -> str | None:
        if limits.states is not None and met > limits.states:
            return f"more than {limits.states:,} states"
        if through % PERIOD:
            return None
        if progress:
            progress(met, through)
        if limits.seconds is not None and time.perf_counter() - started > limits.seconds:
            return f"more than {limits.seconds:g} seconds"
        if limits.memory is not None and process.memory_info().rss > limits.memory:
            return f"more than {limits.memory // 2**20:,} MiB of memory"
        return None

    return watching


def believed(explored: Explored) -> None:
    """Refuse what was explored where the model is wrong. Errors: `ModelError`."""
    refuse_errors(explored)
    explored.product.confirm()
    if explored.complete:
        trials(explored.product, explored.graph.explored)


def judgements(
    case: Case,
    system: System,
    spaces: Spaces,
    properties: Sequence[Property],
    enough: Callable[[Result], bool] | None,
) -> tuple[list[Result], Vacuous | None]:
    """The results of `properties`, up to the first that is `enough`; and why one says nothing.

    That is an error of the model, unless some other property fails: then no run may come there.
    """
    results: list[Result] = []
    vacuous: Vacuous | None = None
    for each in properties:
        try:
            results.append(judged(case, system, spaces, each))
        except Vacuous as error:
            vacuous = vacuous or error
            declared = case.model.declared(case, each.name)
            results.append(Result(each, Verdict.UNKNOWN, declared, cause=str(error)))
        if enough and enough(results[-1]):
            break
    return results, vacuous


def breaks(result: Result) -> bool:
    """Whether a property fails that wants no witness."""
    return result.verdict is Verdict.FAILS and not result.claim.wanted


def judged(case: Case, system: System, spaces: Spaces, property_: Property) -> Result:
    """The verdict of one property, with the path that shows it, replayed."""
    judgement, explored = spaces.judge(property_, judge)
    choices = judgement.choices
    if judgement.goals:
        choices = shortest(explored.graph, set(judgement.goals))
    if choices is None:
        declared = case.model.declared(case, property_.name)
        cause = None
        if judgement.verdict is Verdict.UNKNOWN:
            cause = judgement.cause or explored.graph.cause
        return Result(property_, judgement.verdict, declared, judgement.at_once, cause=cause)
    return confirmed(case, system, property_, judgement, choices, "what the search found")


def confirmed(
    case: Case,
    system: System,
    property_: Property,
    judgement: Judgement,
    choices: tuple[Choice, ...],
    what: str,
) -> Result:
    """A judgement with the path that shows `what` it says, replayed. Errors: `NotDeterministic`."""
    run = shown_by(case, property_, choices, follow(system, choices))
    if run is None:
        raise NotDeterministic(
            f"property {property_.name!r}: its path, run again, does not show {what}"
        )
    declared = case.model.declared(case, property_.name)
    verdict, at_once = judgement.verdict, judgement.at_once
    return Result(property_, verdict, declared, at_once, choices, run.path, run.finding)


def judge(explored: Explored, property_: Property) -> Judgement:
    """The property's own judgement. Errors: `ModelError`, which names it."""
    try:
        return property_.judge(explored)
    except (Unlike, Supposed):  # it can't be judged in this space
        raise
    except ModelError as error:
        raise type(error)(f"property {property_.name!r}: {error}") from error
    except (Exception, SystemExit) as error:  # the user's code, which may raise anything
        raise ModelError(
            f"property {property_.name!r} raised {type(error).__name__}: {error}"
        ) from error


def follow(system: System, choices: Sequence[Choice]) -> Trace:
    """The run of `choices`, in threads and tables of its own. Errors: `PathError`."""
    return replay(system.product(), choices)


def refuse_errors(explored: Explored) -> None:
    """Refuse a model in which some run makes a thread raise what no property speaks of."""
    for at, name in explored.halted:
        if name is None:
            graph: Graph = explored.graph
            steps = shortest(graph, {at})
            failure = next(
                failure
                for thread in range(len(explored.product.threads))
                if (failure := explored.product.position(thread, graph.states[at]).failure)
            )
            raise ModelError(f"{failure.text}, after a run of {len(steps)} steps")
