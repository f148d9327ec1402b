"""A check that Ctrl-C ends behind its walk: what is known by then is told, and all else unknown."""

from typing import Any

import pytest

import locking.judging
from locking import Cell, System, Thread, Verdict, always, at_end
from locking.check import check
from locking.explore.graph import INTERRUPTED
from locking.properties.explored import Explored
from tests.explore.compare import case_of


def interrupts(*_: object) -> Any:
    """Ctrl-C."""
    raise KeyboardInterrupt


def counting(**interrupted: Any) -> System:
    """A thread that counts to two, with three properties; of some, the predicate is another one."""
    count = Cell("count", 0)

    async def counts() -> None:
        for each in (1, 2):
            await count.write(each)

    below = interrupted.get("below", lambda s: s[count] < 2)
    claims = [
        at_end("end", lambda s: s[count] == 2),
        always("below", below, ""),
        always("known", lambda s: s[count] < 3, ""),
    ]
    return System([count], [Thread("t", counts)], claims)


def test_what_was_judged_before_ctrl_c_is_told() -> None:
    report = check(case_of(counting(below=interrupts)))
    assert [each.verdict for each in report.results] == [
        Verdict.HOLDS,
        Verdict.UNKNOWN,
        Verdict.UNKNOWN,
    ]
    assert report.results[1].cause == report.results[2].cause == report.cause == INTERRUPTED
    assert report.states == 3


def test_a_model_that_was_not_tried_to_the_end_holds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locking.judging, "trials", interrupts)
    report = check(case_of(counting()))
    assert {each.claim.name: each.verdict for each in report.results} == {
        "end": Verdict.UNKNOWN,
        "below": Verdict.FAILS,
        "known": Verdict.UNKNOWN,
    }
    assert report.cause == INTERRUPTED


def test_ctrl_c_while_runs_are_counted_loses_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Explored, "interleavings", property(interrupts))
    report = check(case_of(counting()))
    assert [each.verdict for each in report.results] == [
        Verdict.HOLDS,
        Verdict.FAILS,
        Verdict.HOLDS,
    ]
    assert (report.cause, report.interleavings, report.counted) == (INTERRUPTED, None, False)
