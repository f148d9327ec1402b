"""The benchmark of whole commands: its models are right, its table has medians."""

import pytest

from locking import catalogue
from locking.check import check
from locking.properties.explored import Verdict
from tests.bench.everyday import ALGORITHMS, MODELS, EverydayRun, everyday_table


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_is_measured_is_right(name: str) -> None:
    case = catalogue.model(str(MODELS / "algorithms.py")).case(name, None, {"threads": "2"})
    assert {each.verdict for each in check(case).results} == {Verdict.HOLDS}


@pytest.mark.slow
def test_the_condition_variable_is_right() -> None:
    case = catalogue.model(str(MODELS / "condition_variable.py")).case(
        "only", None, {"consumers": "1"}
    )
    assert {each.verdict for each in check(case).results} == {Verdict.HOLDS}


def test_the_table_has_medians_and_says_what_was_cut_off() -> None:
    runs = [
        EverydayRun("c", "old", at, 9.0, user, 30.0, True) for at, user in enumerate((8, 2, 4))
    ] + [EverydayRun("c", "new", 0, 1.0, 2.0, 20.0, True)]
    assert everyday_table(runs).splitlines()[2] == "| c | 4 | 2 | 9 | 1 | 30 | 20 | 2 |"
    cut = [EverydayRun("c", "old", 0, 60.0, 60.0, 0, False), runs[-1]]
    assert everyday_table(cut).splitlines()[2] == "| c | > 60 | 2 | > 60 | 1 |  | 20 | > 30 |"
