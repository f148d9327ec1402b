"""Random programs as models and as litmus tests: both come to the same ends, and races.

The litmus tests are judged by code that answers what herd7 answers, on 1,497 tests. Only the axioms
are the same here: threads are learned there and run there, dependencies are found otherwise.
"""

import pytest

from tests.executions.programs import (
    ends_of_litmus,
    ends_of_model,
    ends_without_dependencies,
    program_of_sections,
    random_program,
)


def assert_alike(seed: int, *, plain: bool = False) -> None:
    """A program in which nothing depends on what was read has the same ends."""
    program = random_program(seed, plain=plain)
    assert ends_of_model(program) == ends_of_litmus(program), seed


def is_alike(seed: int, *, plain: bool = False) -> bool:
    """Whether a program has the same ends; a model may have more, for it has fewer dependencies."""
    program = random_program(seed, dependent=True, plain=plain)
    ours, theirs = ends_of_model(program), ends_of_litmus(program)
    assert theirs.states <= ours.states <= ends_without_dependencies(program).states, seed
    assert theirs.race <= ours.race, seed
    return ours == theirs


def test_a_model_ends_as_its_litmus_test_does() -> None:
    for seed in range(12):
        assert_alike(seed, plain=seed % 2 == 1)
        is_alike(seed, plain=seed % 2 == 1)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_many_models_end_as_their_litmus_tests_do(block: int) -> None:
    for seed in range(1_000 + 100 * block, 1_100 + 100 * block):
        assert_alike(seed, plain=seed % 2 == 1)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_many_models_with_dependencies_end_as_their_litmus_tests_do(block: int) -> None:
    seeds = range(2_000 + 100 * block, 2_100 + 100 * block)
    assert sum(is_alike(seed, plain=seed % 2 == 1) for seed in seeds) >= 97


def is_alike_with_sections(seed: int) -> bool:
    """Whether a program of sections has the same ends; a trylock is a dependency."""
    program = program_of_sections(seed)
    ours, theirs = ends_of_model(program), ends_of_litmus(program)
    assert theirs.states <= ours.states <= ends_without_dependencies(program).states, seed
    assert theirs.race <= ours.race, seed
    return ours == theirs


def test_spinlocks_and_rcu_are_as_in_litmus_tests() -> None:
    assert all(is_alike_with_sections(seed) for seed in range(12))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_many_sections_are_as_in_litmus_tests(block: int) -> None:
    seeds = range(1_000 + 100 * block, 1_100 + 100 * block)
    assert sum(map(is_alike_with_sections, seeds)) >= 97


@pytest.mark.campaign
def test_5000_programs_of_sections_are_as_their_litmus_tests() -> None:
    for seed in range(10_000, 15_000):
        is_alike_with_sections(seed)


@pytest.mark.campaign
def test_5000_models_end_as_their_litmus_tests_do() -> None:
    for seed in range(10_000, 15_000):
        assert_alike(seed, plain=seed % 3 == 1)
        is_alike(seed, plain=seed % 3 == 1)
