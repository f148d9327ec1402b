"""The compiled engine walks under a partial order as the reference engine does, edge by edge."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from locking import Cell, Mutex, System, Thread, atomic, deadlock_free, never
from locking.catalogue import model
from locking.check import check
from locking.errors import LockingError, ModelError
from locking.explore import automatic, reference
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.independence_rows import IndependenceRows
from locking.explore.compiled.kernel import Table
from locking.explore.compiled.lean_graph import PackedLean
from locking.explore.compiled.lean_store import LeanStore
from locking.explore.compiled.lean_tables import LeanTables
from locking.explore.compiled.lean_walking import INVISIBLE
from locking.explore.deadline import OutOfTime
from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.reduction.levels import Level, ReducedSpace
from locking.explore.reduction.partial_order import PartialOrder
from locking.explore.reduction.quotient_graph import quotient_graph
from locking.explore.search import Engine
from locking.model import Case
from locking.verdicts import Options
from tests.bench.everyday import MODELS
from tests.explore.compare import case_of, merging_at_every_state
from tests.explore.compiled.test_engine import said
from tests.explore.compiled.test_quotients import compare_answers
from tests.explore.copies import SYSTEMS
from tests.explore.reduction.test_reductions import TEXTBOOK
from tests.samples import seeds

Build = Callable[[], System]

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def with_workers(workers: int) -> Engine:
    """The compiled engine with so many workers."""
    return lambda product, watch: compiled.explore(product, watch, workers)


def walked(system: System, engine: Engine, watch: Watch, *, look: bool) -> tuple[Any, Any]:
    """What `engine` finds of `system`, with its product; if they `look`, at races and an object."""
    space = ReducedSpace(Level(lean=True), system.parts, watch, engine)
    space.races = look
    space.visible = {(len(system.threads), None): None} if look else {}
    return space.explore()


def walked_once(system: System, engine: Engine, watch: Watch, *, look: bool) -> tuple[Any, Any]:
    """What a walk finds when it is not known yet what threads do: not the last one, as a rule."""
    pairs = combinations(range(len(system.threads)), 2)
    product = PartialOrder(*system.parts, frozenset(pairs))
    product.races = look
    product.visible = {(len(system.threads), None): None} if look else {}
    return product, quotient_graph(engine(product, watch), product)


def same_walks(
    build: Build,
    *,
    look: bool = False,
    workers: int = 2,
    watch: Watch = lambda *_: None,
    walk: Callable[..., tuple[Any, Any]] = walked,
) -> PackedLean:
    """Both engines take the same steps to the same states, and learn the same.

    Errors: `AssertionError`; `ModelError` if the model is refused.
    """
    (mine, packed), (theirs, plain) = (
        walk(build(), engine, watch, look=look)
        for engine in (with_workers(workers), reference.explore)
    )
    assert isinstance(packed, PackedLean)
    # before edges are asked for: the reference engine goes on at once again, by what it knows now
    assert (packed.cause, mine.grew, mine.between) == (plain.cause, theirs.grew, theirs.between)
    assert mine.spared == theirs.spared
    assert list(packed.states) == list(plain.states)
    assert list(packed.depths) == list(plain.depths)
    for at in range(len(plain.states)):
        assert list(packed.edges(at)) == list(plain.edges(at))
        assert list(packed.permuted_edges(at)) == list(plain.permuted_edges(at))
    assert (packed.explored, packed.transitions) == (plain.explored, plain.transitions)
    assert (packed.runs(), list(packed.ends())) == (plain.runs(), list(plain.ends()))
    compare_answers(mine, packed, theirs, plain)
    compare_passes(packed, plain)
    return packed


def compare_passes(packed: Graph, plain: Graph) -> None:
    """What is found along the edges. Errors: `AssertionError`."""
    last = len(plain.states) - 1
    for level in range(plain.depth):
        goals = {last, last // 2}
        assert list(packed.before(goals, level)) == sorted(plain.before(goals, level))
    assert packed.hopeless([last]) == plain.hopeless([last])
    inside = bytearray(at % 5 != 3 for at in range(last + 1))
    assert packed.reached(inside) == plain.reached(inside)
    assert (packed.order() is None) == (plain.order() is None)


def algorithm(name: str, threads: int) -> Case:
    """One of those that the benchmark of other tools has."""
    return model(str(MODELS / "algorithms.py")).case(name, None, {"threads": str(threads)})


def writers(threads: int, words: int, values: int = 3) -> Build:
    """Threads that write shared words, under a lock and without."""

    def build() -> System:
        lock, own = Mutex("lock"), [Cell(f"own-{at}", 0) for at in range(threads)]
        shared = [Cell(f"word-{at}", 0) for at in range(words)]

        async def write(mine: Cell) -> None:
            for value in range(1, values):
                await mine.WRITE_ONCE(value)
            async with lock.hold():
                for cell in shared:
                    await cell.write(await cell.read() + 1)

        return System(
            [lock, *shared, *own],
            [Thread(f"t{at}", write, (own[at],)) for at in range(threads)],
            [deadlock_free(), never("never", lambda s: s[shared[0]] > threads)],
        )

    return build


def blocks() -> System:
    """An atomic block looks at ever more, one step after the other; so fewer are independent."""
    gate, far, word = Cell("gate", 0), Cell("far", 0), Cell("word", 0)

    async def look() -> None:
        for _ in range(2):
            async with atomic():
                if await gate.READ_ONCE():
                    await far.WRITE_ONCE(await far.READ_ONCE() + 1)

    async def open_gate() -> None:
        await word.WRITE_ONCE(1)
        await word.WRITE_ONCE(2)
        await gate.WRITE_ONCE(1)

    async def read() -> None:
        for _ in range(3):
            await far.READ_ONCE()

    return System(
        [gate, far, word],
        [Thread("a", look), Thread("b", open_gate), Thread("c", read)],
        [deadlock_free()],
    )


@contextmanager
def learning_late() -> Iterator[None]:
    """Nothing is rehearsed, and what a walk learns is used soon: so sets are decided anew in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("locking.explore.reduction.levels.rehearse", lambda _: None)
        patch.setattr("locking.explore.reduction.partial_order.MOST_TRIED", 3)
        yield


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize(
    ("name", "threads"), [("ticket", 3), ("philosophers", 4), ("readers-writers", 2)]
)
def test_algorithms_have_the_same_walk(name: str, threads: int, look: bool) -> None:
    packed = same_walks(algorithm(name, threads).build, look=look)
    assert packed.engine == "compiled"


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(("name", "threads"), [("ticket", 5), ("philosophers", 7), ("mcs", 3)])
def test_larger_algorithms_have_the_same_walk(name: str, threads: int, workers: int) -> None:
    assert len(same_walks(algorithm(name, threads).build, workers=workers).states) > 400


