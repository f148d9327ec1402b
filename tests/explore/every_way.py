"""Random systems, judged every way: `python -m tests.explore.every_way 0 100`.

Each of these seeds draws 200 systems. The plain engine without reductions says what is right. What
the compiled engine says must be that, number by number and path by path: in memory, on disk, in
shards, in shards on disk; and, of the first `--ray` systems, on a cluster of this machine. Under a
reduction, and by default, verdicts and paths must be the same.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from locking.check import check
from locking.errors import LockingError
from locking.explore.cluster import sharded_walk
from locking.explore.reduction.levels import AUTOMATIC
from locking.verdicts import Options
from tests.explore.cluster.test_sharded import in_shards
from tests.explore.compare import case_of
from tests.explore.compiled.test_disk import on_disk
from tests.explore.compiled.test_engine import said
from tests.explore.copies import REDUCED, SYSTEMS, differences

SYSTEMS_OF_A_SEED = 200

STORES: dict[str, tuple[str, Any]] = {
    "compiled": ("compiled", nullcontext),
    "disk": ("compiled", lambda: on_disk(4)),
    "shards": ("compiled", lambda: in_shards(2)),
    "shards on disk": ("compiled", lambda: in_shards(3, disk=True)),
}
"""The engine of each way, and where its states are."""


def report_of(recipe: Any, engine: str, reduction: str, **options: Any) -> Any:
    """All that is said of a system, or the kind of the error that it is refused with."""
    try:
        case = case_of(recipe.build()[0])
        return said(check(case, (), Options(engine, reduction=reduction, **options)))
    except LockingError as error:
        return type(error)


def ways(*, ray: bool) -> Iterator[tuple[str, str, AbstractContextManager[Any], dict[str, Any]]]:
    """Each way, by name, with the engine, the place of the states, and further options."""
    for name, (engine, place) in STORES.items():
        yield name, engine, place(), {}
    if ray:
        yield "ray", "ray", nullcontext(), {"shards": 2}


def told_apart(recipe: Any, *, ray: bool) -> list[str]:
    """The ways by which something else is said of a system than by the plain engine."""
    found = differences(recipe, (*REDUCED, AUTOMATIC))
    for reduction in ("none", "merge"):
        right = report_of(recipe, "reference", reduction)
        for name, engine, place, options in ways(ray=ray):
            with place:
                if report_of(recipe, engine, reduction, **options) != right:
                    found.append(f"{name}, {reduction}")
    return found


def judged(number: int, count: Counter[str], ray: int) -> None:
    """Judge the systems of one seed; what differs is printed at once."""

    @seed(number)
    @settings(
        database=None,
        deadline=None,
        max_examples=SYSTEMS_OF_A_SEED,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SYSTEMS)
    def each(recipe: Any) -> None:
        on_ray = count["systems"] < ray
        apart = told_apart(recipe, ray=on_ray)
        count.update(systems=1, ray=on_ray, different=bool(apart))
        if apart:
            print(f"seed {number}: {apart}\n{recipe}", flush=True)

    each()


def main() -> int:
    """Judge the systems of some seeds; 0 if nothing differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--ray", type=int, default=0)
    arguments = parser.parse_args()
    count: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharded_walk, "FEW_STATES", 5)
        for number in range(arguments.first, arguments.last):
            judged(number, count, arguments.ray)
            print(f"seed {number}: {dict(count)}, {time.process_time():.0f} s", flush=True)
    return int(count["different"] > 0)


if __name__ == "__main__":
    sys.exit(main())
