"""The classics have the verdicts that the field knows."""

import pytest

from locking.litmus.candidates import candidates_of, combinations
from locking.litmus.interleaved import Interleavings
from locking.litmus.judged import LITMUS_ROUNDS, judge_test, states_observation
from locking.litmus.paths import all_paths, no_limit
from locking.litmus.reading import read_test
from locking.litmus.searched import find_verdict
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import CLASSICS, Classic

BY_NAME = {each.name: each for each in CLASSICS}

SMALL = [each for each in CLASSICS if len(each.threads) < 3]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_classic_has_the_verdict_that_it_is_known_for(name: str) -> None:
    classic = BY_NAME[name]
    test = read_test(classic.text)
    answer = judge_test(test, LKMM)
    found = (states_observation(test, answer.sequential), answer.observation)
    assert found == (classic.sequential, classic.kernel)
    assert answer.sequential <= answer.states.keys()
    assert not answer.flags


def assert_found_without_counting(classic: Classic) -> None:
    test = read_test(classic.text)
    answer = find_verdict(test, all_paths(test, LITMUS_ROUNDS), LKMM)
    found = (states_observation(test, answer.sequential), answer.observation)
    assert found == (classic.sequential, classic.kernel)
    assert not answer.counted


@pytest.mark.parametrize("name", ["SB", "MP+rel+acq", "inc-inc"])
def test_a_verdict_is_found_without_counting(name: str) -> None:
    assert_found_without_counting(BY_NAME[name])


@pytest.mark.slow
def test_the_verdict_of_every_classic_is_found_without_counting() -> None:
    for each in CLASSICS:
        assert_found_without_counting(each)


def assert_interleavings_agree(classic: Classic) -> None:
    test = read_test(classic.text)
    found = Interleavings(test, all_paths(test, LITMUS_ROUNDS), LITMUS_ROUNDS)
    assert found.complete
    assert found.states == judge_test(test, LKMM).sequential


def test_axioms_and_interleavings_agree_on_rcu() -> None:
    assert_interleavings_agree(BY_NAME["RCU-MP"])


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_NAME)
def test_axioms_and_interleavings_agree_on_every_classic(name: str) -> None:
    assert_interleavings_agree(BY_NAME[name])


def assert_only_the_model_cuts(classic: Classic) -> None:
    test = read_test(classic.text)
    for combination in combinations(test, all_paths(test, LITMUS_ROUNDS)):
        judge = LKMM.judge_of(combination.structure)
        allowed = [
            sorted(
                (each.rf, each.co)
                for each in candidates_of(combination, no_limit, cut=cut)
                if judge(each.rf, each.co).allowed
            )
            for cut in (True, False)
        ]
        assert allowed[0] == allowed[1]


@pytest.mark.parametrize("name", ["CoWR", "CoRW", "cmpxchg-once", "inc-inc"])
def test_what_locations_cut_the_model_forbids(name: str) -> None:
    assert_only_the_model_cuts(BY_NAME[name])


@pytest.mark.slow
def test_what_locations_cut_the_model_forbids_in_every_small_classic() -> None:
    for each in SMALL:
        assert_only_the_model_cuts(each)
