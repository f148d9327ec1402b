"""One walk of one of our engines, in a process of its own; prints what it counted, as JSON.

    python -m tests.bench.walk ENGINE full|merged MODEL [NAME=VALUE ...]

The seconds are of the walk alone. An engine is first run on the model's default scope, so that
what it compiles or loads once is not counted.
"""

import json
import sys
import time

import locking.catalogue as catalogue
from locking.explore.search import engine, search


def walk(name: str, kind: str, model: str, given: dict[str, str]) -> dict[str, float]:
    """What was counted, and the seconds."""
    case = catalogue.model(model).case("only", None, given)
    product = case.build().product()
    explore = engine(name)
    started = time.perf_counter()
    graph = search(product, explore, lambda *_: None, minimise=kind == "merged")
    seconds = time.perf_counter() - started
    return {"states": len(graph.states), "transitions": graph.transitions, "seconds": seconds}


if __name__ == "__main__":
    name, kind, model, *scope = sys.argv[1:]
    walk(name, kind, model, {})
    print(json.dumps(walk(name, kind, model, dict(each.split("=") for each in scope))))
