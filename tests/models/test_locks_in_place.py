"""Memory hotplug on top of the algorithms of its lock: the verdicts are those of the lock."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from locking import (
    Algorithm,
    Cell,
    Model,
    Mutex,
    RwSem,
    Spinlock,
    System,
    Verdict,
    at_end,
    deadlock_free,
    happens_before_race_free,
    workers,
)
from locking.catalogue import harness_algorithms, with_algorithms
from locking.check import check
from locking.models.kernel_locks import (
    hotplug_lock,
    mutex,
    percpu_rwsem,
    percpu_rwsem_5_7,
    qspinlock,
    rwsem,
    rwsem_5_3,
)
from locking.models.memory_hotplug import MODEL
from locking.objects.region import Region
from locking.scope import lock_key
from locking.verdicts import Report

HOTPLUG = lock_key("mem_hotplug_lock")
DOWNGRADES = "williams-rwsem-downgrade"

CELLS = [(scenario.name, each.name) for scenario in MODEL.scenarios for each in MODEL.placements]


def verdicts(report: Report) -> dict[str, Verdict]:
    return {each.claim.name: each.verdict for each in report.results}


def compare(given: dict[str, str], cells: list[tuple[str, str]]) -> None:
    """Compare the verdicts on top of algorithms with those on the locks."""
    model = with_algorithms(MODEL, given)
    for scenario, name in cells:
        placement = MODEL.placement(name)
        on_lock = check(MODEL.case(scenario, placement))
        on_top = check(model.case(scenario, placement, given))
        assert verdicts(on_top) == verdicts(on_lock), (scenario, name)


@pytest.mark.parametrize("algorithm", ["percpu_rwsem", "rwsem", "rwsem_5_3"])
def test_an_algorithm_of_the_hotplug_lock_gives_its_verdicts(algorithm: str) -> None:
    compare({HOTPLUG: algorithm}, [("add-vs-reader", "baseline")])


@pytest.mark.parametrize(
    "algorithm",
    [
        pytest.param("rwsem", marks=pytest.mark.slow),
        pytest.param("rwsem_5_3", marks=pytest.mark.campaign),
    ],
)
def test_an_rwsem_gives_all_verdicts_of_the_hotplug_lock(algorithm: str) -> None:
    compare({HOTPLUG: algorithm}, CELLS)


WITHOUT_DOWNGRADE = [
    each for each in CELLS if each[1] != DOWNGRADES or not each[0].startswith(("add", "hmm"))
]
"""The cells in which nobody goes on as a reader: onlining and offlining do without in each."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "given",
    [
        {HOTPLUG: "percpu_rwsem"},
        {HOTPLUG: "percpu_rwsem", lock_key("mem_hotplug_lock.rw_sem"): "rwsem"},
        {HOTPLUG: "percpu_rwsem_5_7"},
        {HOTPLUG: "hotplug_lock"},
        {lock_key("device_hotplug_lock"): "mutex"},
    ],
    ids=lambda given: "+".join(given.values()),
)
def test_algorithms_give_all_verdicts_of_memory_hotplug_that_need_no_downgrade(
    given: dict[str, str],
) -> None:
    compare(given, WITHOUT_DOWNGRADE)


def under(wrong: Algorithm, scenario: str, placement: str) -> dict[str, Verdict]:
    """The verdicts of a cell on top of an algorithm with a planted error."""
    model = replace(MODEL, algorithms=(wrong,))
    case = model.case(scenario, model.placement(placement), {HOTPLUG: wrong.name})
    return verdicts(check(case))


@pytest.mark.parametrize(
    ("module", "variant", "fails"),
    [
        (percpu_rwsem, "turns-nobody-away", "no-misuse"),
        (percpu_rwsem, "gives-back-silently", "deadlock-free"),
        (rwsem, "last-reader-sleeps", "deadlock-free"),
        pytest.param(rwsem_5_3, "wakes-first", "deadlock-free", marks=pytest.mark.slow),
    ],
)
def test_a_planted_error_in_the_algorithm_fails_what_holds_on_the_lock(
    module: Any, variant: str, fails: str
) -> None:
    cell = "add-vs-reader", "baseline"
    on_lock = check(MODEL.case(cell[0], MODEL.placement(cell[1])))
    wrong = Algorithm("wrong", variant, partial(module.make, variant))
    assert verdicts(on_lock)[fails] is Verdict.HOLDS
    assert under(wrong, *cell)[fails] is Verdict.FAILS


# --- every algorithm, for two locks of one system -------------------------------------------------

ALGORITHMS = harness_algorithms()
one_cell = Cell("sum", 0)


async def add(turns: int, both: Callable[[], tuple[Region, Region]]) -> None:
    for _ in range(turns):
        outer, inner = both()
        async with outer, inner:
            await one_cell.write(await one_cell.read() + 1)


def kind_for(algorithm: Algorithm) -> type[Mutex] | type[Spinlock] | type[RwSem]:
    """A class of locks for which an algorithm can stand."""
    operations = algorithm.make("lock", ("a",)).operations
    if "mutex_lock" in operations:
        return Mutex
    return Spinlock if "spin_lock" in operations else RwSem


def under_two_locks(algorithm: Algorithm, turns: int) -> Report:
    """What is judged of threads that take two locks, one in the other, on top of an algorithm."""
    kind = kind_for(algorithm)
    locks = [kind("outer"), kind("inner")]

    def both() -> tuple[Region, Region]:
        outer, inner = (each.write() if isinstance(each, RwSem) else each.hold() for each in locks)
        return outer, inner

    def system(_: object) -> System:
        properties = [
            deadlock_free(),
            happens_before_race_free(),
            at_end("sum", lambda s: s[one_cell] == 2 * turns),
        ]
        return System([*locks, one_cell], workers(2, add, turns, both), properties)

    given = {lock_key(each.name): algorithm.name for each in locks}
    model = Model("two", "Two locks", system, algorithms=(algorithm,))
    return check(model.case("only", None, given))


@pytest.mark.parametrize(
    ("algorithm", "turns"),
    [
        pytest.param(
            each,
            turns,
            id=f"{each.name}-{turns}",
            marks=[] if turns == 1 and each.name != "rwsem_5_3" else [pytest.mark.slow],
        )
        for each in ALGORITHMS
        for turns in (1, 2)
    ],
)
def test_two_locks_of_one_system_may_have_one_algorithm(algorithm: Algorithm, turns: int) -> None:
    found = verdicts(under_two_locks(algorithm, turns))
    assert set(found.values()) == {Verdict.HOLDS}, found


def test_every_model_of_a_kernel_lock_has_an_algorithm() -> None:
    found = {each.name for each in ALGORITHMS}
    modules = (hotplug_lock, mutex, percpu_rwsem, percpu_rwsem_5_7, qspinlock, rwsem, rwsem_5_3)
    assert {each.ALGORITHM.name for each in modules} <= found


@pytest.mark.parametrize(
    ("module", "variant", "fails"),
    [
        (mutex, "state-last", "deadlock-free"),
        (qspinlock, "pending-rushes", "no-misuse"),
        (percpu_rwsem_5_7, "queues-blindly", "deadlock-free"),
    ],
)
def test_a_planted_error_in_an_algorithm_shows_in_what_two_of_it_protect(
    module: Any, variant: str, fails: str
) -> None:
    wrong = Algorithm("wrong", variant, partial(module.make, variant))
    assert verdicts(under_two_locks(wrong, 1))[fails] is Verdict.FAILS
