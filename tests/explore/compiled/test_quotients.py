"""The compiled engine walks a quotient as the reference engine does, number by number."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import locking.models.memory_hotplug as memory_hotplug
from locking import Atomic, Cell, Mutex, System, Thread, choose, section
from locking.catalogue import model
from locking.errors import ModelError
from locking.explore import automatic, reference
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.graph import Packed
from locking.explore.compiled.quotient_graph import PackedQuotient
from locking.explore.compiled.quotient_tables import QuotientTables
from locking.explore.graph import Graph, Watch, shortest
from locking.explore.product import Product, State
from locking.explore.reduction.quotient import Quotient
from locking.explore.reduction.quotient_graph import QuotientGraph, quotient_graph
from locking.explore.reduction.symmetry import Asymmetric, PairOfCopies
from locking.explore.search import Engine, search
from tests.bench.everyday import MODELS
from tests.explore.compare import merging_at_every_state
from tests.explore.compiled.test_disk import on_disk
from tests.explore.copies import SYSTEMS, Crowd
from tests.samples import seeds

Found = tuple[Quotient, QuotientGraph]

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def in_small_chunks(product: Product, watch: Watch) -> Graph:
    """A walk by the compiled engine with three workers."""
    return compiled.explore(product, watch, 3)


def walked(system: System, engine: Engine, *, minimise: bool) -> Found:
    """The quotient of `system`, and what a walk by `engine` finds."""
    apart = frozenset[PairOfCopies]()
    while True:
        try:
            quotient = Quotient(*system.parts, apart)
            graph = search(quotient, engine, lambda *_: None, minimise=minimise)
        except Asymmetric as found:
            apart |= {found.pair}
        else:
            return quotient, quotient_graph(graph, quotient)


def same_quotients(build: Callable[[], System], *, minimise: bool = True) -> Quotient:
    """Both engines number the same representatives, edges and permutations, in the same order.

    Errors: `AssertionError`; `ModelError` if the model is refused.
    """
    (mine, packed), (theirs, plain) = (
        walked(build(), engine, minimise=minimise)
        for engine in (in_small_chunks, reference.explore)
    )
    assert isinstance(packed, PackedQuotient)
    assert mine.classes == theirs.classes
    assert list(packed.states) == list(plain.states)
    assert list(packed.depths) == list(plain.depths)
    for at in range(len(plain.states)):
        assert list(packed.edges(at)) == list(plain.edges(at))
        assert list(packed.permuted_edges(at)) == list(plain.permuted_edges(at))
    assert (packed.explored, packed.transitions) == (plain.explored, plain.transitions)
    assert (packed.runs(), list(packed.ends())) == (plain.runs(), list(plain.ends()))
    compare_answers(mine, packed, theirs, plain)
    return mine


def compare_answers(
    mine: Quotient, packed: QuotientGraph, theirs: Quotient, plain: QuotientGraph
) -> None:
    """What is asked of all states at once, and of paths. Errors: `AssertionError`."""
    for thread in theirs.everybody:
        assert packed.values(thread) == plain.values(thread)
    ended = [
        {at for at in plain.values(each) if not theirs.automata[each].after[at]}
        for each in theirs.everybody
    ]
    for thread in theirs.everybody:
        assert packed.stuck(1 << thread, ended, {0}, mine.queues) == plain.stuck(
            1 << thread, ended, {0}, theirs.queues
        )
    for depth in {plain.depth, plain.depth // 2}:
        goals = {at for at in range(len(plain.states)) if plain.depths[at] == depth}
        assert shortest(packed, goals) == shortest(plain, goals)


def with_own_cells() -> System:
    """Three copies, each with a cell of its own, and cells that have a name in them."""
    lock, turn, room = Mutex("lock"), Cell("turn", ""), Atomic("room")
    signed = Cell("signed", "")

    async def work(own: Cell, name: str) -> None:
        await own.write(await room.atomic_add_return(1))
        await signed.WRITE_ONCE(name)
        async with lock.hold(), section("inside"):
            await turn.write(name)
            await own.write(0)

    cells = [Cell(f"own{at}", 0) for at in range(3)]
    threads = [Thread(f"t{at}", work, (cells[at], f"t{at}")) for at in range(3)]
    return System([lock, turn, room, signed, *cells], threads, [])


def with_deadlocks() -> System:
    """Three copies that take two locks in either order, or none: two may wait for each other."""
    locks, word = (Mutex("a"), Mutex("b")), Cell("word", 0)

    async def work() -> None:
        order = await choose(0, 1, 2)
        if order < 2:
            async with locks[order].hold(), locks[1 - order].hold():
                pass
        else:  # so that copies which wait are sorted before those which have ended
            for value in range(3):
                await word.WRITE_ONCE(value)

    return System([*locks, word], [Thread(f"t{at}", work) for at in range(3)], [])


@pytest.mark.parametrize("minimise", [True, False], ids=["merged", "unmerged"])
@pytest.mark.parametrize(
    ("name", "threads", "copies"), [("ticket", 4, 4), ("barrier", 3, 3), ("readers-writers", 2, 2)]
)
def test_algorithms_of_copies_have_the_same_quotient(
    name: str, threads: int, copies: int, minimise: bool
) -> None:
    case = model(str(MODELS / "algorithms.py")).case(name, None, {"threads": str(threads)})
    quotient = same_quotients(case.build, minimise=minimise)
    assert {len(each) for each in quotient.classes} == {copies}


def test_what_copies_own_moves_with_them() -> None:
    assert same_quotients(with_own_cells).classes == [[0, 1, 2]]


def test_who_is_stuck_is_found_where_edges_permute_threads() -> None:
    assert same_quotients(with_deadlocks).classes == [[0, 1, 2]]


def no_copies() -> System:
    """An adder and a remover."""
    return memory_hotplug.MODEL.case("add-vs-remove", memory_hotplug.MODEL.placements[0]).build()


def test_threads_that_are_no_copies_have_the_same_quotient() -> None:
    assert same_quotients(no_copies).classes == []


def test_a_quotient_on_disk_is_that_in_memory() -> None:
    with on_disk() as made:
        same_quotients(with_own_cells)
    assert made


def test_copies_of_which_random_runs_know_unequally_much_stay_copies() -> None:
    case = model(str(MODELS / "algorithms.py")).case("readers-writers", None, {"threads": "4"})
    quotient, graph = walked(case.build(), reference.explore, minimise=True)
    assert [len(each) for each in quotient.classes] == [4, 4]
    assert len(graph.states) < 1_000


def names_tell_nothing(
    self: QuotientTables, members: list[int], component: int, state: State
) -> int:
    """Copies are sorted only by what they own."""
    if component in members:
        return self.row(self.product.key(members, members.index(component), state, []))
    return 0


def in_reverse(free: Callable[[QuotientTables], list[int]]) -> Callable[..., Any]:
    """Names in objects are compared in another order than that of slots."""
    return lambda self: free(self)[::-1]


def stays(self: QuotientTables, component: int, row: int, value: int, entry: int) -> None:
    """An exchange leaves values as they are."""
    kept = entry if row < len(self.classes) - 1 else value
    self.orders.put(component * self.rows_of_one + row, value, kept)


MUTANTS: dict[str, tuple[type, str, Callable[[Any], Any]]] = {
    "names in objects tell nothing": (QuotientTables, "rank", lambda _: names_tell_nothing),
    "names are compared in another order": (QuotientTables, "free", in_reverse),
    "an exchange changes nothing": (QuotientTables, "enter", lambda _: stays),
    "edges permute no threads": (PackedQuotient, "spread", lambda _: Packed.spread),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_error_is_found(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(kind, name, wrong(getattr(kind, name)))
    with pytest.raises(Exception):  # noqa: B017 - a wrong table may break whatever reads it
        same_quotients(with_own_cells)
        same_quotients(with_deadlocks)


def agree(recipe: Crowd) -> None:
    """Both engines find the same of a random system, also where it is merged again and again."""
    for minimise in (True, False):
        try:
            same_quotients(lambda: recipe.build()[0], minimise=minimise)
        except ModelError:
            return


@settings(EXAMPLES, max_examples=5)
@given(SYSTEMS)
def test_random_copies_have_the_same_quotient(recipe: Any) -> None:
    agree(recipe)


@pytest.mark.parametrize("number", seeds(20))
def test_more_random_copies_have_the_same_quotient(number: int) -> None:
    @seed(number)
    @settings(EXAMPLES, derandomize=False, max_examples=100, phases=[Phase.generate, Phase.shrink])
    @given(SYSTEMS)
    def agrees(recipe: Any) -> None:
        agree(recipe)
        with merging_at_every_state():
            agree(recipe)

    agrees()


def test_a_quotient_without_copies_is_compiled_no_sooner_than_a_product(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automatic, "OUTGROWN_FOLDED", 50)
    engines = [
        walked(build(), automatic.explore, minimise=True)[1].engine
        for build in (with_deadlocks, no_copies)
    ]
    assert engines == ["compiled", "reference"]
