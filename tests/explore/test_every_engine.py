"""Every engine and every reduction is right: it is tried because it is registered."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import locking.explore
from locking import (
    Cell,
    Mutex,
    System,
    Thread,
    at_end,
    atomic,
    choose,
    deadlock_free,
    forever,
    never,
    require,
    required,
)
from locking.check import check
from locking.errors import LockingError
from locking.explore import reference
from locking.explore.automaton import PlaceSplit
from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.product import Product, State
from locking.explore.reduction.levels import REDUCTIONS, Level
from locking.explore.search import ENGINES, RAY, Engine, engine
from locking.verdicts import Options
from tests.explore.brute import Brute, TooMany
from tests.explore.compare import case_of, cost, expectation, speaks_of_what_is_there
from tests.explore.systems import Recipe, programs
from tests.test_words import defined

FEW = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=5,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

EXPLORE = Path(*locking.explore.__path__)

NO_RAY = pytest.mark.skipif(find_spec("ray") is None, reason="needs locking[cluster]")

EVERY_ENGINE = pytest.mark.parametrize(
    "name", [pytest.param(each, marks=NO_RAY if each == RAY else ()) for each in ENGINES]
)
EVERY_REDUCTION = pytest.mark.parametrize("name", REDUCTIONS)


def crossed() -> System:
    """Two threads that take two locks in different orders, and choose what they write."""
    one, other, cell = Mutex("one"), Mutex("other"), Cell("cell", 0)

    async def cross(first: Mutex, second: Mutex) -> None:
        async with first.hold(), second.hold():
            await cell.write(await choose(1, 2))

    threads = [Thread("a", cross, (one, other)), Thread("b", cross, (other, one))]
    properties = [deadlock_free(), at_end("written", lambda s: s[cell] != 0)]
    return System([one, other, cell], threads, properties)


def blocks() -> System:
    """Three threads that add to a cell, two of them in an atomic block, one in two steps."""
    cell = Cell("cell", 0)

    async def whole() -> None:
        async with atomic():
            await cell.WRITE_ONCE(await cell.READ_ONCE() + 1)

    async def torn() -> None:
        await cell.WRITE_ONCE(await cell.READ_ONCE() + 1)

    threads = [Thread("a", whole), Thread("b", whole), Thread("c", torn)]
    properties = [at_end("three", lambda s: s[cell] == 3), never("four", lambda s: s[cell] == 4)]
    return System([cell], threads, properties)


def wide() -> System:
    """Three threads that each write a cell of their own: more states than any other here has."""
    cells = [Cell(name, 0) for name in "xyz"]

    async def count(cell: Cell) -> None:
        for number in range(1, 11):
            await cell.WRITE_ONCE(number)

    threads = [Thread(cell.name, count, (cell,)) for cell in cells]
    return System(cells, threads, [never("all", lambda s: all(s[cell] == 10 for cell in cells))])


def circles() -> System:
    """A thread that polls a cell, one that goes round and writes it, and one that ends."""
    cell = Cell("cell", 0)

    async def poll() -> None:
        await forever(cell.READ_ONCE)

    async def turn() -> None:
        await cell.WRITE_ONCE(1)
        await cell.WRITE_ONCE(0)

    async def look() -> None:
        await cell.READ_ONCE()

    threads = [Thread("a", poll), Thread("b", forever, (turn,)), Thread("c", look)]
    return System([cell], threads, [never("one", lambda s: s[cell] == 1)])


def broken_off() -> System:
    """Three threads; one may find a requirement false while another can go on."""
    cell = Cell("cell", 0)

    async def check_first() -> None:
        require(await cell.READ_ONCE() == 0, "zero")
        await cell.WRITE_ONCE(1)

    threads = [Thread(name, check_first) for name in "abc"]
    return System([cell], threads, [required("zero")])


BUILDS = {
    "crossed": crossed,
    "blocks": blocks,
    "wide": wide,
    "circles": circles,
    "broken off": broken_off,
}


def everything(graph: Graph) -> list[object]:
    """All that a graph says: states with their depths and steps, ends, and the number of runs."""
    edges = [list(graph.edges(at)) for at in range(len(graph.states))]
    counts = [graph.explored, graph.transitions, graph.depth, graph.runs(), graph.cause]
    return [*graph.states, *graph.depths, edges, list(graph.ends()), counts]


@EVERY_ENGINE
@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_an_engine_returns_what_the_reference_engine_returns(
    build: Callable[[], System], name: str
) -> None:
    system = build()
    found, right = (
        everything(explore(Product(system.objects, system.threads), lambda *_: None))
        for explore in (engine(name), reference.explore)
    )
    assert found == right


def walked(name: str, watch: Watch) -> Graph:
    """What an engine returns of the widest system."""
    system = wide()
    return engine(name)(Product(system.objects, system.threads), watch)


def is_begun(graph: Graph) -> bool:
    """Whether a graph is the beginning of that of the reference engine, without half a state."""
    whole = walked("reference", lambda *_: None)
    met = max((to for at in range(graph.explored) for _, to in graph.edges(at)), default=0) + 1
    return (
        list(graph.states) == list(whole.states[:met])
        and list(graph.depths) == list(whole.depths[:met])
        and all(list(graph.edges(at)) == list(whole.edges(at)) for at in range(graph.explored))
    )


def late(cause: Callable[[], str]) -> Watch:
    """A watch that ends a walk, or breaks it off, once it has gone through some states."""
    return lambda _, through: cause() if through >= 256 else None


def interrupt() -> str:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def split() -> str:
    """What a place that splits does."""
    raise PlaceSplit


@EVERY_ENGINE
def test_an_engine_asks_the_watch_and_keeps_its_cause(name: str) -> None:
    graph = walked(name, late(lambda: "enough"))
    assert graph.cause == "enough"
    assert graph.explored == 256  # no chunk may pass a multiple of it
    assert is_begun(graph)


@EVERY_ENGINE
def test_an_engine_returns_at_an_interrupt_what_it_has(name: str) -> None:
    graph = walked(name, late(interrupt))
    assert graph.cause == INTERRUPTED
    assert is_begun(graph)


class BrokenOff(list[Any]):
    """Moves of which only the first is given: Ctrl-C comes before the next."""

    def __iter__(self) -> Iterator[Any]:
        yield self[0]
        raise KeyboardInterrupt


@EVERY_ENGINE
def test_an_engine_leaves_no_state_half_expanded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that does not ask for moves goes through all of it."""
    moves, asked = Product.moves, count()

    def interrupted(self: Product, state: State) -> list[Any]:
        found = moves(self, state)
        return BrokenOff(found) if next(asked) == 300 else found

    with monkeypatch.context() as patch:
        patch.setattr(Product, "moves", interrupted)
        graph = walked(name, lambda *_: None)
    assert graph.cause in (INTERRUPTED, None)
    assert graph.transitions == sum(1 for at in range(graph.explored) for _ in graph.edges(at))
    assert is_begun(graph)


