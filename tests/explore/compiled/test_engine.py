"""The compiled engine returns what the reference engine returns, number by number."""

import inspect
import sys
from collections.abc import Callable
from math import comb
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import locking.models.memory_hotplug as memory_hotplug
from locking import (
    Cell,
    Fairness,
    RwSem,
    Spinlock,
    System,
    Thread,
    Verdict,
    assertions,
    atomic,
    choose,
    no_misuse,
)
from locking.check import check
from locking.errors import UsageError
from locking.explore import automatic, reference
from locking.explore.compiled import engine as compiled
from locking.explore.compiled import graph as graphs
from locking.explore.compiled import hashing, kernel, rounds, run_counts, store, walking
from locking.explore.compiled.kernel import Table
from locking.explore.compiled.layout import bit_layout
from locking.explore.compiled.tables import PackedTables
from locking.explore.graph import INTERRUPTED, Graph, shortest
from locking.explore.product import Product
from locking.explore.search import engine, search
from locking.models.textbook import hotplug_shape
from locking.verdicts import Limits, Options, Report
from tests.explore.compare import case_of, merging_at_every_state
from tests.explore.systems import Recipe, placements, programs
from tests.models.test_textbook import CASES
from tests.samples import some_by_default

Build = Callable[[], System]


def product(system: System) -> Product:
    """The product of `system`, nothing of it known."""
    return Product(system.objects, system.threads)


def as_lists(graph: Graph) -> list[Any]:
    """All that a graph says."""
    return [
        list(graph.states),
        list(graph.depths),
        [list(graph.edges(at)) for at in range(len(graph.states))],
        list(graph.ends()),
        graph.explored,
        graph.transitions,
        graph.depth,
        graph.runs(),
        graph.cause,
    ]


