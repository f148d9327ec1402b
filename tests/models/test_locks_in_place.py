"""Memory hotplug on top of the algorithms of its lock: the verdicts are those of the lock."""

from dataclasses import replace
from functools import partial

import pytest

from locking import Algorithm, Verdict
from locking.catalogue import with_algorithms
from locking.check import check
from locking.models.kernel_locks import percpu_rwsem, rwsem
from locking.models.memory_hotplug import MODEL
from locking.scope import lock_key
from locking.verdicts import Report

HOTPLUG = lock_key("mem_hotplug_lock")
DOWNGRADES = "williams-rwsem-downgrade"

CELLS = [(scenario.name, each.name) for scenario in MODEL.scenarios for each in MODEL.placements]


def verdicts(report: Report) -> dict[str, Verdict]:
    return {each.claim.name: each.verdict for each in report.results}


def compare(algorithm: str, cells: list[tuple[str, str]]) -> None:
    """Compare the verdicts on top of an algorithm with those on the lock."""
    given = {HOTPLUG: algorithm}
    model = with_algorithms(MODEL, given)
    for scenario, name in cells:
        placement = MODEL.placement(name)
        on_lock = check(MODEL.case(scenario, placement))
        on_top = check(model.case(scenario, placement, given))
        assert verdicts(on_top) == verdicts(on_lock), (scenario, name)


@pytest.mark.parametrize("algorithm", ["percpu_rwsem", "rwsem"])
def test_an_algorithm_of_the_hotplug_lock_gives_its_verdicts(algorithm: str) -> None:
    compare(algorithm, [("add-vs-reader", "baseline")])


@pytest.mark.slow
def test_the_rwsem_gives_all_verdicts_of_the_hotplug_lock() -> None:
    compare("rwsem", CELLS)


@pytest.mark.slow
def test_the_percpu_rwsem_gives_all_verdicts_of_the_hotplug_lock_that_need_no_downgrade() -> None:
    """Onlining and offlining do without one in every placement."""
    needs = [each for each in CELLS if each[0].startswith(("add", "hmm"))]
    compare("percpu_rwsem", [each for each in CELLS if each not in needs or each[1] != DOWNGRADES])


def under(wrong: Algorithm, scenario: str, placement: str) -> dict[str, Verdict]:
    """The verdicts of a cell on top of an algorithm with a planted error."""
    model = replace(MODEL, algorithms=(wrong,))
    case = model.case(scenario, model.placement(placement), {HOTPLUG: wrong.name})
    return verdicts(check(case))


def test_a_planted_error_in_the_algorithm_fails_what_holds_on_the_lock() -> None:
    for module, variant, scenario, fails in (
        (percpu_rwsem, "turns-nobody-away", "add-vs-reader", "no-misuse"),
        (percpu_rwsem, "gives-back-silently", "add-vs-reader", "deadlock-free"),
        (rwsem, "last-reader-sleeps", "add-vs-reader", "deadlock-free"),
    ):
        cell = scenario, "baseline"
        on_lock = check(MODEL.case(scenario, MODEL.placement("baseline")))
        wrong = Algorithm("wrong", variant, partial(module.make, variant))
        assert verdicts(on_lock)[fails] is Verdict.HOLDS
        assert under(wrong, *cell)[fails] is Verdict.FAILS, variant
