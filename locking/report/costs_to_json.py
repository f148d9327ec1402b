"""Costs as JSON: one object a case."""

import json
from collections.abc import Iterator, Sequence

from locking.durations.costs import Cost
from locking.durations.makespan import Makespan
from locking.durations.timeline import Bar, Timeline


def cost_lines(costs: Sequence[Cost]) -> Iterator[str]:
    """One line of JSON for each cost; all times are in seconds.

    `free` and `queued` have `best` and `worst`; `worst` is null where there is no worst, `best`
    where no run ends. `queued` is null where no object knows the rule `fifo`. `run` has the bars of
    the run that is shown, its critical path and its waits; it is null where no run takes longest.
    """
    for each in costs:
        entry = {
            "model": each.case.model.reference,
            "scenario": each.case.scenario.reference,
            "placement": each.case.placement.reference if each.case.placement else None,
            "scope": dict(each.case.scope),
            "nodes": each.nodes or None,
            "free": makebar_as_data(each, each.free),
            "queued": makebar_as_data(each, each.queued),
            "run": run_as_data(each, each.run) if each.run else None,
            "cause": each.cause or None,
        }
        yield json.dumps(entry)


def makebar_as_data(cost: Cost, makespan: Makespan | None) -> dict[str, object] | None:
    """Best and worst, and what they leave out."""
    if makespan is None:
        return None
    return {
        "best": None if makespan.best is None else cost.seconds(makespan.best),
        "worst": None if makespan.worst is None else cost.seconds(makespan.worst),
        "stuck": makespan.stuck,
        "broken": makespan.broken,
        "states": makespan.states,
    }


def run_as_data(cost: Cost, run: Timeline) -> dict[str, object]:
    """One run in time."""
    return {
        "seconds": cost.seconds(run.end),
        "bars": [bar_as_data(cost, each) for each in run.bars],
        "critical": [
            {**bar_as_data(cost, each.bar), "after": each.after or None} for each in run.critical
        ],
        "waits": [
            {"object": what, "thread": thread, "seconds": cost.seconds(units)}
            for (what, thread), units in run.waits.items()
        ],
    }


def bar_as_data(cost: Cost, bar: Bar) -> dict[str, object]:
    """What a thread does from when to when."""
    return {
        "thread": bar.thread,
        "what": bar.what,
        "waits": bar.waits,
        "begin": cost.seconds(bar.begin),
        "end": cost.seconds(bar.end),
    }
