"""Memory hotplug by the kernel's memory model: what is known is as without it."""

import pytest

from locking import Placement, Scenario, Verdict
from locking.check import check
from locking.errors import ModelError
from locking.models.memory_hotplug import MODEL
from locking.scope import LKMM, MEMORY
from locking.verdicts import Report

TOO_LARGE = {"add-vs-add", "hmm-add-vs-add"}
"""Scenarios that do not end in minutes with every placement."""

MOMENTS = {"init-once", "writer-excludes-init", "sync-point", "parallel-init"}
"""Properties that speak of moments, which no execution shows."""

SCENARIOS = [each for each in MODEL.scenarios if each.name not in TOO_LARGE]
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


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_every_cell_that_is_known_is_as_without_it(scenario: Scenario) -> None:
    for placement in MODEL.placements:
        assert_as_without(report(scenario, placement))


@pytest.mark.parametrize("name", ["add-vs-walker", "add-vs-reader"])
def test_the_repairs_hold_beside_tasks_that_look_at_pages(name: str) -> None:
    found = report(
        MODEL.scenarios[[each.name for each in MODEL.scenarios].index(name)],
        PLACEMENTS["shared-repaired"],
    )
    unknown = {each.claim.name for each in found.results if each.verdict is Verdict.UNKNOWN}
    assert unknown == {"init-once", "deadlock-free"}
    assert_as_without(found)


def test_a_resize_in_one_step_is_refused() -> None:
    scope = {MEMORY: LKMM, "resize": "one-step"}
    with pytest.raises(ModelError, match="one step with others, in atomic"):
        check(MODEL.case(MODEL.scenarios[0], PLACEMENTS["baseline"], scope))
