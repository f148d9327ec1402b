"""Bugs that no interleaving shows: they fail under weaker memory models alone; their fixes hold."""

import pytest

from locking import Verdict
from locking.catalogue import models
from locking.check import check
from locking.model import Model, Scenario
from locking.scope import LKMM, MEMORY, SC, TSO

CASES = [(model, scenario) for model in models("weak_memory", {}) for scenario in model.scenarios]

ALSO_WITH_STORE_BUFFERS = {"weak_memory.rcuwait_wake_up"}
"""Those in which a load passes an earlier store: total store order shows them too."""

EVERY_CASE = pytest.mark.parametrize(
    ("model", "scenario"), CASES, ids=lambda each: each.name.removeprefix("weak_memory.")
)


def verdicts(model: Model, scenario: Scenario, variant: str, memory: str) -> set[Verdict]:
    """All verdicts of a variant."""
    scope = {"variant": variant, **({} if memory == SC else {MEMORY: memory})}
    report = check(model.case(scenario, None, scope))
    assert not any(each.wrong for each in report.results)
    return {each.verdict for each in report.results}


@EVERY_CASE
def test_no_interleaving_shows_it(model: Model, scenario: Scenario) -> None:
    assert verdicts(model, scenario, "before", SC) == {Verdict.HOLDS}
    assert verdicts(model, scenario, "after", SC) == {Verdict.HOLDS}


@EVERY_CASE
def test_the_kernels_memory_model_shows_it_and_the_fix_holds(
    model: Model, scenario: Scenario
) -> None:
    assert Verdict.FAILS in verdicts(model, scenario, "before", LKMM)
    assert verdicts(model, scenario, "after", LKMM) == {Verdict.HOLDS}


@EVERY_CASE
def test_store_buffers_show_it_if_a_load_passes_a_store(model: Model, scenario: Scenario) -> None:
    shown = Verdict.FAILS if model.name in ALSO_WITH_STORE_BUFFERS else Verdict.HOLDS
    assert shown in verdicts(model, scenario, "before", TSO)
    assert verdicts(model, scenario, "after", TSO) == {Verdict.HOLDS}
