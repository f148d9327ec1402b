"""The benchmark of liveness: both properties hold of its case; the page has what it measured."""

from pathlib import Path

import pytest

from locking.check import check
from locking.properties.explored import Verdict
from tests.bench import liveness
from tests.bench.liveness import LiveRun, live_runs, live_table, with_live_table
from tests.bench.rounds import NO_FAIRNESS, WEAK_FAIRNESS, case_of_rounds
from tests.export.peers import present

DOCS = Path(__file__).parents[2] / "docs"


def test_both_properties_hold_of_what_is_measured() -> None:
    report = check(case_of_rounds(1, 1), [NO_FAIRNESS, WEAK_FAIRNESS])
    assert [(each.claim.name, each.verdict) for each in report.results] == [
        (NO_FAIRNESS, Verdict.HOLDS),
        (WEAK_FAIRNESS, Verdict.HOLDS),
    ]


def test_the_table_of_the_page_is_that_of_the_csv() -> None:
    page = (DOCS / "peers.md").read_text(encoding="utf-8")
    runs = live_runs(DOCS / "live.csv")
    assert {(each.property, each.who) for each in runs} == {
        (name, who) for name in (NO_FAIRNESS, WEAK_FAIRNESS) for who in ("ours", "SPIN")
    }
    assert with_live_table(page, runs) == page


def test_the_table_has_medians() -> None:
    runs = [
        LiveRun("p", "ours", at, 10, 2_000, user, 30.0, 0.5) for at, user in enumerate((3, 1, 2))
    ]
    assert live_table(runs).splitlines()[2] == "| p | ours | 10 | 2,000 | 2 | 0.5 | 30 | 3 |"


@pytest.mark.slow
def test_a_small_case_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (present("spin") and present("gcc")):
        pytest.skip("needs spin and gcc")

    def no_run(name: str, turn: int) -> LiveRun:
        return LiveRun(name, "ours", turn, 1, 1, 1.0, 1.0)

    monkeypatch.setattr(liveness, "WORKERS", 1)
    monkeypatch.setattr(liveness, "run_of_ours", no_run)
    runs = list(liveness.measure(1))
    assert [each.who for each in runs] == ["ours", "SPIN"] * 2
    assert all(each.states > 0 and each.mib > 0 for each in runs)
