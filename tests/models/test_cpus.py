"""cpu_hotplug_lock around the writers of mem_hotplug_lock changes no verdict."""

import pytest

from locking import catalogue
from locking.check import check
from locking.model import Model

MODEL = catalogue.model("memory_hotplug")


def verdicts(model: Model, scenario: str, placement: str, cpus: str) -> dict[str, str]:
    """What is judged of a case, by name."""
    [placed] = [each for each in model.placements if each.name == placement]
    case = model.case(scenario, placed, {"cpus": cpus})
    return {each.claim.name: each.verdict.value for each in check(case).results}


@pytest.mark.parametrize("placement", ["baseline", "duyck"])
def test_who_only_reads_it_is_kept_out_by_nobody(placement: str) -> None:
    pair = [verdicts(MODEL, "online-vs-online", placement, each) for each in ("left-out", "locked")]
    assert pair[0] == pair[1]


@pytest.mark.slow
@pytest.mark.parametrize("placement", [each.name for each in MODEL.placements])
@pytest.mark.parametrize("scenario", ["add-vs-remove", "online-vs-sysfs-online", "add-vs-reader"])
def test_no_cell_has_another_verdict_with_it(scenario: str, placement: str) -> None:
    pair = [verdicts(MODEL, scenario, placement, each) for each in ("left-out", "locked")]
    assert pair[0] == pair[1]