def test_a_block_that_looks_at_more_is_independent_of_less() -> None:
    same_walks(blocks)
    with learning_late():
        same_walks(blocks, walk=walked_once)


def test_a_state_of_several_words_is_walked() -> None:
    packed = same_walks(writers(3, 40))
    assert packed.tables.layout.words > 1


def test_more_threads_than_a_word_has_bits_are_walked() -> None:
    """Most of them do nothing that another depends on."""

    def build() -> System:
        cells = [Cell(f"c{at}", 0) for at in range(66)]

        async def write(mine: Cell) -> None:
            await mine.WRITE_ONCE(1)
            await mine.READ_ONCE()

        owners = (*range(66), 3, 3)  # three share one cell
        threads = [Thread(f"t{at}", write, (cells[own],)) for at, own in enumerate(owners)]
        return System(cells, threads, [])

    assert len(same_walks(build).states) > 1


def test_a_walk_of_one_state_is_walked() -> None:
    async def nothing() -> None:
        pass

    assert len(same_walks(lambda: System([], [Thread("t", nothing)], [])).states) == 1


@pytest.mark.parametrize("most", [1, 2, 50, 300])
def test_a_limit_ends_a_walk_at_the_same_state(most: int) -> None:
    """Whoever looks at every chunk ends it where one ends in the compiled engine."""
    ended: list[int] = []

    def first(met: int, through: int) -> str | None:
        ended.append(through)
        return "too many" if met > most else None

    build = algorithm("philosophers", 6).build
    space = ReducedSpace(Level(lean=True), build().parts, first, with_workers(2))
    assert space.explore()[1].cause == "too many"
    at = ended[-1]
    packed = same_walks(build, watch=lambda _, through: "late" if through >= at else None)
    assert (packed.explored, packed.cause) == (at, "late")


