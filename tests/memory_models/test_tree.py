"""Our model and the kernel tree's own say the same of every execution.

The tree and the tests are not ours, so they are named by environment variables: `KERNEL_TREE` is a
kernel source tree (Linux 6.12), `LITMUS_TESTS` a folder of litmus tests in C.
"""

import os
from pathlib import Path

import pytest

from locking.litmus.judged import judge_test
from locking.litmus.reading import read_test
from locking.memory_models.candidate import judge_candidate
from locking.memory_models.cat.files import kernel_model
from locking.memory_models.lkmm.model import LKMM
from tests.memory_models.random_executions import random_execution

TREE = os.environ.get("KERNEL_TREE", "")
TESTS = os.environ.get("LITMUS_TESTS", "")

SEEDS = 20_000
NEEDS_TREE = pytest.mark.skipif(not TREE, reason="KERNEL_TREE names no kernel source tree")


@NEEDS_TREE
@pytest.mark.campaign
def test_our_model_and_that_of_the_tree_agree_on_random_executions() -> None:
    model = kernel_model(Path(TREE))
    for seed in range(SEEDS):
        seen = random_execution(seed)
        ours, theirs = judge_candidate(LKMM, seen), judge_candidate(model, seen)
        assert (ours.allowed, ours.flags) == (theirs.allowed, theirs.flags), seed


@NEEDS_TREE
@pytest.mark.skipif(not TESTS, reason="LITMUS_TESTS names no folder of litmus tests")
@pytest.mark.campaign
def test_our_model_and_that_of_the_tree_agree_on_litmus_tests() -> None:
    model = kernel_model(Path(TREE))
    for path in sorted(Path(TESTS).rglob("*.litmus")):
        test = read_test(path.read_text(encoding="utf-8"))
        ours, theirs = judge_test(test, LKMM), judge_test(test, model)
        assert ours.states == theirs.states, path
        assert (ours.positive, ours.flags) == (theirs.positive, theirs.flags), path