@EVERY_ENGINE
def test_an_engine_lets_a_split_pass(name: str) -> None:
    with pytest.raises(PlaceSplit):
        walked(name, late(split))


@EVERY_ENGINE
def test_an_engine_says_which_it_is(name: str) -> None:
    said = walked(name, lambda *_: None).engine
    assert said == name or (name == "automatic" and said in ENGINES)


def agrees_with_brute_force(recipe: Recipe, options: Options) -> None:
    """Check that verdicts, numbers at once and shortest paths are those of brute force.

    Errors: `AssertionError` where one is not. A system that is too large for it is left out.
    """
    system, questions = recipe.build()
    try:
        brute = Brute(system, questions, 300)
    except TooMany:
        return
    system.properties = tuple(
        each for each in system.properties if speaks_of_what_is_there(each.name, brute)
    )
    report = check(case_of(system), (), options)
    assert report.cause is None
    for result in report.results:
        found = (result.verdict, result.at_once, cost(result.choices))
        assert found == expectation(result.claim.name, brute), result.claim.name


@EVERY_ENGINE
def test_an_engine_says_what_brute_force_says(name: str) -> None:
    @FEW
    @given(programs())
    def compared(recipe: Recipe) -> None:
        agrees_with_brute_force(recipe, Options(engine=name))

    compared()


@EVERY_REDUCTION
def test_a_reduction_says_what_brute_force_says(name: str) -> None:
    @FEW
    @given(programs())
    def compared(recipe: Recipe) -> None:
        agrees_with_brute_force(recipe, Options(engine="reference", reduction=name))

    compared()


@EVERY_REDUCTION
@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_a_reduction_changes_no_verdict_and_no_path(build: Callable[[], System], name: str) -> None:
    found, right = (
        [
            (result.verdict, result.path)
            for result in check(case_of(build()), (), Options("reference", reduction=each)).results
        ]
        for each in (name, "none")
    )
    assert found == right