@pytest.mark.parametrize(
    ("error", "cause"), [(KeyboardInterrupt(), INTERRUPTED), (OutOfTime("late"), "late")]
)
def test_what_ends_a_walk_leaves_whole_states(
    error: BaseException, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the product is asked, and while steps are kept: the rest is as it was."""
    whole = walked(writers(4, 2)(), reference.explore, lambda *_: None, look=False)[1]
    for name, after in [("moves", 3), ("choices", 3)]:
        calls = iter(range(after))
        plain = getattr(LeanTables, name)

        def ends(self: LeanTables, *told: Any, calls: Any = calls, plain: Any = plain) -> Any:
            if next(calls, None) is None:
                raise error
            return plain(self, *told)

        with monkeypatch.context() as patch:
            patch.setattr(LeanTables, name, ends)
            patch.setattr("locking.explore.reduction.levels.search", unmerged)
            _, graph = walked(writers(4, 2)(), with_workers(2), lambda *_: None, look=False)
        assert graph.cause == cause
        assert 0 < graph.explored < whole.explored
        assert graph.transitions == sum(len(list(graph.edges(at))) for at in range(graph.explored))
        assert max(to for at in range(graph.explored) for _, to in graph.edges(at)) < len(
            graph.states
        )


def unmerged(product: Any, engine: Engine, watch: Watch, **_: Any) -> Graph:
    """A search that is one walk."""
    return engine(product, watch)


def nothing_expanded(expanding: Callable[..., Any]) -> Callable[..., Any]:
    """The walk looks for states that were expanded in an empty table."""

    def wrong(self: LeanStore, *told: Any) -> Any:
        call = list(expanding(self, *told))
        call[3] = Table(np.zeros(16, np.uint32), 1, 1)
        return tuple(call)

    return wrong


def always_clear(self: IndependenceRows, thread: int, place: int, other: int) -> None:
    """A step is independent of all that others do."""
    row, places = self.row(thread, place), len(self.product.automata[other].members)
    self.first[row, other] = 1 + self.begin_of(frozenset(range(places)))
    self.width[row, other] = places


def never_seen(self: LeanTables, step: int, key: tuple[int, int, int]) -> None:
    """A step that was asked for is invisible."""
    if key in self.product.visibility:
        self.seen[step] = INVISIBLE


MUTANTS: dict[str, tuple[type, str, Callable[[Any], Any]]] = {
    "the proviso is forgotten": (LeanStore, "expanding", nothing_expanded),
    "the product forgets the proviso": (LeanStore, "__contains__", lambda _: lambda *_: False),
    "every step is independent": (IndependenceRows, "enter", lambda _: always_clear),
    "every step is invisible": (LeanTables, "see", lambda _: never_seen),
    "what a property looks at is dropped": (
        LeanTables,
        "is_always_seen",
        lambda _: lambda *_: False,
    ),
    "what a block looks at is read once": (
        IndependenceRows,
        "arrive",
        lambda arrive: (
            lambda self, thread, place: (
                None if self.at[thread, place] else arrive(self, thread, place)
            )
        ),
    ),
    "what is learned is never used": (LeanTables, "keep_up", lambda _: lambda *_: None),
}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_error_is_found(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 200 random systems."""
    kind, name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(kind, name, wrong(getattr(kind, name)))

    @settings(EXAMPLES, max_examples=200, phases=[Phase.generate])
    @given(SYSTEMS)
    def agrees(recipe: Any) -> None:
        agree(recipe)

    with pytest.raises(Exception):  # noqa: B017 - a wrong table may break whatever reads it
        same_walks(blocks)
        with learning_late():
            same_walks(blocks, walk=walked_once)
        agrees()


def agree(recipe: Any) -> None:
    """Both engines take the same walk of a random system, also where it is made again and again."""
    for look in (False, True):
        try:
            same_walks(lambda: recipe.build()[0], look=look)
            with learning_late():
                same_walks(lambda: recipe.build()[0], look=look, walk=walked_once)
                with merging_at_every_state():
                    same_walks(lambda: recipe.build()[0], look=look)
        except ModelError:
            return


@settings(EXAMPLES, max_examples=4)
@given(SYSTEMS)
def test_random_systems_have_the_same_walk(recipe: Any) -> None:
    agree(recipe)


@pytest.mark.parametrize("number", seeds(20))
def test_more_random_systems_have_the_same_walk(number: int) -> None:
    @seed(number)
    @settings(EXAMPLES, derandomize=False, max_examples=100, phases=[Phase.generate, Phase.shrink])
    @given(SYSTEMS)
    def agrees(recipe: Any) -> None:
        agree(recipe)

    agrees()


def same_reports(case: Case) -> None:
    """Both engines lead to the same report. Errors: `AssertionError`."""
    found = []
    for name in ("reference", "compiled"):
        try:
            report = check(case, options=Options(engine=name, reduction="partial-order"))
            found.append(said(report))
        except LockingError as error:
            found.append([str(error)])
    assert found[0] == found[1]


@pytest.mark.parametrize(("name", "scenario"), TEXTBOOK)
def test_textbook_models_have_the_same_report(name: str, scenario: str) -> None:
    same_reports(model(f"textbook.{name}").case(scenario, None))


@pytest.mark.slow
def test_random_systems_have_the_same_report() -> None:
    @settings(EXAMPLES, max_examples=100, phases=[Phase.generate])
    @given(SYSTEMS)
    def agrees(recipe: Any) -> None:
        same_reports(case_of(recipe.build()[0]))

    agrees()


def test_a_large_walk_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    build = algorithm("philosophers", 4).build
    engines = []
    for most in (10, 10_000):
        monkeypatch.setattr(automatic, "OUTGROWN_LEAN", most)
        engines.append(walked(build(), automatic.explore, lambda *_: None, look=False)[1].engine)
    assert engines == ["compiled", "reference"]


def test_copies_under_a_partial_order_are_walked_by_the_reference_engine() -> None:
    start = algorithm("ticket", 3).build().parts
    space = ReducedSpace(Level(folded=True, lean=True), start, lambda *_: None, with_workers(1))
    quotient, graph = space.explore()
    assert quotient.pairs
    assert graph.engine == "reference"
