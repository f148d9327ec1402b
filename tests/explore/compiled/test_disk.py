"""A walk whose states are on disk is the walk in memory: number by number, path by path."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import factorial
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import locking.models.memory_hotplug as memory_hotplug
from locking import Cell, System, Thread, Verdict, catalogue
from locking.check import check
from locking.explore.compiled import engine as compiled
from locking.explore.compiled import (
    filed_store,
    rounds,
    sorted_rows,
    sorted_runs,
    spilling,
    store,
    walk,
)
from locking.explore.compiled.disk import DiskStore
from locking.explore.compiled.row_files import RowFile
from locking.explore.compiled.sorted_runs import SortedRuns
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import PackedTables
from locking.explore.graph import INTERRUPTED, Watch
from locking.explore.room import Room
from locking.models.textbook import starvation
from locking.verdicts import Limits, Options
from tests.explore.compare import merging_at_every_state
from tests.explore.compiled.test_engine import (
    as_lists,
    product,
    said,
    same_graphs,
    same_reports,
    shape,
)
from tests.explore.systems import Recipe, placements, programs
from tests.models.test_textbook import CASES
from tests.samples import some_by_default

EXAMPLES = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def on_disk(room: int = 8, after: int = 0, capacity: int = 1) -> Iterator[list[Store]]:
    """Walks have all states on disk from the state `after` on, in batches of some `room` targets.

    There is memory for a batch of `capacity` states. What is yielded gets the store of each walk.
    """
    made: list[Store] = []

    def moved(now: Store, _: Room) -> Store:
        if not isinstance(now, DiskStore) and now.numbered > after:
            now = DiskStore(now, Path("/tmp"), capacity)
            made.append(now)
        return now

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "in_room", moved)
        patch.setattr(store, "ROOM", room)
        patch.setattr(filed_store, "STRETCH", 7)
        patch.setattr(DiskStore, "refuse_large", lambda *_: None)
        patch.setattr(sorted_runs, "FENCE", 3)
        patch.setattr(sorted_runs, "FENCES", 2)
        yield made


@pytest.mark.parametrize("batch", some_by_default([(8, 20), (1, 0), (100, 0)], 3), ids=str)
def test_a_walk_on_disk_numbers_as_one_in_memory_does(batch):
    with on_disk(*batch) as made:
        same_graphs(shape(2, 2), minimise=False)
        same_graphs(shape(2, 2), minimise=True)
    assert len(made) >= 2
    assert all(each.numbered == each.runs.length for each in made)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_every_textbook_model_is_judged_alike(model, scenario):
    with on_disk() as made:
        same_reports(model.case(scenario, None))
    assert made


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["classics", "kernel_bugs", "kernel_locks", "locks"])
def test_every_small_model_is_judged_alike(folder):
    options, judged = Options(engine="compiled", limits=Limits(states=3_000)), 0
    for model in catalogue.models(folder):
        for scenario in model.scenarios:
            case = model.case(scenario.name, next(iter(model.placements), None))
            found = check(case, options=options)
            if found.cause is None:
                with on_disk(1_000):
                    assert said(check(case, options=options)) == said(found)
                judged += 1
    assert judged > 5


@pytest.mark.slow
@pytest.mark.parametrize("minimise", [True, False], ids=["merged", "unmerged"])
@pytest.mark.parametrize(
    "placement", memory_hotplug.MODEL.placements[:4], ids=lambda each: each.name
)
def test_memory_hotplug_is_judged_alike(placement, minimise):
    with on_disk(2_000):
        case = memory_hotplug.MODEL.case("add-vs-remove", placement)
        same_reports(case, minimise=minimise)


def compared(placed: AbstractContextManager[Any], recipe: Recipe, merging: int | None) -> None:
    """A random system has the same graph if its states are `placed` elsewhere than in memory.

    Threads are merged from state `merging` on. Errors: `AssertionError`.
    """
    early = nullcontext() if merging is None else merging_at_every_state()
    with placed, early, pytest.MonkeyPatch.context() as patch:
        if merging:
            patch.setattr("locking.explore.search.FIRST_STOP", merging)
        same_graphs(lambda: recipe.build()[0], minimise=merging is not None)


RANDOM = st.one_of(programs(), placements()), st.sampled_from([None, 0, 3, 20]), st.integers(0, 9)


@pytest.mark.slow
@settings(EXAMPLES, max_examples=300)
@given(*RANDOM)
def test_many_random_systems_have_the_same_graph(recipe, merging, after):
    compared(on_disk(4, after), recipe, merging)


def walk_with_little_memory() -> tuple[bool, int, int, int, int, bool]:
    """A walk that may have 30 MiB more than this process: how it went, and what it came to."""
    with on_disk():
        compiled.explore(product(grid(2, 3)), lambda *_: None)  # all code is in memory then
    used = psutil.Process().memory_info().rss
    watch = MemoryWatch(int((used + 30 * 2**20) / spilling.USED))
    graph = compiled.explore(product(grid(5, 8)), watch)
    return (
        isinstance(graph.store, DiskStore),
        graph.on_disk,
        len(graph.states),
        graph.transitions,
        graph.depth,
        watch.most < (watch.room.memory or 0),
    )


@pytest.mark.slow
def test_a_walk_goes_to_disk_by_itself_before_it_has_the_memory_that_it_may_have():
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:  # it has no memory left from others
        went, on_disk, states, *rest = fresh.submit(walk_with_little_memory).result()
    assert went
    assert on_disk > 20 * states
    assert (states, *rest) == (6**8, 40 * 6**7, 40, True)


class MemoryWatch:
    """A watch that notes the `most` memory that was used; a walk may have `memory`."""

    def __init__(self, memory: int) -> None:
        self.room, self.most = Room(memory), 0

    def __call__(self, *_: int) -> None:
        self.most = max(self.most, psutil.Process().memory_info().rss)


def grid(steps: int, threads: int) -> System:
    """Threads that write to cells of their own: `(steps + 1) ** threads` states."""
    cells = [Cell(f"c{at}", 0) for at in range(threads)]

    async def go(cell: Cell) -> None:
        for at in range(steps):
            await cell.write(at + 1)

    return System(cells, [Thread(each.name, go, (each,)) for each in cells], [])


@pytest.mark.parametrize(
    ("memory", "growth", "moves"),
    [(None, 100, False), (1_000, 100, False), (999, 100, True), (1, 0, False)],
)
def test_states_go_to_disk_if_what_the_next_chunk_may_take_is_too_much(
    tmp_path, monkeypatch, memory, growth, moves
):
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=800))
    monkeypatch.setattr(spilling, "psutil", SimpleNamespace(Process=lambda: process))
    monkeypatch.setattr(Store, "growth", growth)
    now = Store(PackedTables(product(shape(2, 2)())), 1)
    found = spilling.in_room(now, Room(memory, str(tmp_path)))
    assert (isinstance(found, DiskStore), found is now) == (moves, not moves)
    assert not list(tmp_path.iterdir())  # its files have no names


def test_edges_are_looked_up_once_to_count_runs_of_any_number(monkeypatch):
    lookups, looked_up = DiskStore.numbers, []

    def counted(store, packed, hashes):
        looked_up.append(len(packed))
        return lookups(store, packed, hashes)

    with on_disk(1_000):
        graph = compiled.explore(product(grid(35, 2)), lambda *_: None)
        monkeypatch.setattr(DiskStore, "numbers", counted)
        monkeypatch.setattr(DiskStore, "levels", property(lambda _: (), lambda *_: None))
        assert graph.runs() == factorial(70) // factorial(35) ** 2 > 2**64
    assert sum(looked_up) == graph.transitions


COMPILED = Options(engine="compiled")
REFUSE_LARGE = DiskStore.refuse_large


def test_what_takes_more_memory_than_a_batch_is_unknown_and_says_why(monkeypatch):
    monkeypatch.setattr(rounds, "BYTES_OF_ONE", 2**40)
    with on_disk():
        monkeypatch.setattr(DiskStore, "refuse_large", REFUSE_LARGE)
        case = starvation.MODEL.case("readers-pass", None)
        report = check(case, ["served"], COMPILED)
    (result,) = report.results
    assert result.verdict is Verdict.UNKNOWN
    assert "of 9 states on disk, this takes 9,437,184 MiB of memory" in str(result.cause)


def test_interleavings_are_not_counted_if_the_disk_has_no_room_for_edges(monkeypatch):
    array = DiskStore.array

    def small(self: DiskStore, length: int, kind: Any) -> Any:
        monkeypatch.setattr(filed_store, "has_room", lambda *_: False)
        return array(self, length, kind)

    monkeypatch.setattr(DiskStore, "array", small)
    with on_disk():
        report = check(starvation.MODEL.case("readers-pass", None), ["served"], COMPILED)
    assert (report.counted, report.interleavings) == (False, None)
    assert [each.verdict for each in report.results] == [Verdict.UNKNOWN]
    assert "of 9 states on disk, this takes 0 MiB of disk" in str(report.results[0].cause)


def stopped(watch: Watch) -> list[Any]:
    """All that a walk says that `watch` ends, whose states are on disk."""
    with on_disk():
        return as_lists(compiled.explore(product(shape(2, 2)()), watch, 2))


@pytest.mark.parametrize("most", some_by_default([20, 1, 5], 3))
def test_a_walk_that_is_interrupted_has_what_was_met_before(most):
    begun = []

    def watch(met: int, through: int) -> None:
        begun.append((met, through))
        if len(begun) > most:
            raise KeyboardInterrupt

    states, _, _, _, explored, *_, cause = stopped(watch)
    whole = as_lists(compiled.explore(product(shape(2, 2)()), lambda *_: None, 2))
    assert cause == INTERRUPTED
    assert (len(states), explored) <= begun[-1]
    assert states == whole[0][: len(states)]


def test_a_full_disk_ends_a_walk_with_what_was_met_before(monkeypatch):
    monkeypatch.setattr(filed_store, "has_room", lambda _, size: size < 10_000)
    numbers = SortedRuns.numbers
    asked = []

    def fewer(runs, rows):
        asked.append(rows)
        if len(asked) == 9:
            monkeypatch.setattr(filed_store, "has_room", lambda *_: False)
        return numbers(runs, rows)

    monkeypatch.setattr(SortedRuns, "numbers", fewer)
    states, *_, cause = stopped(lambda *_: None)
    assert cause == "less than 1,024 MiB left on the disk"
    assert (
        states
        == as_lists(compiled.explore(product(shape(2, 2)()), lambda *_: None))[0][: len(states)]
    )
    assert len(states) > 1


def test_an_error_of_the_disk_ends_a_walk_with_what_was_met_before(monkeypatch):
    append = RowFile.append
    calls = []

    def failing(rows, more):
        calls.append(more)
        if len(calls) == 40:
            raise OSError(5, "Input/output error")
        append(rows, more)

    monkeypatch.setattr(RowFile, "append", failing)
    states, *_, cause = stopped(lambda *_: None)
    assert cause == "no more can be written to the disk: Input/output error"
    assert len(states) > 1


NUMBER_ALL, NEXT_LEVEL, NUMBERS = DiskStore.number_all, DiskStore.next_level, SortedRuns.numbers


def batch_lost(self):
    """Every third batch is dropped."""
    self.lost = getattr(self, "lost", 0) + bool(self.met)
    if self.met and self.lost % 3 == 0:
        self.empty_batch()
    NUMBER_ALL(self)


def run_forgotten(self, rows):
    """What the oldest of some runs has is taken for new."""
    runs = self.runs
    self.runs = runs[1:] if len(runs) > 1 else runs
    try:
        return NUMBERS(self, rows)
    finally:
        self.runs = runs


def unsorted(rows):
    """Rows as they came."""
    return sorted_rows.np.arange(len(rows))


def masks_lost(self):
    """Masks of the level before go on to be those of this one."""
    self.level = self.level[1], self.numbered


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "name", "planted"),
    [
        (DiskStore, "number_all", batch_lost),
        (DiskStore, "next_level", masks_lost),
        (SortedRuns, "numbers", run_forgotten),
        (sorted_rows, "sorting", unsorted),
    ],
    ids=[
        "a batch is lost",
        "masks are of another level",
        "a duplicate is kept",
        "nothing is sorted",
    ],
)
def test_a_planted_mistake_is_found(monkeypatch, owner, name, planted):
    monkeypatch.setattr(owner, name, planted)
    with pytest.raises((AssertionError, LookupError, OSError, ValueError)), on_disk(1):
        same_graphs(shape(2, 2), minimise=False)
