"""Every model that states a property of whole runs: SPIN and TLC judge it under each fairness."""

from dataclasses import replace
from pathlib import Path

import pytest

from locking import System, catalogue
from locking.catalogue.selection import scopes_of
from locking.model import Case
from locking.properties.liveness import Live
from tests.export.live_peers import LIVE_PEERS, LivePeer
from tests.export.live_systems import Questioned, questioned
from tests.export.matrix import FOLDERS
from tests.export.test_runs import agree, skip_without
from tests.independent.liveness import FAIRNESSES

SPIN, TLC, _ = LIVE_PEERS

BOTH = pytest.mark.parametrize("peer", [SPIN, TLC], ids=lambda each: each.name)

SMALL = ("textbook.livelock", "textbook.starvation", "locks.cas", "locks.clh", "locks.hclh")
KERNEL_LOCKS = (
    "hotplug_lock",
    "mutex",
    "percpu_rwsem",
    "percpu_rwsem_5_7",
    "qspinlock",
    "rwsem_5_3",
)
QUEUES = ("cna", "hmcs", "mcs", "ticket")
LARGE = tuple(
    f"{folder}.{each}"
    for folder, names in (("locks", QUEUES), ("kernel_locks", KERNEL_LOCKS))
    for each in names
)
"""Models that state such a property; most cases of the large ones have 10,000 states and more."""


def cases_of(name: str) -> list[Case]:
    """All cases of a model, in its own scopes."""
    model = catalogue.model(name)
    return [
        model.case(scenario, placement, scope)
        for scenario in model.scenarios
        for placement in model.placements or (None,)
        for scope in scopes_of(model, {})
    ]


def stated(system: System) -> list[Live]:
    """Its properties of whole runs that fairness decides."""
    return [each for each in system.properties if isinstance(each, Live)]


def under_every_fairness(case: Case) -> Questioned:
    """The case with each of its properties under no, weak and strong fairness."""
    system = case.build()
    asked = [
        replace(each, name=f"{each.name}-{fairness}", fairness=fairness)
        for each in stated(system)
        for fairness in FAIRNESSES
    ]
    return questioned(system, asked, str(case))


SMALL_CASES = [case for name in SMALL for case in cases_of(name) if stated(case.build())]
LARGE_CASES = [case for name in LARGE for case in cases_of(name) if stated(case.build())]


@pytest.mark.slow
def test_no_other_model_states_what_fairness_decides() -> None:
    names = {
        model.name
        for folder in (*FOLDERS, "locks", "kernel_locks")
        for model in catalogue.models(folder)
        if any(stated(case.build()) for case in cases_of(model.name))
    }
    assert names == {*SMALL, *LARGE}


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("case", SMALL_CASES, ids=str)
def test_a_tool_judges_a_model_under_each_fairness(
    peer: LivePeer, case: Case, tmp_path: Path
) -> None:
    skip_without(peer)
    judged = agree(peer, under_every_fairness(case), tmp_path)
    assert len(judged) == len(stated(case.build())) * len(FAIRNESSES)


@pytest.mark.campaign
@BOTH
@pytest.mark.parametrize("case", LARGE_CASES, ids=str)
def test_a_tool_judges_a_large_model_under_each_fairness(
    peer: LivePeer, case: Case, tmp_path: Path
) -> None:
    skip_without(peer)
    judged = agree(peer, under_every_fairness(case), tmp_path)
    assert len(judged) == len(stated(case.build())) * len(FAIRNESSES)
