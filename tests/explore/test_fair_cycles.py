"""Fair cycles of random graphs, beside all subsets of states: by the reference and compiled."""

from collections.abc import Iterator
from itertools import combinations
from random import Random

import numpy as np
import pytest

from locking.explore.compiled import rounds
from locking.explore.fairness import Rounds
from locking.explore.graph import Graph

Edge = tuple[int, int, bool]
"""Who takes a step, where it leads, and whether it only queues up."""

THREADS = 3


def drawn(seed: int) -> tuple[list[list[Edge]], Rounds]:
    """A graph of few states, and a question."""
    rng = Random(seed)
    count = rng.randint(1, 6)
    edges = [
        sorted(
            (rng.randrange(THREADS), rng.randrange(count), rng.random() < 0.2)
            for _ in range(rng.choice((0, 1, 1, 2, 2, 3)))
        )
        for _ in range(count)
    ]
    inside = bytearray(rng.random() < 0.85 for _ in range(count))
    weak, strong = rng.randrange(8), rng.randrange(8)
    starved = rng.choice((None, None, 0, 1))
    return edges, Rounds(inside, weak & ~strong, strong, starved)


def graph_of(edges: list[list[Edge]]) -> Graph:
    """The graph as the reference engine keeps it; a state is its number."""
    graph = Graph([(at,) for at in range(len(edges))], [0] * len(edges))
    for each in edges:
        graph.threads.extend(thread for thread, _, _ in each)
        graph.outcomes.extend(range(len(each)))
        graph.targets.extend(target for _, target, _ in each)
        graph.offsets.append(len(graph.targets))
    return graph


def queueing(edges: list[list[Edge]]) -> list[list[Edge]]:
    """The graph, in which all steps of a thread in a state queue up if one of them does."""
    return [
        [(t, to, any(q for other, _, q in each if other == t)) for t, to, _ in each]
        for each in edges
    ]


def fair_sets(edges: list[list[Edge]], asked: Rounds) -> Iterator[frozenset[int]]:
    """Every set of states that a fair run may go round in, found by trying all of them."""
    states = [at for at in range(len(edges)) if asked.inside[at]]
    for size in range(1, len(states) + 1):
        for chosen in map(frozenset, combinations(states, size)):
            inner = [
                (at, thread, to)
                for at in chosen
                for thread, to, queues in edges[at]
                if to in chosen and (thread != asked.starved or queues)
            ]
            if connected(chosen, inner) and is_fair(edges, chosen, inner, asked):
                yield chosen


def connected(chosen: frozenset[int], inner: list[tuple[int, int, int]]) -> bool:
    """Whether all lead to all, by one step at least."""
    reach = {(at, to) for at, _, to in inner}
    while True:
        more = {(a, d) for a, b in reach for c, d in reach if b == c} - reach
        if not more:
            return all((a, b) in reach for a in chosen for b in chosen)
        reach |= more


def is_fair(
    edges: list[list[Edge]],
    chosen: frozenset[int],
    inner: list[tuple[int, int, int]],
    asked: Rounds,
) -> bool:
    """Whether a scheduler may stay there for ever."""
    for thread in range(THREADS):
        can = [any(each == thread for each, _, _ in edges[at]) for at in chosen]
        taken = any(each == thread for _, each, _ in inner)
        if asked.weak >> thread & 1 and all(can) and not taken:
            return False
        if asked.strong >> thread & 1 and any(can) and not taken:
            return False
    return True


def by_reference(edges: list[list[Edge]], asked: Rounds) -> set[frozenset[int]]:
    """What the reference finds."""

    def queues(thread: int, state: tuple[int, ...]) -> bool:
        return any(q for each, _, q in edges[state[0]] if each == thread)

    return set(map(frozenset, graph_of(edges).fair(asked, queues)))


def compiled(edges: list[list[Edge]], asked: Rounds) -> set[frozenset[int]]:
    """What the compiled loop finds."""
    flat = [edge for each in edges for edge in each]
    numbers = rounds.fair(
        np.cumsum([0, *map(len, edges)]),
        np.array([to for _, to, _ in flat], np.int32),
        np.array([thread + 128 * queues for thread, _, queues in flat], np.uint8),
        np.frombuffer(asked.inside, np.uint8),
        np.uint64(asked.weak),
        np.uint64(asked.strong),
        -1 if asked.starved is None else asked.starved,
    )
    return {
        frozenset(np.flatnonzero(numbers == each).tolist()) for each in range(1, numbers.max() + 1)
    }


def differs(seed: int) -> str:
    """What is wrong on the graph of a seed; empty where nothing is."""
    edges, asked = drawn(seed)
    edges = queueing(edges)
    every = set(fair_sets(edges, asked))
    largest = {each for each in every if not any(each < other for other in every)}
    found = by_reference(edges, asked), compiled(edges, asked)
    return "" if found == (largest, largest) else f"seed {seed}: {edges} {asked}: {found} {largest}"


def test_fair_cycles_are_those_that_all_subsets_have() -> None:
    assert not [text for seed in range(400) if (text := differs(seed))]


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(range(400, 2_400), marks=pytest.mark.slow, id="two thousand"),
        pytest.param(range(2_400, 20_400), marks=pytest.mark.campaign, id="eighteen thousand"),
    ],
)
def test_fair_cycles_of_many_graphs_are_those_that_all_subsets_have(seeds: range) -> None:
    assert not next((text for seed in seeds if (text := differs(seed))), "")


def test_random_graphs_have_all_that_is_asked_for() -> None:
    """A comparison in which nothing is ever fair, or all is, would prove nothing."""
    kinds = set()
    for seed in range(400):
        edges, asked = drawn(seed)
        edges = queueing(edges)
        with_none = bool(set(fair_sets(edges, Rounds(asked.inside, 0, 0, asked.starved))))
        kinds.add((with_none, bool(by_reference(edges, asked)), asked.starved is None))
    assert kinds >= {(True, True, True), (True, False, True), (True, True, False)}


@pytest.mark.parametrize("planted", ["weak is none", "strong is weak"])
def test_a_scheduler_that_is_less_fair_is_noticed(planted: str) -> None:
    wrong = 0
    for seed in range(400):
        edges, asked = drawn(seed)
        edges = queueing(edges)
        less = {
            "weak is none": Rounds(asked.inside, 0, asked.strong, asked.starved),
            "strong is weak": Rounds(asked.inside, asked.weak | asked.strong, 0, asked.starved),
        }[planted]
        wrong += by_reference(edges, less) != by_reference(edges, asked)
    assert wrong > 5
