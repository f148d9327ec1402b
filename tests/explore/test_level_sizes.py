"""A watch knows the levels of a walk, whichever engine walks, and begins anew with another walk."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import pytest

from locking import Cell, Thread
from locking.check import LimitWatch
from locking.explore import automatic, reference
from locking.explore.compiled import engine as compiled
from locking.explore.graph import PERIOD
from locking.explore.level_sizes import LevelSizes
from locking.explore.product import Product
from locking.explore.room import Room
from locking.explore.search import Engine, search
from locking.verdicts import Limits
from tests.explore.cluster.test_sharded import in_shards
from tests.explore.compiled.test_disk import on_disk

WRITES = 4


def grid() -> Product:
    """Four threads that write so often to a cell of their own: (1 + WRITES) ** 4 states."""
    cells = [Cell(f"cell{n}", 0) for n in range(4)]

    async def up(cell: Cell) -> None:
        for value in range(1, 1 + WRITES):
            await cell.write(value)

    return Product(cells, [Thread(f"t{n}", up, (cell,)) for n, cell in enumerate(cells)])


def watch_of(levels: LevelSizes, states: int | None = None) -> LimitWatch:
    """A watch that keeps the levels, and ends a walk at more than so many states."""
    return LimitWatch(Limits(states), 0, None, Room(), levels)


WALKS: dict[str, tuple[Engine, Callable[[], AbstractContextManager[object]]]] = {
    "reference": (reference.explore, nullcontext),
    "compiled": (compiled.explore, nullcontext),
    "on disk": (compiled.explore, partial(on_disk, 500, 50)),
    "in shards": (compiled.explore, partial(in_shards, 2, after=50)),
    "where a shard is lost": (compiled.explore, partial(in_shards, 2, after=50, fails=30)),
}


@pytest.mark.parametrize("name", WALKS)
def test_the_levels_of_every_walk_are_those_of_its_graph(name: str) -> None:
    walk, within = WALKS[name]
    levels = LevelSizes()
    with within():
        graph = walk(grid(), watch_of(levels))
    assert len(graph.states) == (1 + WRITES) ** 4
    assert Counter(graph.depths) == dict(enumerate(levels.sizes))
    assert levels.before == 0


def test_a_walk_that_the_compiled_engine_takes_over_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automatic, "OUTGROWN", 200)
    levels = LevelSizes()
    graph = automatic.explore(grid(), watch_of(levels))
    assert graph.engine == "compiled"
    assert Counter(graph.depths) == dict(enumerate(levels.sizes))


def test_a_walk_that_is_begun_again_merged_begins_anew() -> None:
    levels = LevelSizes()
    graph = search(grid(), reference.explore, watch_of(levels), sooner=10)
    assert Counter(graph.depths) == dict(enumerate(levels.sizes))


def test_a_walk_that_goes_on_in_the_middle_of_a_level_has_what_was_met_as_its_first() -> None:
    product, levels = grid(), LevelSizes()
    states, depths, graph = reference.beginning(product)
    reference.go_on(product, watch_of(LevelSizes(), 400), graph, states, depths)
    gone, met = graph.explored, len(states)
    assert gone < met
    reference.go_on(product, watch_of(levels), graph, states, depths)
    assert 0 <= levels.before - gone < PERIOD
    assert levels.before + sum(levels.sizes) == len(states)


def test_a_smaller_walk_in_between_is_not_taken_for_the_same() -> None:
    levels = LevelSizes()
    for met, through in ((1, 0), (9, 1), (60, 9)):
        assert levels.end == through
        levels.end_level(met)
    levels.keep_up(20, 5)
    assert (levels.before, levels.sizes) == (5, [15])
