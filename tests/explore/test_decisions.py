"""A decision tree answers for what was seen, and for nothing else."""

from itertools import product
from random import Random

from locking.explore.decisions import DecisionTree, Look

LOOKS: list[Look] = [(0, None), (1, lambda number: number > 1), (2, None)]


def test_what_was_not_seen_has_no_answer() -> None:
    tree = DecisionTree()
    assert tree.answer((0, 0, 0)) is None
    tree.learn((0, 0, 0), LOOKS[:2], True)
    assert [tree.answer((0, at, 5)) for at in range(3)] == [True, True, None]
    assert tree.answer((1, 0, 0)) is None


def test_in_whatever_order_there_was_looked_every_answer_is_right() -> None:
    random = Random(1)
    for _ in range(50):
        tree = DecisionTree()
        for state in product(range(3), repeat=3):
            right = state[0] == 1 or (state[1] > 1 and state[2] == 0)
            found = tree.answer(state)
            if found is None:
                looks = LOOKS[:1] if state[0] == 1 else random.sample(LOOKS, 3)
                tree.learn(state, looks, right)
                found = tree.answer(state)
            assert found == right


def test_what_nothing_decides_is_answered_once() -> None:
    tree = DecisionTree()
    tree.learn((4,), [], False)
    assert tree.answer((7,)) is False
