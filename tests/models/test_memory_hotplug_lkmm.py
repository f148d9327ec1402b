"""Memory hotplug by the kernel's memory model: what is known is as without it."""

import pytest

from locking import Placement, Scenario, Verdict
from locking.check import check
from locking.errors import ModelError
from locking.models.memory_hotplug import MODEL
from locking.scope import LKMM, MEMORY
from locking.verdicts import Report

ADDERS = ("add-vs-add", "hmm-add-vs-add")
"""Scenarios that take many seconds each, and half a minute where no data race ends the search."""

SOME = ("baseline", "duyck", "shared")
"""Placements that two adders are judged under where it may not take minutes."""

MOMENTS = {"init-once", "writer-excludes-init", "sync-point", "parallel-init"}
"""Properties that speak of moments, which no execution shows."""

SCENARIOS = {each.name: each for each in MODEL.scenarios}
PLACEMENTS = {each.name: each for each in MODEL.placements}


def report(scenario: Scenario, placement: Placement) -> Report:
    """The report of a case."""
    return check(MODEL.case(scenario, placement, {MEMORY: LKMM}))


def assert_as_without(found: Report) -> None:
    """Assert that what fails in an interleaving fails, and that nothing else does."""
    for each in found.results:
        fails = each.declared is not None and each.declared.verdict is Verdict.FAILS
        if each.claim.name not in MOMENTS:
            assert (each.verdict is Verdict.FAILS) == fails, f"{found.case}: {each.claim.name}"


def assert_repaired(found: Report) -> None:
    """Assert that nothing fails, and that all is known but what speaks of moments and waits."""
    unknown = {each.claim.name for each in found.results if each.verdict is Verdict.UNKNOWN}
    assert unknown <= MOMENTS | {"deadlock-free"}
    assert_as_without(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_cell_that_is_known_is_as_without_it(name: str) -> None:
    for placement in MODEL.placements:
        if name not in ADDERS or placement.name in SOME:
            assert_as_without(report(SCENARIOS[name], placement))


@pytest.mark.campaign
@pytest.mark.parametrize("name", ADDERS)
def test_every_cell_of_two_adders_is_as_without_it(name: str) -> None:
    for placement in MODEL.placements:
        if placement.name != "shared-repaired":
            assert_as_without(report(SCENARIOS[name], placement))


@pytest.mark.slow
@pytest.mark.parametrize("name", ADDERS)
def test_the_repairs_hold_beside_another_adder(name: str) -> None:
    assert_repaired(report(SCENARIOS[name], PLACEMENTS["shared-repaired"]))


@pytest.mark.parametrize("name", ["add-vs-walker", "add-vs-reader"])
def test_the_repairs_hold_beside_tasks_that_look_at_pages(name: str) -> None:
    assert_repaired(report(SCENARIOS[name], PLACEMENTS["shared-repaired"]))


def test_a_resize_in_one_step_is_refused() -> None:
    scope = {MEMORY: LKMM, "resize": "one-step"}
    with pytest.raises(ModelError, match="one step with others, in atomic"):
        check(MODEL.case(MODEL.scenarios[0], PLACEMENTS["baseline"], scope))
