"""The cheapest path, found in arrays, is the one that is found by comparing whole paths."""

from array import array
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest

from locking.explore.compiled import cheapest as module
from locking.explore.compiled.cheapest import LayerEdges, cheapest
from locking.explore.graph import Graph, fewest_switches

THREADS = 3


class Layers(Graph):
    """A graph whose edges are given out a few at a time."""

    def layer_edges(self, layer: Any, beyond: Any) -> Iterator[LayerEdges]:
        """The steps between two layers, in pieces."""
        places = {int(at): place for place, at in enumerate(beyond)}
        found = [
            (place, places[target], *choice)
            for place, at in enumerate(layer.tolist())
            for choice, target in self.edges(at)
            if target in places
        ]
        for start in range(0, len(found), 3):
            yield LayerEdges(*np.array(found[start : start + 3], np.int64).T)


def layered(random: Random, depth: int) -> tuple[Layers, list[set[int]]]:
    """A random graph in layers, each state of which some edge leads to; and the layers."""
    layers = [[0]]
    for _ in range(depth):
        first = layers[-1][-1] + 1
        layers.append(list(range(first, first + random.randint(1, 4))))
    made = Layers(states=[(at,) for layer in layers for at in layer])
    beyond = {at: after for layer, after in pairwise(layers) for at in layer}
    for at in range(len(made.states)):
        choices = random.sample([(w, o) for w in range(THREADS) for o in range(2)], 4)
        for choice in sorted(choices) if at in beyond else ():
            made.threads.append(choice[0])
            made.outcomes.append(choice[1])
            made.targets.append(random.choice(beyond[at]))
        made.offsets.append(len(made.targets))
    made.depths = array("q", [level for level, layer in enumerate(layers) for _ in layer])
    reached = [{0}]
    for _ in range(depth):
        reached.append({to for at in reached[-1] for _, to in made.edges(at)})
    return made, reached


def differ(seed: int) -> bool:
    """Whether two ways to find the cheapest path of a random graph find different ones."""
    made, layers = layered(Random(seed), depth=1 + seed % 9)
    sorts = [np.array(sorted(layer), np.int64) for layer in layers]
    return cheapest(made, THREADS, sorts) != fewest_switches(made, layers)


def test_whole_paths_need_not_be_compared() -> None:
    assert not any(map(differ, range(100)))


def test_of_a_path_without_a_step_nothing_is_asked() -> None:
    made, _ = layered(Random(0), 0)
    assert cheapest(made, THREADS, [np.zeros(1, np.int64)]) == ()


def without_a_rank(field: str) -> Callable[..., Any]:
    """Ways that go on, without one of their ranks."""
    right = module.continued

    def wrong(*arguments: Any) -> Any:
        found = right(*arguments)
        return found._replace(**{field: np.zeros_like(found.states)})

    return wrong


@pytest.mark.parametrize("field", ["switches", "turns", "paths"])
def test_without_a_rank_another_path_is_found(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "continued", without_a_rank(field))
    assert any(map(differ, range(100)))
