"""One search of one of our engines, in a process of its own; prints what it counted, as JSON.

    python -m tests.bench.ours WHAT ENGINE REDUCTION MODEL SCENARIO PLACEMENT Q,Q... NAME=VALUE...

WHAT is `search` or `check`. `search` is the walk alone, when the threads are learned and the
tables filled, as they are in the files of the peers, and what is compiled or loaded once is there.
`check` is all that a check does, again of the second one, without the start of the process; it
learns the threads anew.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import locking.catalogue as catalogue
from locking.check import check
from locking.explore.graph import Graph
from locking.explore.product import Product
from locking.explore.reduction.levels import levels
from locking.explore.search import engine, search
from locking.model import Case
from locking.verdicts import Options


def case_of(model: str, scenario: str, placement: str, given: dict[str, str]) -> Case:
    """The case that is measured."""
    found = catalogue.model(model)
    return found.case(scenario, found.placement(placement) if placement else None, given)


def searched(case: Case, name: str, reduction: str, _: Sequence[str]) -> dict[str, Any]:
    """What a walk counted, and its seconds."""
    (level,) = levels(reduction)
    product = case.build().product()
    if level.merged:
        search(product, engine(name), lambda *_: None)
    walk = walk_of(product, name)
    walk()
    started = time.perf_counter()
    graph = walk()
    seconds = time.perf_counter() - started
    return {"states": len(graph.states), "transitions": graph.transitions, "seconds": seconds}


def walk_of(product: Product, name: str) -> Callable[[], Graph]:
    """A walk that can be taken again; the compiled engine's keeps its tables."""
    if name != "compiled":
        return lambda: engine(name)(product, lambda *_: None)
    from locking.explore.compiled.store import processors
    from locking.explore.compiled.tables import PackedTables
    from locking.explore.compiled.walk import PackedWalk

    tables = PackedTables(product)

    def again() -> Graph:
        walk = PackedWalk(tables, processors())
        walk.on(lambda *_: None)
        return walk.graph(None)

    return again


def checked(case: Case, name: str, reduction: str, properties: Sequence[str]) -> dict[str, Any]:
    """What a check counted, and its seconds."""
    options = Options(name, reduction=reduction)
    check(case, properties, options)
    report = check(case, properties, options)
    return {
        "states": report.states,
        "transitions": report.transitions,
        "seconds": report.seconds,
    }


if __name__ == "__main__":
    what, name, reduction, model, scenario, placement, asked, *scope = sys.argv[1:]
    case = case_of(model, scenario, placement, dict(each.split("=") for each in scope))
    measured = {"search": searched, "check": checked}[what]
    print(json.dumps(measured(case, name, reduction, asked.split(",") if asked else [])))
