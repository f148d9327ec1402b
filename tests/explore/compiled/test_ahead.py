"""Steps of a walk on disk lead to states of the next levels: those are found in memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from locking import Cell, System, Thread, forever
from locking.explore.compiled import ahead
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.ahead import NextLevels
from locking.explore.compiled.disk import DiskStore
from locking.explore.compiled.graph import Packed
from locking.explore.compiled.row_files import row_file
from tests.explore.compiled.test_disk import on_disk
from tests.explore.compiled.test_engine import product, shape

MOST = 1_000


def grid(threads: int = 3, steps: int = 5) -> System:
    """Threads that write to a cell each: no state is reached in two numbers of steps."""
    cells = [Cell(f"cell{at}", 0) for at in range(threads)]

    async def count_up(cell: Cell) -> None:
        for at in range(steps):
            await cell.write(at + 1)

    writers = [Thread(f"t{at}", count_up, (cell,)) for at, cell in enumerate(cells)]
    return System(cells, writers, [])


def circle() -> System:
    """A thread that goes round, beside one that ends: steps lead back as well."""
    turn, end = Cell("turn", 0), Cell("end", 0)

    async def go_round() -> None:
        for at in range(4):
            await turn.write(at)

    async def finish() -> None:
        for at in range(6):
            await end.write(at)

    threads = [Thread("round", forever, (go_round,), daemon=True), Thread("end", finish)]
    return System([turn, end], threads, [])


SYSTEMS: dict[str, Callable[[], System]] = {
    "grid": grid,
    "circle": circle,
    "shape": shape(2, 2),
}


@contextmanager
def looked_up() -> Iterator[list[int]]:
    """How many states each search of the sorted runs is for."""
    asked: list[int] = []
    numbers = DiskStore.numbers

    def counting(self: DiskStore, packed: Any, hashes: Any) -> Any:
        asked.append(len(packed))
        return numbers(self, packed, hashes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DiskStore, "numbers", counting)
        yield asked


def edges_of(build: Callable[[], System], capacity: int | None) -> tuple[list[Any], int | None]:
    """All edges, and how many runs there are; on disk with so much room, or in memory."""
    with nullcontext() if capacity is None else on_disk(8, 0, capacity):
        graph = compiled.explore(product(build()), lambda *_: None)
        assert isinstance(graph, Packed)
        assert isinstance(graph.store, DiskStore) == (capacity is not None)
        found = [to.tolist() for _, to in graph.store.edges(0, graph.explored)]
        return list(chain(*found)), graph.runs()


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("capacity", [1, 16, MOST])
def test_edges_lead_where_those_in_memory_do(name: str, capacity: int) -> None:
    assert edges_of(SYSTEMS[name], capacity) == edges_of(SYSTEMS[name], None)


def test_nothing_is_searched_for_where_all_is_one_level_on() -> None:
    with looked_up() as asked:
        edges_of(grid, MOST)
    assert sum(asked) == 0


def test_what_leads_back_is_searched_for() -> None:
    with looked_up() as asked:
        edges_of(circle, 16)
    assert sum(asked) > 0


@pytest.mark.parametrize("most", [0, 2, 3, 5, 100])
def test_no_more_states_are_in_memory_than_there_is_room_for(most: int) -> None:
    file = row_file(Path("/var/tmp"), np.uint64, 1)
    file.append(np.arange(20, dtype=np.uint64)[:, None])
    told = NextLevels(file, [1, 3, 6, 11, 16, 20], None, most)  # type: ignore[arg-type]
    for start in range(20):
        for stop in range(start + 1, 21):
            covered = told.covers(start, stop)
            assert told.last - told.first <= most
            if covered:
                levels = [1, 3, 6, 11, 16, 20]
                first = next(each for each in levels if each > start)
                end = next((each for each in levels if each > stop - 1), 20)
                beyond = levels[min(levels.index(end) + 1, 5)]
                assert told.first <= first
                assert beyond <= told.last


def one_off(self: NextLevels, *told: Any) -> Any:
    """Planted: the number of another state."""
    found = numbers(self, *told)
    return found if found is None else np.where(found >= 0, found - 1, found)


numbers = ahead.NextLevels.numbers


def test_a_planted_error_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = edges_of(grid, None)
    monkeypatch.setattr(NextLevels, "numbers", one_off)
    assert edges_of(grid, MOST) != right
