"""`locking sample`: what it prints, what it refuses, and what its exit status says."""

import re

import pytest

from tests.samples import some_by_default

SUM = ("textbook.lost_update", "--property", "sum")


def test_a_failure_has_a_path_that_replays(locking) -> None:
    status, out, err = locking("sample", *SUM, "--runs", "100")
    assert (status, err) == (0, "")
    [path] = [line.split()[-1] for line in out.splitlines() if "locking replay" in line]
    status, out, _ = locking("replay", path)
    assert status == 0 and "both additions count" in out


def test_the_seed_is_printed_and_makes_the_output(locking) -> None:
    def printed(*words):
        text = locking("sample", *SUM, *words)[1]
        return re.sub(r"\d+\.\d+s", "T", text).splitlines()

    assert "seed 7" in " ".join(printed("--seed", "7", "--runs", "50"))
    assert printed("--runs", "50") == printed("--runs", "50", "--seed", "1")
    assert printed("--runs", "50", "--seed", "7") == printed("--runs", "50", "--seed", "7")
    assert printed("--runs", "50", "--seed", "7") != printed("--runs", "50", "--seed", "8")


@pytest.mark.parametrize("method", some_by_default(["uniform", "pct", "bounded"], 3))
def test_what_holds_is_unknown_and_never_as_declared(locking, method: str) -> None:
    words = ("toy.py", "--scenario", "many", "--placement", "locked", "--method", method)
    status, out, _ = locking("sample", *words, "--property", "sum", "data-race")
    assert status == 3
    assert "sum is unknown: no failure " in out and "NOT every interleaving" in out
    assert "2 unknown" in out


def test_a_witness_is_as_declared(locking) -> None:
    words = ("toy.py", "--scenario", "many", "--placement", "locked", "--property", "parallel")
    status, out, _ = locking("sample", *words, "--runs", "100")
    assert status == 0
    assert "parallel holds: 2 in parallel; shown by " in " ".join(out.split())


def test_a_failure_that_is_not_declared_is_1(locking) -> None:
    status, out, _ = locking(
        "sample", "toy.py", "--scenario", "many", "--placement", "locked~worker.1.drop",
        "--method", "bounded",
    )  # fmt: skip
    assert status == 1
    assert "expected holds" in out and "NOT AS EXPECTED" in out


def test_a_model_that_can_be_searched_whole_is_said_to_be(locking) -> None:
    _, out, _ = locking("sample", *SUM, "--method", "bounded", "--preemptions", "9")
    assert "No state was left out for the bound" in out
    _, out, _ = locking("sample", *SUM, "--method", "bounded", "--preemptions", "0")
    assert "left out" not in out and "no failure with at most 0 preemptions" in out


def test_the_chance_to_have_missed_a_bug_is_printed(locking) -> None:
    _, out, _ = locking("sample", "textbook.abba", "--depth", "2", "--runs", "110")
    text = " ".join(out.split())
    assert "within k=8 steps (the longest run seen; there may be longer ones)" in text
    assert "n=2 threads with a chance of at least 1/(2 x 8) = 1/16" in text
    # (15/16) ** 99 of the runs that were not trials
    assert "99 runs drawn with this k all miss it with a chance of at most 0.168%" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--method", "uniform", "--depth", "2"), "--depth is for --method pct, not uniform"),
        (("--preemptions", "1"), "--preemptions is for --method bounded, not pct"),
        (
            ("--method", "bounded", "--seed", "1"),
            "--seed is for --method uniform or pct, not bounded",
        ),
        (("--max-states", "5"), "--max-states is for --method bounded, not pct"),
        (("--no-reduction",), "--no-reduction is for --method bounded, not pct"),
        (("--runs", "0"), "'0' is not a whole number above 0"),
        (("--property", "sun"), "unknown property of textbook.lost_update 'sun'"),
        (("--method", "luck"), "invalid choice: 'luck'"),
    ],
)
def test_what_makes_no_sense_is_refused(locking, words: tuple[str, ...], says: str) -> None:
    status, out, err = locking("sample", "textbook.lost_update", *words)
    assert (status, out) == (2, "")
    assert says in err


def test_which_case_is_meant_must_be_said(locking) -> None:
    status, _, err = locking("sample", "toy.py", "--placement", "locked")
    assert status == 2 and "say which scenario: --scenario many | alone" in err


def test_a_run_that_is_cut_is_a_suspected_livelock_and_never_a_success(locking, here) -> None:
    """Its witness is found, and yet the status says that something is unknown."""
    (here / "spin.py").write_text(
        "from locking import *\n"
        "cell = Cell('cell', 0)\n"
        "async def up():\n    await cell.WRITE_ONCE(1)\n"
        "async def seen():\n    return True if await cell.READ_ONCE() else None\n"
        "async def look():\n    await retry(seen)\n"
        "THREADS = [Thread('a', up), Thread('b', look)]\n"
        "ASKED = [sometimes('one', lambda s: s[cell] == 1)]\n"
        "MODEL = Model('spin', '', lambda case: System([cell], THREADS, ASKED))\n"
    )
    words = ("sample", "spin.py", "--method", "uniform", "--runs", "50")
    status, out, _ = locking(*words, "--steps", "3")
    assert status == 3 and "Suspected livelock: " in out and "↻ step 1 forever" in out
    assert "weak fairness would forbid it" in " ".join(out.split())
    status, out, _ = locking(*words, "--steps", "100")
    assert status == 0 and "uspected" not in out
