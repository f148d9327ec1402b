"""The benchmark of verdicts beside other tools: what it asks of each, and its table."""

import pytest

from tests.bench.everyday import ALGORITHMS
from tests.bench.verdicts import (
    BY_HAND,
    CONTENDERS,
    TOO_LARGE,
    Contender,
    VerdictRun,
    run_of,
    tables_for,
    verdicts_table,
)

ASKED = [(tool, name) for tool in CONTENDERS for name in ALGORITHMS]


def test_every_algorithm_is_written_by_hand_too() -> None:
    assert {each.stem for each in BY_HAND.glob("*.hny")} == set(ALGORITHMS)


@pytest.mark.slow
@pytest.mark.parametrize(("tool", "name"), ASKED, ids=lambda each: getattr(each, "name", each))
def test_a_tool_finds_no_error_in_what_is_measured(tool: Contender, name: str) -> None:
    run = run_of(tool, name, 2, tables_for(name, 2), 1, 120)
    if run.note.startswith("needs"):
        pytest.skip(run.note)
    assert run.note == "" and run.user > 0


def test_a_tool_that_says_something_else_is_no_run() -> None:
    wrong = Contender("wrong", (), lambda *_: ["echo", "an error"], "no error", exports=False)
    with pytest.raises(RuntimeError, match="an error"):
        run_of(wrong, "ticket", 2, None, 1, 20)


def test_a_file_that_a_tool_refuses_is_not_measured() -> None:
    command = ["echo", "too long"]
    strict = Contender("strict", (), lambda *_: command, "0", exports=False, refuses="too long")
    assert run_of(strict, "ticket", 2, None, 1, 20).note == TOO_LARGE


def test_a_space_that_is_too_large_to_write_is_not_measured() -> None:
    exporting = Contender("exporting", (), lambda *_: ["false"], "")
    assert run_of(exporting, "ticket", 2, None, 1, 20).note == TOO_LARGE


def test_the_table_has_medians_and_says_what_was_killed() -> None:
    runs = [VerdictRun("ticket", 6, "locking", at, 9.0, user, 30) for at, user in enumerate((8, 2))]
    runs += [VerdictRun("ticket", 6, "TLC", 0, 60.0, 0, 0, "killed")]
    runs += [VerdictRun("ticket", 6, "Harmony", 0, 0, 0, 0, "needs harmony")]
    assert verdicts_table(runs).splitlines() == [
        "| algorithm | threads | locking | SPIN | rumur | TLC | Harmony |",
        "|---|---|---|---|---|---|---|",
        "| ticket | 6 | 5 |  |  | killed | needs harmony |",
    ]
