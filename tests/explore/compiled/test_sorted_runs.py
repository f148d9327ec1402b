"""Runs on disk have the numbers that a dictionary has, whatever is added and asked for."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from locking.explore.compiled import sorted_runs
from locking.explore.compiled.sorted_runs import SortedRun, SortedRuns


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of few rows, so that runs have many."""
    monkeypatch.setattr(sorted_runs, "FENCE", 3)
    monkeypatch.setattr(sorted_runs, "FENCES", 2)


def rows_of(keys: list[tuple[int, ...]], words: int) -> Any:
    """Rows as an array."""
    return np.array(keys, np.uint64).reshape(len(keys), words)


def compared(folder: Path, seed: int, words: int) -> None:
    """Runs and a dictionary are given the same, and asked the same. Errors: `AssertionError`."""
    draw = random.Random(seed)
    runs, known = SortedRuns(folder, words), dict[tuple[int, ...], int]()
    top = draw.choice([8, 40, 2**64 - 1])
    for _ in range(draw.randint(1, 9)):
        asked = sorted({tuple(draw.randint(0, top) for _ in range(words)) for _ in range(25)})
        if top > 40:  # else what is asked for is nearly never known
            asked = sorted({*asked, *draw.sample(sorted(known), min(9, len(known)))})
        found = runs.numbers(rows_of(asked, words)).tolist()
        assert found == [known.get(each, -1) for each in asked]
        new = [each for each in asked if each not in known][: draw.choice([1, 5, 25])]
        numbers = {each: len(known) + at for at, each in enumerate(draw.sample(new, len(new)))}
        known |= numbers
        runs.add(rows_of(new, words), np.array([numbers[each] for each in new], np.uint32))
        assert runs.length == len(known)
        lengths = [run.length for run in runs.runs]
        assert all(older > sorted_runs.LONGER * other for older, other in pairwise(lengths))
    assert not list(folder.iterdir())  # nothing stays where a process is killed


@pytest.mark.parametrize("words", [1, 2])
def test_runs_have_the_numbers_that_a_dictionary_has(tmp_path, words):
    for seed in range(4):
        compared(tmp_path, seed, words)


@pytest.mark.slow
@pytest.mark.parametrize("words", [1, 2, 3])
def test_many_runs_have_the_numbers_that_a_dictionary_has(tmp_path, words):
    for seed in range(300):
        compared(tmp_path, seed, words)


MERGED = SortedRuns.merged


def one_lost(self, one, other):
    """The merged run, but for the last row of one."""
    one.rows.length -= one.length > 1
    return MERGED(self, one, other)


def not_merged(_, one, __):
    """The older of the runs."""
    return one


STRETCHES = SortedRun.stretches


def first_left_out(self, rows):
    """The stretches but for the first, where there are others."""
    found = list(STRETCHES(self, rows))
    return found[1:] or found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "name", "planted"),
    [
        (SortedRuns, "merged", one_lost),
        (SortedRuns, "merged", not_merged),
        (SortedRun, "stretches", first_left_out),
    ],
    ids=["a row is lost", "a run is lost", "a stretch is not looked at"],
)
def test_a_planted_mistake_is_found(tmp_path, monkeypatch, owner, name, planted):
    monkeypatch.setattr(owner, name, planted)
    with pytest.raises(AssertionError):
        for seed in range(40):
            compared(tmp_path, seed, 1)
