"""Checks of a case by its executions: what `--memory lkmm` does in place of a search."""

import time
from collections.abc import Sequence

from locking.errors import UsageError
from locking.executions.judged import PropertyVerdict, judge_executions
from locking.executions.trees import TooManyPaths
from locking.explore.deadline import look
from locking.explore.graph import Watch
from locking.explore.reduction.levels import AUTOMATIC
from locking.model import Case
from locking.properties.explored import Property
from locking.system import System
from locking.verdicts import Options, Report, Result

EXECUTIONS = "executions"
"""What a report says was used in place of an engine."""


def report_of_executions(
    case: Case,
    system: System,
    properties: Sequence[Property],
    options: Options,
    watch: Watch,
) -> Report:
    """The report of a case that is judged by its executions.

    Errors: `UsageError` for options of a search; `ModelError`.
    """
    refuse_search_options(options)
    started, tried = options.limits.begun(), 0

    def go_on() -> None:
        nonlocal tried
        tried += 1
        look()  # the watch looks at the clock only now and then, and an execution may take long
        if cause := watch(tried, tried):
            raise TooManyPaths(cause)

    found = judge_executions(system, properties, go_on)
    return Report(
        case=case,
        results=tuple(execution_result(case, each) for each in found.verdicts),
        states=found.executions,
        explored=found.executions,
        transitions=0,
        depth=0,
        interleavings=None,
        engine=EXECUTIONS,
        seconds=time.perf_counter() - started,
        cause=found.cause,
        lines=frozenset(),
        counted=False,
    )


def refuse_search_options(options: Options) -> None:
    """Refuse what only a search can do. Errors: `UsageError`."""
    if options.checkpoint:
        raise UsageError("--checkpoint keeps a search, and --memory lkmm has none")
    if options.engine != AUTOMATIC or options.reduction != AUTOMATIC:
        raise UsageError("--engine and --reduction are of searches, and --memory lkmm has none")


def execution_result(case: Case, found: PropertyVerdict) -> Result:
    """A verdict as reports have it."""
    return Result(
        found.property,
        found.verdict,
        case.model.declared(case, found.property.name),
        finding=found.finding,
        cause=found.cause,
        asked=found.asked,
        execution=found.execution,
    )
