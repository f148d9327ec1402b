"""A search walks few times, however many values threads come to see."""

from typing import Any

import pytest

from locking import Atomic, Cell, System, retry, workers
from locking.explore import automatic, reference
from locking.explore.automaton import PlaceSplit
from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.product import Product
from locking.explore.search import FIRST_STOP, search

NEXT, OWNER, X = Atomic("next", 0), Atomic("owner", 0), Cell("x", 0)


async def user() -> None:
    """A ticket lock: each value of `OWNER` is told apart by one more user."""
    mine = await NEXT.atomic_fetch_add(1)

    async def called() -> bool | None:
        return True if await OWNER.atomic_read() == mine else None

    await retry(called)
    await X.WRITE_ONCE(mine)
    await OWNER.atomic_inc()


def ticket_lock(users: int) -> Product:
    """The product of so many users."""
    return System([NEXT, OWNER, X], workers(users, user), []).product()


def never(*_: int) -> None:
    """A watch that ends no walk."""


def walks(users: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many walks a search takes that merges soon."""
    begun = 0

    def walk(product: Product, watch: Watch) -> Graph:
        nonlocal begun
        begun += 1
        return reference.explore(product, watch)

    monkeypatch.setattr("locking.explore.search.FIRST_STOP", 500)
    assert search(ticket_lock(users), walk, never).cause is None
    return begun


def test_random_runs_keep_a_search_from_beginning_again(monkeypatch: pytest.MonkeyPatch) -> None:
    few = walks(5, monkeypatch)
    monkeypatch.setattr("locking.explore.search.rehearse", lambda _: None)
    monkeypatch.setattr("locking.explore.search.MOST_VOID", 60)
    assert few <= 3 < 9 < walks(5, monkeypatch)


def test_ctrl_c_while_the_compiled_engine_is_imported_leaves_what_was_walked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(automatic, "OUTGROWN", 100)
    monkeypatch.setattr(automatic, "import_module", interrupted)
    graph = automatic.explore(ticket_lock(5), never)
    assert len(graph.states) > 100
    assert graph.cause == INTERRUPTED


def test_several_walks_outgrow_the_reference_engine_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automatic, "OUTGROWN", 1_000)
    product = ticket_lock(4)
    engines = [automatic.explore(product, never).engine for _ in range(6)]
    assert engines[0] == "reference" and engines[-1] == "compiled"


def test_what_was_learned_is_known_where_nothing_is_merged() -> None:
    system = System([NEXT, OWNER, X], workers(3, user), [])
    merged = system.product()
    search(merged, reference.explore, never)
    merged.merge()
    known = system.unmerged(merged)
    assert known.automata[0].learner is merged.automata[0].learner
    plain = reference.explore(system.product(), never)
    assert reference.explore(known, never).states == plain.states


class AlwaysSplits:
    """Stands for a product whose merged walk is void each time."""

    def __init__(self) -> None:
        self.merged = True
        self.walks = 0

    def merge(self, worth: float = 0.0) -> bool:
        """There is always something more to merge."""
        return worth == 0.0

    def unmerge(self) -> None:
        """Nothing is merged from now on."""
        self.merged = False

    def walk(self, _: Any, watch: Watch) -> Graph:
        """An engine."""
        self.walks += 1
        watch(3_000, 0)
        if self.merged:
            raise PlaceSplit
        return Graph()


def test_merging_is_given_up_after_two_void_walks() -> None:
    product: Any = AlwaysSplits()
    search(product, product.walk, never)
    assert (product.walks, product.merged) == (3, False)


class SavesLittle:
    """Stands for a product in which merging saves a tenth of the places, once."""

    def __init__(self, states: int) -> None:
        self.graph = Graph(states=[(at,) for at in range(states)])
        self.merged = False
        self.walks = 0

    def merge(self, worth: float = 0.0) -> bool:
        """Whether a tenth is worth it, and was not saved yet."""
        before, self.merged = self.merged, self.merged or worth <= 0.1
        return self.merged and not before

    def walk(self, *_: object) -> Graph:
        """An engine."""
        self.walks += 1
        return self.graph


@pytest.mark.parametrize(("states", "walks"), [(FIRST_STOP, 2), (FIRST_STOP + 1, 1)])
def test_a_large_walk_that_came_to_its_end_is_not_made_again_to_save_little(
    states: int, walks: int
) -> None:
    product: Any = SavesLittle(states)
    search(product, product.walk, never)
    assert product.walks == walks