def test_every_file_with_an_engine_is_registered() -> None:
    found = {
        ".".join(["locking.explore", *source.relative_to(EXPLORE).with_suffix("").parts])
        for source in EXPLORE.rglob("*.py")
        if "explore" in defined(source)
    }
    assert found == set(ENGINES.values())


def only_the_start(product: Product, _watch: Watch) -> Graph:
    """An engine that is wrong: it says that the first state is all there is."""
    *_, graph = reference.beginning(product)
    graph.offsets.append(0)
    return graph


def test_an_engine_that_stops_after_the_first_state_would_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine is tried as one that is registered, by the tests above."""
    monkeypatch.setitem(sys.modules, "planted", SimpleNamespace(explore=only_the_start))
    monkeypatch.setitem(ENGINES, "planted", "planted")
    with pytest.raises(AssertionError):
        test_an_engine_returns_what_the_reference_engine_returns(crossed, "planted")
    with pytest.raises((AssertionError, LockingError)):
        test_an_engine_says_what_brute_force_says("planted")


def deaf(product: Product, _watch: Watch) -> Graph:
    """An engine that never asks the watch."""
    return reference.explore(product, lambda *_: None)


def without_cause(product: Product, watch: Watch) -> Graph:
    """An engine that says of an early end that it is the end."""
    graph = reference.explore(product, watch)
    graph.cause = None
    return graph


def small_only(product: Product, watch: Watch) -> Graph:
    """An engine that ends after 300 states, and says that these are all."""
    return without_cause(product, lambda met, at: watch(met, at) or ("" if at < 300 else "end"))


def seldom(product: Product, watch: Watch) -> Graph:
    """An engine that asks the watch before every 512 states."""
    return reference.explore(product, lambda met, at: watch(met, at) if at % 512 == 0 else None)


def forward_only(product: Product, watch: Watch) -> Graph:
    """An engine that lists no edge to a state that it has gone through."""
    graph = reference.explore(product, watch)
    kept = [
        [(*choice, to) for choice, to in graph.edges(at) if to > at] for at in range(graph.explored)
    ]
    found = Graph(graph.states, graph.depths, cause=graph.cause)
    for edges in kept:
        for thread, outcome, to in edges:
            found.threads.append(thread)
            found.outcomes.append(outcome)
            found.targets.append(to)
        found.offsets.append(len(found.targets))
    return found


def half(product: Product, watch: Watch) -> Graph:
    """An engine that keeps, at Ctrl-C, the edges of the state that it was going through."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "drop_unfinished", lambda *_: None)
        return reference.explore(product, watch)


def swallowing(product: Product, watch: Watch) -> Graph:
    """An engine that lets nothing pass, neither a split nor Ctrl-C."""
    try:
        return reference.explore(product, watch)
    except PlaceSplit:
        return Graph([product.initial])


def half_expanded(name: str) -> None:
    """The test of that, with a patch of its own."""
    with pytest.MonkeyPatch.context() as patch:
        test_an_engine_leaves_no_state_half_expanded(name, patch)


@pytest.mark.parametrize(
    ("planted", "test"),
    [
        (deaf, test_an_engine_asks_the_watch_and_keeps_its_cause),
        (without_cause, test_an_engine_asks_the_watch_and_keeps_its_cause),
        (seldom, test_an_engine_asks_the_watch_and_keeps_its_cause),
        (half, half_expanded),
        (forward_only, partial(test_an_engine_returns_what_the_reference_engine_returns, circles)),
        (deaf, test_an_engine_returns_at_an_interrupt_what_it_has),
        (without_cause, test_an_engine_returns_at_an_interrupt_what_it_has),
        (swallowing, test_an_engine_lets_a_split_pass),
        (deaf, test_an_engine_says_which_it_is),
        (small_only, partial(test_an_engine_returns_what_the_reference_engine_returns, wide)),
    ],
)
def test_an_engine_that_breaks_one_rule_would_be_seen(
    planted: Engine, test: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "planted", SimpleNamespace(explore=planted))
    monkeypatch.setitem(ENGINES, "planted", "planted")
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test("planted")


def test_a_reduction_that_ends_in_a_lean_space_would_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its paths are not the shortest, so a reduction must end in a space that is not lean."""
    monkeypatch.setitem(REDUCTIONS, "planted", (Level(lean=True),))
    with pytest.raises((AssertionError, LockingError)):
        for build in BUILDS.values():
            test_a_reduction_changes_no_verdict_and_no_path(build, "planted")
