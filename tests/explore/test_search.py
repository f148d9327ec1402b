"""A search walks few times, however many values threads come to see."""

import pytest

from locking import Atomic, Cell, System, retry, workers
from locking.explore import automatic, reference
from locking.explore.graph import Graph, Watch
from locking.explore.product import Product
from locking.explore.search import search

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
    assert few <= 3 < 9 < walks(5, monkeypatch)


def test_several_walks_outgrow_the_reference_engine_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automatic, "OUTGROWN", 1_000)
    product = ticket_lock(4)
    engines = [automatic.explore(product, never).engine for _ in range(6)]
    assert engines[0] == "reference" and engines[-1] == "compiled"