def same_graphs(build: Build, *, minimise: bool, workers: int = 2) -> None:
    """Both engines number the same states and edges, in the same order.

    Errors: `AssertionError`.
    """
    engines = (
        reference.explore,
        lambda asked, watch: compiled.explore(asked, watch, workers),
    )
    products = [product(build()) for _ in engines]
    found = [
        search(asked, each, lambda *_: None, minimise=minimise)
        for asked, each in zip(products, engines, strict=True)
    ]
    assert [graph.engine for graph in found] == ["reference", "compiled"]
    assert list(found[0].states) == list(found[1].states)  # or edges lead to nowhere
    assert as_lists(found[0]) == as_lists(found[1])
    threads = range(len(build().threads))
    for slot in threads:
        assert found[0].values(slot) == found[1].values(slot)
    ended = [{state[thread] for state in list(found[0].states)[-2:]} for thread in threads]
    for thread in threads:
        stuck = [
            graph.stuck(1 << thread, ended, {0}, asked.queues)
            for asked, graph in zip(products, found, strict=True)
        ]
        assert stuck[0] == stuck[1]
    last = len(found[0].states) - 1
    for level in range(found[0].depth):
        assert found[0].before({last, last // 2}, level) == set(
            found[1].before({last, last // 2}, level)
        )
    for depth in {found[0].depth, found[0].depth // 2}:
        goals = {at for at in range(last + 1) if found[0].depths[at] == depth}
        assert shortest(found[0], goals) == shortest(found[1], goals)


def test_more_states_may_be_met_than_were_gone_through():
    """Python would refuse to write past the end of an array, as machine code does not."""
    inside, found = np.ones(9, np.uint8), np.zeros(9, np.uint8)
    offsets, targets = np.array([0, 8]), np.arange(1, 9)
    rounds.reach.py_func(offsets, targets, inside, found)
    assert found.tolist() == [1] * 9


def said(report: Report) -> list[Any]:
    """What a report says, but for time and engine."""
    return [
        report.states,
        report.transitions,
        report.depth,
        report.interleavings,
        report.cause,
        sorted((code.co_name, line) for code, line in report.lines),
        [(each.verdict, each.at_once, each.choices, each.path) for each in report.results],
    ]


def same_reports(case: Any, *, minimise: bool = True, **options: Any) -> None:
    """Both engines lead to the same report. Errors: `AssertionError`."""
    reduction = "merge" if minimise else "none"
    found = [
        check(case, options=Options(engine=name, reduction=reduction, **options))
        for name in ("reference", "compiled")
    ]
    assert [report.engine for report in found] == ["reference", "compiled"]
    assert said(found[0]) == said(found[1])


@pytest.mark.parametrize("minimise", some_by_default([True, False], 2), ids=["merged", "unmerged"])
@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_every_textbook_model_has_the_same_graph_and_report(model, scenario, minimise):
    case = model.case(scenario, None)
    same_graphs(case.build, minimise=minimise)
    same_reports(case, minimise=minimise)


@pytest.mark.parametrize(
    "placement",
    some_by_default(memory_hotplug.MODEL.placements[:4], 2),
    ids=lambda each: str(each.name),
)
@pytest.mark.parametrize("minimise", [True, False], ids=["merged", "unmerged"])
def test_memory_hotplug_has_the_same_report(placement, minimise):
    same_reports(memory_hotplug.MODEL.case("add-vs-remove", placement), minimise=minimise)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_how_many_workers_there_are_makes_no_difference(workers, monkeypatch):
    monkeypatch.setattr(store, "FEW_ROWS", 1)
    same_graphs(shape(3, 2), minimise=False, workers=workers)


def test_what_is_learned_is_learned_in_one_order(monkeypatch):
    """Also where a worker comes to more than it can ask for at once: numbers are the same."""
    monkeypatch.setattr(store, "FEW_ROWS", 1)
    monkeypatch.setattr(store, "LACKING", 1)
    found = []
    for workers in (1, 3):
        asked = product(wide())
        compiled.explore(asked, lambda *_: None, workers)
        found.append([asked.values, [automaton.members for automaton in asked.automata]])
    assert found[0] == found[1]


def shape(threads: int, pages: int) -> Build:
    """The hotplug-shaped program of this size."""
    scope = {"threads": str(threads), "pages": str(pages)}
    return hotplug_shape.MODEL.case("only", None, scope).build


def wide() -> System:
    """States that one word does not hold, with a choice, a queue, a block and a misuse in it."""
    cells = [Cell(f"c{at}", 0) for at in range(7)]
    lock, spin = RwSem("r", Fairness.FIFO), Spinlock("s")

    async def work(me: int) -> None:
        value = await choose(*range(3))
        async with lock.write():
            await cells[me].write(value)
        async with atomic():
            await cells[3].write(value)
            await cells[4 + me].write(value)
        for cell in cells[5:]:
            await cell.READ_ONCE()
        if value == 2:
            await spin.spin_unlock()

    return System(
        [lock, spin, *cells], [Thread("a", work, (0,)), Thread("b", work, (1,))], [no_misuse()]
    )


@pytest.mark.parametrize("word", [16, 24, 64])
def test_states_of_several_words_are_the_same(word, monkeypatch):
    monkeypatch.setattr("locking.explore.compiled.layout.WORD_BITS", word)
    same_graphs(wide, minimise=False)
    same_reports(case_of(wide()))
    assert bit_layout([2**12] * 3).words == {16: 3, 24: 2, 64: 1}[word]


RECIPES = st.one_of(programs(), programs(), placements())
EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@settings(EXAMPLES, max_examples=5)
@given(RECIPES)
def test_random_systems_have_the_same_graph_and_report(recipe: Recipe) -> None:
    same_everywhere(recipe)


@pytest.mark.slow
@settings(EXAMPLES, derandomize=False, max_examples=300)
@given(RECIPES)
def test_many_random_systems_have_the_same_graph_and_report(recipe: Recipe) -> None:
    same_everywhere(recipe)


@pytest.mark.campaign
@settings(EXAMPLES, max_examples=20_000)
@given(RECIPES)
def test_twenty_thousand_random_systems_have_the_same_graph_and_report(recipe: Recipe) -> None:
    same_everywhere(recipe)


def same_everywhere(recipe: Recipe) -> None:
    """Both engines agree on a random system, merged or not, and in words that are short."""
    build = lambda: recipe.build()[0]  # noqa: E731
    for minimise in (False, True):
        same_graphs(build, minimise=minimise)
        same_reports(case_of(build()), minimise=minimise)
    with merging_at_every_state(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("locking.explore.compiled.layout.WORD_BITS", 12)
        same_graphs(build, minimise=False)


def apart(writes: int) -> Callable[[], System]:
    """Two threads that read and write a cell each, so often."""

    async def work(cell: Cell) -> None:
        for _ in range(writes):
            await cell.write(1 - await cell.read())

    cells = [Cell("x", 0), Cell("y", 0)]
    return lambda: System(cells, [Thread(f"t{each.name}", work, (each,)) for each in cells], [])


@pytest.mark.parametrize("words", [1, 2, 4])
def test_runs_of_any_number_are_counted_where_every_step_leads_on(words, monkeypatch):
    """There are more than three words of 64 bits hold."""
    monkeypatch.setattr(run_counts, "FIRST_WORDS", words)
    graph = compiled.explore(product(apart(52)()), lambda *_: None)
    assert graph.runs() == comb(208, 104) > 2**192


def test_runs_of_any_number_are_counted_where_a_step_leads_back(monkeypatch):
    monkeypatch.setattr(graphs, "runs_ahead", lambda *_: None)
    graph = compiled.explore(product(apart(40)()), lambda *_: None)
    assert graph.runs() == comb(160, 80) > 2**64


@pytest.mark.parametrize("when", [0, 1, 3, 9])
def test_ctrl_c_leaves_whole_states_only(when):
    calls = iter(range(1_000))

    def watch(*_: int) -> None:
        if next(calls) == when:
            raise KeyboardInterrupt

    full = reference.explore(product(shape(3, 1)()), lambda *_: None)
    graph = compiled.explore(product(shape(3, 1)()), watch, 2)
    assert graph.cause == INTERRUPTED
    assert list(graph.states) == list(full.states)[: len(graph.states)]
    for at in range(graph.explored):
        assert list(graph.edges(at)) == list(full.edges(at))


def test_a_limit_is_unknown_and_not_a_pass():
    case = hotplug_shape.MODEL.case("only", None, {"threads": "3", "pages": "2"})
    limits = Limits(states=300)
    report = check(case, options=Options(engine="compiled", reduction="none", limits=limits))
    assert report.cause == "more than 300 states"
    assert Verdict.HOLDS not in {each.verdict for each in report.results if not each.claim.wanted}


def test_a_search_that_outgrows_the_reference_engine_is_taken_over(monkeypatch):
    monkeypatch.setattr(automatic, "OUTGROWN", 300)
    case = hotplug_shape.MODEL.case("only", None, {"threads": "3", "pages": "2"})
    small, large = (check(case, options=Options(reduction=each)) for each in ("merge", "none"))
    assert (small.engine, large.engine) == ("compiled", "compiled")
    monkeypatch.setattr(automatic, "OUTGROWN", 3_000)
    again = check(case, options=Options(reduction="none"))
    assert again.engine == "reference"
    assert said(large) == said(again)


def test_without_numba_the_reference_engine_goes_on(monkeypatch):
    monkeypatch.setattr(automatic, "OUTGROWN", 300)
    monkeypatch.setitem(sys.modules, "locking.explore.compiled.engine", None)
    report = check(hotplug_shape.MODEL.case("only", None, {"threads": "3", "pages": "2"}))
    assert report.engine == "reference"
    with pytest.raises(UsageError, match="engine 'compiled' can't be imported"):
        engine("compiled")


KEPT: list[Any] = []
"""What was compiled here: to drop it while another thread compiles is more than LLVM bears."""


def broken(module: Any, name: str, old: str, new: str) -> Any:
    """The function `name` of a module, with an error planted in its text."""
    source = inspect.getsource(getattr(module, name).py_func)
    assert old in source
    made = dict(vars(module))
    plain = source.replace("@compiled\n", "").replace(old, new)
    exec(compile(plain, "planted", "exec"), made)
    KEPT.append(numba.njit(nogil=True, error_model="numpy")(made[name]))
    return KEPT[-1]


PLANTED = {
    "one word of two compared": (
        hashing,
        ["insert_all", "insert"],
        "rows_equal(states, number, targets.out, at)",
        "states[number, 0] == targets.out[at, 0]",
    ),
    "an edge dropped": (
        walking,
        ["expand"],
        "for step in range(first, last):",
        "for step in range(first, last - (at == 4)):",
    ),
    "a wrong repack": (kernel, ["repack"], "<< new.shift[component]", "<< old.shift[component]"),
    "dependent steps swapped": (
        walking,
        ["swaps", "expand"],
        "not writes & (rules.leaves[theirs, 2] | changed) and not reads & changed",
        "not writes & changed",
    ),
    "the step that comes second taken for the first": (
        walking,
        ["settle"],
        "(earlier | ~news)",
        "~np.uint64(0)",
    ),
}
"""The module, its functions from the one on in which something is put in the place of what stands
there, up to the one that is called."""


@pytest.mark.slow
@pytest.mark.parametrize("error", PLANTED)
def test_a_planted_error_is_found(error, monkeypatch):
    module, names, old, new = PLANTED[error]
    monkeypatch.setattr("locking.explore.compiled.layout.WORD_BITS", 8)
    monkeypatch.setattr(store, "ROOM", 64)  # a full table without tags: much is compared
    monkeypatch.setattr(store, "PARTS", 2)
    monkeypatch.setattr(store, "FIRST", 64)
    monkeypatch.setattr(store, "Table", lambda entries, parts, _: Table(entries, parts, 32))
    everything_is_the_same()
    for at, name in enumerate(names):
        monkeypatch.setattr(module, name, broken(module, name, *(("", "") if at else (old, new))))
    with pytest.raises((AssertionError, IndexError, OverflowError)):
        everything_is_the_same()


def everything_is_the_same() -> None:
    """Both engines return the same of some systems."""
    for build in (wide, shape(3, 1)):
        same_graphs(build, minimise=False)


def test_what_ends_the_run_is_not_left_out(monkeypatch):
    """A step before another is no reason to leave that out where nothing follows it."""

    def build() -> System:
        x, y = Cell("x", 0), Cell("y", 0)

        async def fail(cell: Cell) -> None:
            await cell.write(1)
            assert await cell.read() == 0

        return System([x, y], [Thread("a", fail, (x,)), Thread("b", fail, (y,))], [assertions()])

    same_graphs(build, minimise=False)
    note = PackedTables.note

    def all_tell(self, leaf, *rest):
        note(self, leaf, *rest)
        self.told[leaf, 4] = 1

    monkeypatch.setattr(PackedTables, "note", all_tell)
    with pytest.raises(AssertionError):
        same_graphs(build, minimise=False)
