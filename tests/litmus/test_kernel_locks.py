"""Locks of the kernel as litmus tests: they have the verdicts of the models of these locks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from locking import Verdict
from locking.check import check
from locking.litmus.definitions import vocabulary_of_tree
from locking.litmus.judged import judge_test
from locking.litmus.reading import read_test
from locking.litmus.vocabulary import Vocabulary
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.cat.files import kernel_model
from locking.memory_models.lkmm.model import LKMM
from locking.models.kernel_locks.guarded import LOCKS, MODEL
from locking.scope import LKMM as LKMM_MEMORY
from locking.scope import MEMORY
from tests.litmus.kernel_locks import EXCLUSION, RACE, TWINS

TREES = [Path(each) for each in os.environ.get("LOCKING_KERNEL_TREES", "").split(":") if each]


def broken(
    text: str, model: AxiomaticModel = LKMM, vocabulary: Vocabulary | None = None
) -> frozenset[str]:
    """What breaks in a test whose waits all end."""
    found = judge_test(read_test(text, vocabulary), model)
    assert not found.cut
    assert found.states
    assert found.flags <= {RACE}
    return found.flags | ({EXCLUSION} if found.positive else set())


def changed(name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """A lock with a barrier weaker each time, and what is known to break."""
    text, weaker = TWINS[name]
    yield text, frozenset()
    for (old, new), breaks in weaker.items():
        assert old in text
        yield text.replace(old, new), breaks


@pytest.mark.parametrize("name", TWINS)
def test_a_lock_is_right_and_each_weaker_barrier_is_found_where_it_matters(name: str) -> None:
    for text, breaks in changed(name):
        assert broken(text) == breaks


@pytest.mark.skipif(not TREES, reason="LOCKING_KERNEL_TREES names no kernel source trees")
@pytest.mark.parametrize("name", TWINS)
def test_the_model_of_a_kernel_tree_says_the_same_of_a_lock(name: str) -> None:
    for tree in TREES:
        model, vocabulary = kernel_model(tree), vocabulary_of_tree(tree)
        for text, breaks in changed(name):
            assert broken(text, model, vocabulary) == breaks, tree


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[] if each == "mcs" else [pytest.mark.slow]) for each in TWINS],
)
def test_the_model_of_a_lock_has_the_verdict_of_its_litmus_test(name: str) -> None:
    assert name in LOCKS
    report = check(MODEL.case(name, None, {MEMORY: LKMM_MEMORY}))
    failing = {each.claim.name for each in report.results if each.verdict is not Verdict.HOLDS}
    assert failing == broken(TWINS[name].text)
