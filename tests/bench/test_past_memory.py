"""The large check says what the formula says, also killed on the way."""

import sys
from pathlib import Path

import pytest

from tests.bench import past_memory


def test_the_states_of_a_grid_are_a_formula() -> None:
    assert past_memory.wanted(2, 1) == (4, 4)
    assert past_memory.wanted(6, 27) == (481_890_304, 2_788_079_616)


@pytest.mark.slow
def test_a_check_of_a_small_grid_says_what_the_formula_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--threads", "4", "--steps", "3", "--kills", "0", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["past_memory", *words])
    assert past_memory.main() == 0
    assert "256 states and 768 steps, which is right" in capsys.readouterr().out
