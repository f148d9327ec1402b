"""Small inputs on which the harness was wrong once, each with what is right, in every way to judge.

What is here shares nothing with the parts that it tests: a row is a file of `inputs`, the options
that it is checked with, and what has to be said of it.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import locking.catalogue as catalogue
from locking import Case
from locking.check import check
from locking.cli.main import main
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options, Report
from tests.engines import ENGINES

WAYS_TO_JUDGE = [(e, r) for e in ENGINES if e != "automatic" for r in REDUCTIONS]
IN_EVERY_WAY = pytest.mark.parametrize(
    ("engine", "reduction"),
    [
        pytest.param(*way, marks=[] if "merge" in way or "none" in way else pytest.mark.slow)
        for way in WAYS_TO_JUDGE
    ],
)
"""The engines; `automatic` is a choice between the others."""

INPUTS = Path(__file__).parent / "inputs"

HOLDS, FAILS, NEVER = "holds", "fails", "never evaluated"

JUDGED = {
    "silent_require": {"deadlock-free": HOLDS, "never-true": FAILS},
    "silent_assert": {"deadlock-free": HOLDS, "assertions": FAILS},
    "silent_misuse": {"x": NEVER, "deadlock-free": HOLDS, "no-misuse": FAILS},
    "race_semaphore": {"data-race": FAILS},
    "race_seqcount": {"data-race": FAILS},
    "race_seqcount around=no": {"data-race": FAILS},
    "race_place_zero": {"data-race": FAILS},
    "race_place_zero first=no": {"data-race": FAILS},
    "race_place_zero2": {"data-race": FAILS},
    "mp_litmus": {
        "data-race": HOLDS,
        "happens-before-race": FAILS,
        "assertions": HOLDS,
        "deadlock-free": HOLDS,
    },
    "mp_litmus flag=lock": {
        "data-race": HOLDS,
        "happens-before-race": HOLDS,
        "assertions": HOLDS,
        "deadlock-free": HOLDS,
    },
    "vacuous_hides": {"good": FAILS},
    "lean_vacuous": {"bad": FAILS},
    "vac:before": {"good": FAILS, "deadlock-free": HOLDS},
    "vac:after": {"good": NEVER, "deadlock-free": HOLDS},
    "empty_name name=x": {"deadlock-free": FAILS, "no-misuse": HOLDS, "locks-released": FAILS},
    "same_name": {"differ": FAILS},
    "pypy_lock_release": {"not-freed": FAILS, "deadlock-free": HOLDS, "no-misuse": HOLDS},
    "requeue_for_ever": {"deadlock-free": FAILS, "end": FAILS},
    "assert_in_finally": {"assertions": FAILS, "deadlock-free": HOLDS},
    "assert_in_finally by=require": {"one": FAILS, "deadlock-free": HOLDS},
    "at_end_daemon": {"end": FAILS, "finished": FAILS},
    "hang_unreal": {"end": HOLDS},
    "hang_diagnosis": {"fresh": FAILS},
    "hang_deadlock": {"deadlock-free": FAILS},
    "held_at_start": {"deadlock-free": FAILS},
    "leak_lock": {
        "assertions": HOLDS,
        "no-misuse": HOLDS,
        "data-race": HOLDS,
        "deadlock-free": HOLDS,
        "locks-released": FAILS,
    },
    "barrier_spin_vs_wait:spin": {
        "assertions": HOLDS,
        "no-misuse": HOLDS,
        "deadlock-free": HOLDS,
        "can-end": FAILS,
    },
    "genmc_spin_liveness": {"deadlock-free": HOLDS, "end": HOLDS, "x-is-1": HOLDS},
    "genmc_spin_liveness loop=flag": {
        "deadlock-free": HOLDS,
        "end": HOLDS,
        "x-is-1": HOLDS,
        "can-end": FAILS,
    },
    "spin_never": {"sum": NEVER, "deadlock-free": HOLDS, "can-end": FAILS},
    "barrier_spin_vs_wait:wait": {"assertions": HOLDS, "no-misuse": HOLDS, "deadlock-free": FAILS},
}
"""The verdicts of all properties of a case: a file, a scenario of several, a scope."""

REFUSED = {
    "false_holds": r"ends a round .*false_holds\.py:\d+.* 'bad' is True then.* but False",
    "b24_retry": r"ends a round .*b24_retry\.py:\d+.* 'ret' is 1 then, but 0 .*retry_with",
    "values_decimal": r"values_decimal\.py:\d+: Decimal\('1\.0'\) .*is no value: use a whole",
    "values_float_subclass": r"values_float_subclass\.py:\d+: .*Temp is a subclass of float",
    "empty_name": r"the name of a thread is ''; write one that can be seen .*empty_name\.py, line",
    "op_named_call": r"op_named_call\.py, line 6: class Thing: an operation is called 'call'",
    "global_first": r"the variable 'n', which is no object, from 0 to 1 .*global_first\.py:\d+",
    "global_second": r"the variable 'n', which is no object, from 0 to 1 .*global_second\.py:\d+",
    "global_state": r"the variable 'n', which is no object, from 0 to 1 .*global_state\.py:\d+",
    "global_state2": r"the variable 'n', which is no object, from 0 to 1 .*global_state2\.py:\d+",
    "global_value": r"the variable 'n', which is no object, from 0 to 1 .*global_value\.py:\d+",
    "outcome_overflow": r"outcome_overflow\.py:\d+: the choices of one atomic block have over 2",
}
"""What the error says."""

SAID = {
    "same_name": ["Violated: x and a differ", "a = 1", "x = 1"],
    "pypy_lock_release": ["Use after free: t1 fails requirement not-freed"],
    "held_at_start": ["a waits for lock, held from the start by firmware"],
    "requeue_for_ever": ["w1 waits for lock", "w2 waits for lock"],
    "hang_deadlock choices=7": ["ABBA deadlock", "ab holds a", "ba holds b"],
    "hang_diagnosis": ["reader fails requirement fresh"],
    "spin_never": ["Endless loop: waiter repeats", "atomic_read(total) = 4"],
    "leak_lock": ["second ends after step 5", "still holds m (since step 4), taken at leak"],
}
"""What is shown of the run that fails."""


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inputs are loaded for one test, and forgotten after it."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("COLUMNS", "200")
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(INPUTS)):
            del sys.modules[name]


def case_of(row: str) -> Case:
    """The case of a row. Errors: `ModelError`."""
    where, *scope = row.split()
    file, _, scenario = where.partition(":")
    model = catalogue.model(str(INPUTS / f"{file}.py"))
    return model.case(scenario or "only", None, dict(each.split("=") for each in scope))


def checked(row: str, engine: str, reduction: str) -> Report:
    """The report of the case of a row, judged in one of the ways. Errors: `ModelError`."""
    return check(case_of(row), options=Options(engine=engine, reduction=reduction))


@IN_EVERY_WAY
@pytest.mark.parametrize("row", JUDGED)
def test_every_verdict_is_right_in_every_way_to_judge(
    row: str, reduction: str, engine: str
) -> None:
    results = checked(row, engine, reduction).results
    assert {each.claim.name: each.verdict.value for each in results} == JUDGED[row]


@IN_EVERY_WAY
@pytest.mark.parametrize("row", REFUSED)
def test_what_can_not_be_judged_is_refused_in_every_way_to_judge(
    row: str, reduction: str, engine: str
) -> None:
    with pytest.raises(ModelError, match=REFUSED[row]):
        checked(row, engine, reduction)


@pytest.mark.slow
def test_a_thread_that_runs_on_with_results_that_no_run_has_ends_the_merging(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("locking.programs.guard.LIMIT", 0.5)
    row = "hang_unreal more=1 most=60 times=8"  # so large that threads are merged under way
    assert [each.verdict.value for each in checked(row, "reference", "merge").results] == [HOLDS]


@pytest.mark.parametrize("row", SAID)
def test_the_run_that_fails_says_why(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    file, *scope = row.split()
    options = [word for each in scope for word in ("--" + each).split("=")]
    assert main(["trace", str(INPUTS / f"{file}.py"), *options]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for each in SAID[row]:
        assert each in text


@pytest.mark.slow
def test_placements_of_a_table_are_made_out_of_regions_that_none_of_its_own_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(INPUTS / "placements_of_a_table.py")
    assert main(["synthesize", file]) == 0
    text, err = capsys.readouterr()
    assert "303 of 303 placements decided" in text and not err


MARKED: dict[str, dict[str, str]] = {
    "marked_hidden_change": dict.fromkeys(
        [
            "test_list_in_a_dict",
            "test_list_as_argument_of_a_thread",
            "test_list_as_default",
            "test_array",
            "test_plain_list_is_refused",
        ],
        "which is no object, from",
    ),
    "marked_leak": {"test_wrong": "write `put`, not `put()`"},
    "marked_setup_holds": {
        "test_setup_holds_the_lock": "work waits for lock, held from the start by the test"
    },
}
"""What is said of the tests that fail, in a file of marked tests; all others pass."""

PASSED = {"marked_hidden_change": 0, "marked_leak": 1, "marked_setup_holds": 0}


@pytest.mark.parametrize("file", MARKED)
def test_marked_tests_fail_for_their_own_mistakes_and_for_no_others(
    pytester: pytest.Pytester, file: str
) -> None:
    shutil.copy(INPUTS / f"{file}.py", pytester.path / f"test_{file}.py")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=len(MARKED[file]), passed=PASSED[file])
    text = " ".join(result.stdout.str().split())
    assert "Traceback" not in text and "INTERNALERROR" not in text
    for test, says in MARKED[file].items():
        [section] = re.findall(rf"_ {test} _+ (.*?)(?= _{{5,}} | =====)", text)
        assert says in section
