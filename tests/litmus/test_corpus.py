"""A corpus with the verdicts of herd7, where there is one: LOCKING_LITMUS names its folder.

It has `verdicts.tsv`: for each test, by its path in the folder, the verdict, the numbers of
positive and negative executions, of final states, and the flags.
"""

import csv
import os
from pathlib import Path

import pytest

from locking.errors import ModelError
from locking.litmus.definitions import vocabulary_of_tree
from locking.litmus.interleaved import Interleavings
from locking.litmus.judged import LITMUS_ROUNDS, LitmusAnswer, judge_paths, judge_test
from locking.litmus.paths import all_paths
from locking.litmus.reading import read_test
from locking.memory_models.cat.files import kernel_model, library_model
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.excess import Excess

FOLDER = Path(os.environ.get("LOCKING_LITMUS", "no-such-folder"))
TREE = Path(os.environ.get("LOCKING_LITMUS_TREE", "no-such-tree"))

NEEDS_CORPUS = pytest.mark.skipif(
    not (FOLDER / "verdicts.tsv").exists(), reason="LOCKING_LITMUS names no folder with verdicts"
)
NEEDS_TREE = pytest.mark.skipif(
    not (TREE / "tools").is_dir(), reason="LOCKING_LITMUS_TREE names no kernel tree"
)

pytestmark = [pytest.mark.campaign, NEEDS_CORPUS]


def rows() -> list[dict[str, str]]:
    with (FOLDER / "verdicts.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def text_of(row: dict[str, str]) -> str:
    return (FOLDER / row["test"]).read_text(encoding="utf-8", errors="replace")


def difference(row: dict[str, str], answer: LitmusAnswer) -> str:
    """What herd7 says otherwise of a test."""
    found = (
        answer.observation,
        answer.positive,
        answer.negative,
        len(answer.states),
        sorted(answer.flags),
    )
    counts = (int(row[each]) for each in ("positive", "negative", "states"))
    wanted = (row["verdict"], *counts, sorted(filter(None, row["flags"].split(","))))
    return "" if found == wanted else f"{row['test']}: {found}, herd7 {wanted}"


def test_verdicts_counts_and_flags_are_those_of_herd() -> None:
    found = [difference(row, judge_test(read_test(text_of(row)), LKMM)) for row in rows()]
    assert [each for each in found if each] == []


@NEEDS_TREE
def test_the_model_and_the_vocabulary_of_a_tree_say_what_herd_says() -> None:
    model, vocabulary = kernel_model(TREE), vocabulary_of_tree(TREE)
    found = [
        difference(row, judge_test(read_test(text_of(row), vocabulary), model)) for row in rows()
    ]
    assert [each for each in found if each] == []


def test_axioms_of_sequential_consistency_and_interleavings_agree() -> None:
    different = []
    for row in rows():
        test = read_test(text_of(row))
        paths = all_paths(test, LITMUS_ROUNDS)
        found = Interleavings(test, paths, LITMUS_ROUNDS)
        if found.complete and found.states != judge_paths(test, paths, LKMM).sequential:
            different.append(row["test"])
    assert different == []


def test_the_kernels_model_allows_what_armv8_allows() -> None:
    excess = Excess(library_model("armv8"), LKMM)
    judged, beyond = 0, []
    for row in rows():
        try:
            answer = judge_test(read_test(text_of(row)), excess)
        except ModelError:  # grace periods, and spinlocks
            continue
        judged += 1
        beyond += [row["test"]] if answer.states else []
    assert judged > 1_000
    assert beyond == []
