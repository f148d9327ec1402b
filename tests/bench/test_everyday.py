"""The benchmark of whole commands: its models are right, its table has medians."""

from pathlib import Path

import pytest

from locking import catalogue
from locking.check import check
from locking.properties.explored import Verdict
from tests.bench import everyday
from tests.bench.everyday import (
    ALGORITHMS,
    DOCS,
    MODELS,
    EverydayRun,
    everyday_runs,
    everyday_table,
)


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


def test_what_is_not_measured_again_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("everyday.csv", "speed.md"):
        (tmp_path / each).write_bytes((DOCS / each).read_bytes())
    monkeypatch.setattr(
        everyday, "run_of", lambda name, release, *_: EverydayRun(name, release, 1, 7, 7, 7, True)
    )
    before = everyday_runs(tmp_path / "everyday.csv")
    everyday.main(["--against", str(tmp_path), "--docs", str(tmp_path), "--only", "explain"])
    after = everyday_runs(tmp_path / "everyday.csv")
    assert [each for each in after if each.command != "explain"] == [
        each for each in before if each.command != "explain"
    ]
    assert {each.user for each in after if each.command == "explain"} == {7}
    assert list(dict.fromkeys(each.command for each in after)) == list(
        dict.fromkeys(each.command for each in before)
    )
