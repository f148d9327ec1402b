"""A partial order is used by default where it pays; no verdict changes by it."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from locking import Cell, Mutex, System, Thread, at_end, deadlock_free, leaning, never, sometimes
from locking.explore.graph import INTERRUPTED
from locking.explore.reduction.independence import Independence
from locking.explore.reduction.partial_order import PartialOrder
from locking.properties.explored import Verdict
from locking.verdicts import Limits, Report
from tests.explore.copies import SYSTEMS, differences
from tests.test_folding import EXAMPLES, reported


def tried_early(**others: float) -> Any:
    """A lean walk is tried as soon as a walk begins to grow, and may keep all."""
    return patch.multiple(
        leaning, **{"TRIED_FROM": 8, "LOOKED_FROM": 4, "MOST_LEFT_IN": 1.0, **others}
    )


def philosophers(count: int, *more: Any) -> System:
    """Philosophers who take the fork with the lower number first."""
    forks = [Mutex(f"fork{at}") for at in range(count)]

    async def dine(first: Mutex, second: Mutex) -> None:
        async with first.hold(), second.hold():
            pass

    pairs = [sorted((at, (at + 1) % count)) for at in range(count)]
    threads = [
        Thread(f"p{at}", dine, (forks[one], forks[other])) for at, (one, other) in enumerate(pairs)
    ]
    return System(forks, threads, [deadlock_free(), *more])


def kept_answers(report: Report) -> Iterator[Any]:
    """All that a partial order does not change."""
    for each in report.results:
        yield each.claim.name, each.verdict, each.at_once, each.choices


def test_a_partial_order_is_used_by_default_where_it_pays() -> None:
    with tried_early(LOOKED_FROM=125, MOST_LEFT_IN=0.65):
        found = reported(philosophers(6))
    merged, lean = (reported(philosophers(6), reduction=r) for r in ("merge", "partial-order"))
    assert (found.reduction, found.states) == ("partial-order", lean.states)
    assert found.states < merged.states / 5
    assert list(kept_answers(found)) == list(kept_answers(merged))


def test_a_small_search_has_no_partial_order() -> None:
    assert reported(philosophers(3)).reduction == "merge"


def test_a_lean_walk_that_keeps_nearly_all_is_dropped() -> None:
    cell = Cell("cell", 0)

    async def work() -> None:
        for value in (1, 2, 3):
            await cell.write(value)

    def system() -> System:
        return System([cell], [Thread(name, work) for name in "ab"], [deadlock_free()])

    with tried_early(MOST_LEFT_IN=0.65):
        found = reported(system())
    assert (found.reduction, found.states) == (
        "merge",
        reported(system(), reduction="merge").states,
    )


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(sometimes("first", lambda s: s.held_by), id="a witness"),
        pytest.param(never("first", lambda s: s.held_by), id="a failure"),
    ],
)
def test_a_run_that_is_shown_is_the_one_of_the_merged_space(more: Any) -> None:
    def system() -> System:
        made = philosophers(4)
        fork = made.objects[0]
        return philosophers_with(made, type(more)(more.name, lambda s: s.held_by(fork)))

    with tried_early():
        found = reported(system())
    merged = reported(system(), reduction="merge")
    assert (found.reduction, found.states) == ("merge", merged.states)
    assert list(kept_answers(found)) == list(kept_answers(merged))


def philosophers_with(system: System, claim: Any) -> System:
    """The system, which is asked one thing more."""
    return System(system.objects, system.threads, [*system.properties, claim])


def test_a_lean_walk_that_grows_too_large_is_tried_again_later() -> None:
    with tried_early(TRIED_FROM=8):
        found = reported(philosophers(5))
    assert found.reduction == "partial-order"
    assert found.states > 8


def test_a_limit_of_states_leaves_verdicts_unknown() -> None:
    with tried_early():
        found = reported(philosophers(6), limits=Limits(states=20))
    assert found.cause == "more than 20 states"
    assert {each.verdict for each in found.results} == {Verdict.UNKNOWN}


def test_ctrl_c_in_a_lean_walk_ends_the_check() -> None:
    interrupted = patch.object(leaning.WhileItLeans, "__call__", lambda *_: INTERRUPTED)
    with tried_early(), interrupted:
        found = reported(philosophers(5))
    assert found.cause == INTERRUPTED


@settings(EXAMPLES, max_examples=5)
@given(SYSTEMS)
def test_random_systems_are_judged_the_same_by_default(recipe: Any) -> None:
    with tried_early():
        assert differences(recipe, ["automatic"]) == []


@pytest.mark.slow
@settings(EXAMPLES, max_examples=300)
@given(SYSTEMS)
def test_more_random_systems_are_judged_the_same_by_default(recipe: Any) -> None:
    with tried_early():
        assert differences(recipe, ["automatic"]) == []


def apart() -> System:
    """Two threads that write cells of their own, which a property looks at together."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def work(cell: Cell) -> None:
        for value in (1, 2, 3):
            await cell.write(value)

    threads = [Thread("a", work, (x,)), Thread("b", work, (y,))]
    return System([x, y], threads, [never("ones", lambda s: s[x] == 1 and s[y] == 1)])


def lost_update() -> System:
    """Two threads that add to a cell, each in two steps."""
    cell = Cell("cell", 0)

    async def work() -> None:
        for _ in range(2):
            await cell.write(await cell.read() + 1)

    return System(
        [cell], [Thread(name, work) for name in "ab"], [at_end("4", lambda s: s[cell] == 4)]
    )


@pytest.mark.parametrize(
    ("build", "where", "wrong"),
    [
        (apart, PartialOrder, {"is_visible": lambda *_: False}),
        (lost_update, Independence, {"dependent": lambda *_: False}),
    ],
)
def test_a_planted_error_changes_what_is_said_by_default(
    build: Callable[[], System], where: Any, wrong: Any
) -> None:
    def verdicts() -> list[Verdict]:
        with tried_early():
            return [each.verdict for each in reported(build()).results]

    assert Verdict.FAILS in verdicts()
    with patch.multiple(where, **wrong):
        assert Verdict.FAILS not in verdicts()
