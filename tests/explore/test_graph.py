"""Graphs made by hand: interleavings, shortest paths, fewest switches."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking.explore.graph import Choice, Graph, shortest
from tests.explore.compare import cost

Edges = Sequence[Sequence[tuple[int, int]]]
"""For every state its steps: the thread, and the state that it leads to."""


def graph(edges: Edges, explored: int | None = None) -> Graph:
    """The graph of these steps; of the states from `explored` on, nothing is known."""
    made = Graph()
    made.states = [(at,) for at in range(len(edges))]
    depth = {0: 0}
    for at, steps in enumerate(edges if explored is None else edges[:explored]):
        for thread, to in steps:
            depth.setdefault(to, depth[at] + 1)
            made.threads.append(thread)
            made.outcomes.append(0)
            made.targets.append(to)
        made.offsets.append(len(made.targets))
    made.depths.extend(depth[at] for at in range(len(edges)))
    if explored is not None:
        made.cause = "limit"
    return made


def path(text: str) -> tuple[Choice, ...]:
    """`"aab"` as choices."""
    return tuple((ord(letter) - ord("a"), 0) for letter in text)


DIAMOND: Edges = [[(0, 1), (1, 2)], [(1, 3)], [(0, 3)], []]


def test_a_diamond_has_two_interleavings() -> None:
    """Two ways to one end."""
    assert graph(DIAMOND).runs() == 2


def test_parallel_steps_count_apart() -> None:
    """Two steps to the same state are two runs."""
    assert graph([[(0, 1), (0, 1), (1, 1)], []]).runs() == 3


def test_a_single_state_is_one_run_of_no_steps() -> None:
    """Nothing can happen in one way."""
    assert graph([[]]).runs() == 1


@pytest.mark.parametrize(
    "edges",
    [[[(0, 0)]], [[(0, 1)], [(0, 0), (1, 2)], []], [[(0, 1), (1, 2)], [], [(0, 3)], [(0, 2)]]],
    ids=["self", "back to the start", "away from the ends"],
)
def test_a_cycle_makes_them_infinitely_many(edges: Edges) -> None:
    """None says so."""
    assert graph(edges).runs() is None


def test_of_an_unfinished_walk_they_are_not_known() -> None:
    """How its runs go on is not known."""
    assert graph(DIAMOND, explored=2).runs() is None


def test_they_are_exact_beyond_machine_integers() -> None:
    """A chain of 200 diamonds."""
    edges = [step for at in range(0, 600, 3) for step in chained(at)]
    assert graph([*edges, []]).runs() == 2**200


def chained(at: int) -> Edges:
    """A diamond from state `at` to the third after it."""
    return [[(0, at + 1), (1, at + 2)], [(1, at + 3)], [(0, at + 3)]]


def test_the_start_is_reached_by_no_steps() -> None:
    """A property that fails at once has an empty path."""
    assert shortest(graph(DIAMOND), {0}) == ()


def test_of_equal_lengths_the_fewest_switches_win() -> None:
    """`baa` and `aba` would do, with more turns or as many; the path is always the same one."""
    edges: Edges = [
        [(0, 1), (1, 2)],
        [(1, 3), (0, 4)],
        [(0, 3)],
        [(0, 5)],
        [(1, 5)],
        [],
    ]
    assert shortest(graph(edges), {5}) == path("baa")


def test_of_several_goals_the_one_with_fewest_switches_is_taken() -> None:
    """The first goal is not always the best."""
    edges: Edges = [[(0, 1), (1, 2)], [(1, 3)], [(1, 4)], [], []]
    assert shortest(graph(edges), {3, 4}) == path("bb")


def test_of_equal_switches_the_smallest_choices_win() -> None:
    """So the path is the same every time."""
    assert [shortest(graph(DIAMOND), {3}) for _ in range(2)] == [path("ab")] * 2


def test_a_goal_that_was_met_only_is_reached() -> None:
    """Also where others of the depth before it were not gone through."""
    edges: Edges = [[(0, 1), (1, 2)], [(1, 3)], [(0, 3)], []]
    assert shortest(graph(edges, explored=2), {3}) == path("ab")


def brute(edges: Edges, goal: int) -> tuple[int, int, tuple[Choice, ...]]:
    """The cheapest path by trying all of growing length."""
    paths: list[tuple[int, tuple[Choice, ...]]] = [(0, ())]
    while True:
        found = [
            (
                len(made),
                sum(not at or made[at - 1] != made[at] for at in range(len(made))),
                made,
            )
            for at, made in paths
            if at == goal
        ]
        if found:
            return min(found)
        paths = [(to, (*made, (thread, 0))) for at, made in paths for thread, to in edges[at]]


@settings(derandomize=True, deadline=None, database=None, max_examples=100)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_random_graphs_have_the_paths_that_brute_force_finds(seed: int, size: int) -> None:
    """Length, switches and the path itself."""
    random = Random(seed)
    edges: list[list[tuple[int, int]]] = [[]]
    for at in range(size):  # states are numbered as a walk meets them
        for _ in range(random.randint(at + 2 > len(edges), 3)):
            new = len(edges) if random.random() < 0.6 else random.randrange(len(edges))
            thread = random.randrange(3)
            if all(thread != known for known, _ in edges[at]):
                edges[at].append((thread, new))
                if new == len(edges):
                    edges.append([])
        edges[at].sort(key=lambda step: step[1] < len(edges))
        if at + 1 == len(edges):
            break
    made = graph(edges)
    if list(made.depths) != sorted(made.depths):
        return  # the sort above is not a walk's order: no graph of an engine
    for goal in range(len(edges)):
        found = shortest(made, {goal})
        assert cost(found) == brute(edges, goal)[:2]
        at = 0
        for choice in found:
            at = dict(made.edges(at))[choice]
        assert at == goal
