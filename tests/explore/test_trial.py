"""Runs by chance of the real threads: whatever differs from the tables is an error."""

import os
from random import Random
from typing import Any

import pytest

from locking import Cell, Mutex, Object, System, Thread, atomic, choose, forever, operation
from locking.errors import NotDeterministic
from locking.explore import trial
from locking.explore.product import Product
from tests.explore.compare import checked

X = Cell("x", 0)


def tried(monkeypatch: pytest.MonkeyPatch, system: System) -> list[int]:
    """How many steps each run took, where as many are tried as ever."""
    taken: list[int] = []
    run = trial.one_trial

    def noted(product: Product, chance: Random, most: int) -> int:
        taken.append(run(product, chance, most))
        return taken[-1]

    with monkeypatch.context() as patched:
        patched.setattr(trial, "one_trial", noted)
        checked(system)
    return taken


async def several() -> None:
    """Whatever a step can be."""
    lock = LOCK
    async with lock.hold(), atomic():
        await X.write(await choose(1, 2, 3) + await choose(0, 3))
        await X.read()
    await X.read()


LOCK = Mutex("lock")


def test_a_small_search_is_tried_by_one_run_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System([X, LOCK], [Thread("a", several), Thread("b", several)], [])
    (taken,) = tried(monkeypatch, system)
    assert taken == 2 * 4


def test_a_larger_search_is_tried_by_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SHARE", 1)
    system = System([X, LOCK], [Thread(name, several) for name in "abc"], [])
    taken = tried(monkeypatch, system)
    assert len(taken) > 3
    assert set(taken) == {3 * 4}


class Moody(Object):
    """A lock whose rule looks at what it may not."""

    @operation
    def tell(self, state: Any, me: str) -> Any:
        """As the environment says."""
        return ("MOOD" in os.environ, None)


def later(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """A check of `system`, in which something is other once the search has ended."""
    confirm = Product.confirm

    def confirmed(self: Product) -> None:
        confirm(self)
        monkeypatch.setenv("MOOD", "other")

    monkeypatch.setattr(Product, "confirm", confirmed)
    checked(system)


def test_a_thread_that_does_another_thing_then_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        await X.read()
        await X.write(len(os.environ.get("MOOD", "")))

    with pytest.raises(NotDeterministic, match=r"does write\(x, 0\).* it does write\(x, 5\)"):
        later(monkeypatch, System([X], [Thread("a", work), Thread("b", work)], []))


def test_a_thread_that_starts_in_another_way_then_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> None:
        await X.write(len(os.environ.get("MOOD", "")))

    with pytest.raises(NotDeterministic, match=r"does write\(x, 0\).* it does write\(x, 5\)"):
        later(monkeypatch, System([X], [Thread("a", work)], []))


def test_a_rule_that_says_another_thing_then_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    moody = Moody("moody")

    async def work() -> None:
        await moody.tell()

    with pytest.raises(NotDeterministic, match="moody was learned to be"):
        later(monkeypatch, System([moody], [Thread("a", work)], []))


def test_the_same_runs_are_tried_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        for _ in range(await choose(1, 2, 3)):
            await X.read()

    monkeypatch.setattr(trial, "SHARE", 1)
    system = System([X], [Thread("a", work), Thread("b", work)], [])
    assert tried(monkeypatch, system) == tried(monkeypatch, system)


def test_a_run_that_need_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        await forever(X.read)

    system = System([X], [Thread("a", work, daemon=True)], [])
    assert tried(monkeypatch, system) == [100]
