"""Nogoods: a smallest part of choices that is forbidden, and all choices that have it."""

from itertools import combinations
from random import Random

import pytest

from locking.memory_models.candidate import judge_candidate
from locking.memory_models.lkmm.model import LKMM
from locking.memory_models.nogoods import Nogoods, PartialChoice, single_pairs, united
from locking.memory_models.relations import Relation
from tests.memory_models.random_executions import random_execution
from tests.memory_models.rings import ring

WIDTH = 6


def forbidding(parts: list[PartialChoice], asked: list[PartialChoice]) -> Nogoods:
    """Nogoods of what forbids these parts; what is asked is noted."""

    def is_broken(rf: Relation, co: Relation) -> bool:
        asked.append(PartialChoice(rf, co))
        return any(rf & each.rf == each.rf and co & each.co == each.co for each in parts)

    return Nogoods(is_broken)


def random_parts(random: Random) -> list[PartialChoice]:
    """One to four parts of choices."""
    return [
        PartialChoice(random.getrandbits(WIDTH), random.getrandbits(WIDTH))
        for _ in range(random.randint(1, 4))
    ]


@pytest.mark.parametrize("seed", range(60))
def test_a_smallest_part_is_learned_and_nothing_is_forbidden_that_is_allowed(seed: int) -> None:
    random = Random(seed)
    parts = random_parts(random)
    nogoods = forbidding(parts, [])
    for _ in range(40):
        choice = PartialChoice(random.getrandbits(WIDTH), random.getrandbits(WIDTH))
        if nogoods.forbid(*choice):
            assert nogoods.is_broken(*choice)
            continue
        nogoods.learn([choice])
        assert nogoods.forbid(*choice) == nogoods.is_broken(*choice)
    for each in nogoods.known:
        assert nogoods.is_broken(*each)
        pairs = single_pairs(*each)
        for fewer in combinations(pairs, len(pairs) - 1):
            assert len(pairs) == 0 or not nogoods.is_broken(*united(fewer))


def test_the_part_is_among_the_first_choices_that_are_forbidden() -> None:
    early, late = PartialChoice(0b11, 0), PartialChoice(0b1000, 0b1)
    nogoods = forbidding([early, late], [])
    nogoods.learn([(0b11, 0), (0b1000, 0b1)])
    assert nogoods.known == [early]


def test_what_is_forbidden_whatever_is_chosen_is_so_from_then_on() -> None:
    nogoods = forbidding([PartialChoice(0, 0)], [])
    nogoods.learn([(0b1, 0b1)])
    assert nogoods.forbid(0, 0)


def test_few_questions_find_a_small_part_of_many_pairs() -> None:
    asked: list[PartialChoice] = []
    nogoods = forbidding([PartialChoice(1 << 17 | 1 << 80, 0)], asked)
    nogoods.learn([((1 << 100) - 1, 0)])
    assert len(asked) < 30


@pytest.mark.parametrize("seed", range(30))
def test_what_is_learned_of_an_execution_is_forbidden_by_the_model(seed: int) -> None:
    rings = ("mb fr mb fr", "wmb rf rmb fr", "mb co mb fr")
    seen = ring(rings[seed % 3]) if seed % 2 else random_execution(seed)
    nogoods = LKMM.nogoods_of(seen.structure)
    nogoods.learn([(seen.rf, seen.co)])
    assert nogoods.forbid(seen.rf, seen.co) == (not judge_candidate(LKMM, seen).allowed)
