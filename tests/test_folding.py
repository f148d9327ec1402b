"""Symmetry is used by default where it pays; nothing but the count of states changes by it."""

from collections.abc import Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings

from locking import (
    Atomic,
    Cell,
    System,
    Thread,
    at_end,
    deadlock_free,
    folding,
    never,
    never_together,
    no_livelock,
    section,
    sometimes,
    wait_until,
    workers,
)
from locking.check import check
from locking.explore.graph import INTERRUPTED
from locking.explore.reduction import quotient_graph
from locking.explore.reduction.images import ImageTree
from locking.explore.reduction.symmetry import Copies, sooner_with
from locking.explore.room import Room, room_of
from locking.folding import Folding
from locking.verdicts import Limits, Options, Report
from tests.explore.compare import case_of
from tests.explore.copies import SYSTEMS, differences
from tests.samples import some_by_default

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def early(**others: float) -> Any:
    """Symmetry is tried as soon as a walk begins to grow."""
    return patch.multiple(
        folding, **{"GROWN": 8, "JUDGED_AT": 4, "FIRST_LOOK": 4, "LEAST": 2, **others}
    )


def ticket(count: int, *more: Any) -> System:
    """Threads that take a ticket and wait for their turn."""
    tickets, serving = Atomic("tickets"), Atomic("serving")

    async def work() -> None:
        mine = await tickets.atomic_fetch_inc()
        await wait_until(lambda called: called == mine, serving)
        async with section("critical"):
            await serving.atomic_set(mine + 1)

    claims = [never_together("exclusion", "critical", "critical"), deadlock_free(), *more]
    return System([tickets, serving], workers(count, work), claims)


def reported(system: System, **options: Any) -> Report:
    """What is said of a system."""
    return check(case_of(system), (), Options(**options))


def told(report: Report) -> Iterator[Any]:
    """All that no reduction changes."""
    yield report.interleavings
    yield report.depth
    for each in report.results:
        yield each.claim.name, each.verdict, each.at_once, each.choices


def test_copies_are_folded_by_default() -> None:
    with early():
        found = reported(ticket(4))
    assert (found.reduction, found.folded) == ("symmetry", True)
    assert list(told(found)) == list(told(reported(ticket(4), reduction="merge")))


def test_more_copies_are_tried_sooner() -> None:
    assert [sooner_with(orders) for orders in (6, 24, 120, 180, 720, 5040)] == [1, 1, 1, 1.5, 6, 8]


def test_six_copies_are_folded_before_a_walk_is_as_large_as_that() -> None:
    found = reported(ticket(6), limits=Limits(states=folding.GROWN // 5))
    assert (found.folded, found.cause) == (True, None)


def test_five_copies_in_a_small_search_are_not_folded() -> None:
    assert reported(ticket(5), reduction="merge").states < folding.GROWN
    assert not reported(ticket(5)).folded


@pytest.mark.slow
def test_many_copies_are_folded_by_default() -> None:
    found = reported(ticket(6))
    assert found.folded
    assert found.states < 200
    assert list(told(found)) == list(told(reported(ticket(6), reduction="merge")))


def test_a_small_search_is_not_folded() -> None:
    found, merged = reported(ticket(3)), reported(ticket(3), reduction="merge")
    assert (found.reduction, found.states) == ("merge", merged.states)


def test_a_run_that_shows_a_failure_is_the_one_of_the_merged_space() -> None:
    seen = Cell("seen", 0)

    async def work() -> None:
        now = await seen.read()
        await seen.write(now + 1)

    def system() -> System:
        return System([seen], workers(4, work), [never("two", lambda s: s[seen] == 2)])

    with early():
        found = reported(system())
    assert found.folded
    assert list(told(found)) == list(told(reported(system(), reduction="merge")))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(no_livelock(), id="liveness"),
        pytest.param(never("who", lambda s: s.inside("critical") == ("w1",)), id="a name"),
    ],
)
def test_symmetry_is_dropped_where_a_property_needs_the_merged_space(more: Any) -> None:
    with early():
        found, merged = reported(ticket(4, more)), reported(ticket(4, more), reduction="merge")
    assert (found.reduction, found.states) == ("merge", merged.states)
    assert list(told(found)) == list(told(merged))


def test_two_copies_are_not_worth_it() -> None:
    with early(LEAST=4):
        assert not reported(ticket(2)).folded


def test_a_folded_walk_is_dropped_where_a_state_stands_for_few() -> None:
    with early(LEAST=7):
        assert not reported(ticket(4)).folded


def test_threads_that_turn_out_to_differ_are_not_folded() -> None:
    cell = Cell("cell", 0)

    async def work(mine: int) -> None:
        for value in (1, 2, 3):
            await cell.write(value + mine)

    def system() -> System:
        threads = [Thread(f"t{at}", work, (at,)) for at in range(3)]
        return System([cell], threads, [deadlock_free()])

    with early():
        found = reported(system())
    merged = reported(system(), reduction="merge")
    assert (found.reduction, found.states) == ("merge", merged.states)


def test_a_limit_that_ends_a_folded_walk_leaves_verdicts_unknown() -> None:
    with early():
        found = reported(ticket(6), limits=Limits(states=20))
    assert found.cause == "more than 20 states"
    assert {each.verdict.value for each in found.results} == {"unknown"}


@pytest.mark.parametrize("least", [1, 3])
@settings(EXAMPLES, max_examples=2)
@given(SYSTEMS)
def test_random_copies_are_judged_the_same_by_default(least: int, recipe: Any) -> None:
    with early(LEAST=least):
        assert differences(recipe, ["automatic"]) == []


def takes_all_for_copies(_: Copies) -> None:
    """Planted: nothing is compared."""


def asks_of_one(_self: ImageTree, members: list[int], _: Any, order: dict[int, int]) -> list[int]:
    """Planted: a predicate is not asked of images."""
    return [each for each in members if each not in order.values()][:1]


def forgets_who_moved(names: Any, _: Any) -> Any:
    """Planted: the run is read off the folded space as it is."""
    return names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        (Copies, {"compare_all": takes_all_for_copies}),
        (ImageTree, {"different": asks_of_one}),
        (quotient_graph, {"after_permutation": forgets_who_moved}),
    ],
)
def test_a_planted_error_changes_what_is_said_by_default(where: Any, wrong: Any) -> None:
    found: list[str] = []

    @settings(EXAMPLES, max_examples=200)
    @given(SYSTEMS)
    def collect(recipe: Any) -> None:
        try:
            found.extend(differences(recipe, ["automatic"]))
        except Exception as error:  # a replay that fails on the mutant
            found.append(str(error))

    with early(LEAST=1), patch.multiple(where, **wrong):
        collect()
    assert found


@pytest.mark.slow
@pytest.mark.parametrize("least", [1, 3])
@settings(EXAMPLES, max_examples=80)
@given(SYSTEMS)
def test_more_random_copies_are_judged_the_same_by_default(least: int, recipe: Any) -> None:
    with early(LEAST=least):
        assert differences(recipe, ["automatic"]) == []


def test_a_walk_that_may_be_folded_may_go_to_disk() -> None:
    watch = SimpleNamespace(room=Room(1_000_000, "/var/tmp"))
    spaces: Any = SimpleNamespace(watch=watch)
    assert room_of(Folding(spaces, [], 6)) == watch.room


def lopsided(count: int) -> System:
    """Threads that seem to be copies, until one looks for its own name."""
    cells = [Cell(f"cell{at}", 0) for at in range(count)]

    async def up(cell: Cell) -> None:
        for value in (1, 2, 3):
            await cell.write(value)

    threads = [Thread(f"t{at}", up, (cell,)) for at, cell in enumerate(cells)]
    claims = [at_end("end", lambda s: s[cells[0]] == 3), sometimes("one", lambda s: s[cells[0]])]
    return System(cells, threads, claims)


@pytest.mark.parametrize(
    "reduction",
    some_by_default(["automatic", "symmetry", "partial-order", "all", "merge"], 5),
)
@pytest.mark.parametrize("build", some_by_default([lopsided, ticket], 2))
def test_ctrl_c_ends_a_check_at_whichever_walk_it_comes(
    reduction: str, build: Callable[[int], System]
) -> None:
    for call in count(1):
        calls: list[int] = []

        def progress(met: int, *_: object, at: int = call, calls: list[int] = calls) -> None:
            calls.append(met)
            if len(calls) == at:
                raise KeyboardInterrupt

        with early(), patch("locking.check.PERIOD", 1):
            found = check(case_of(build(3)), (), Options(reduction=reduction), progress)
        if len(calls) < call:
            break
        assert found.cause == INTERRUPTED
        assert len(calls) == call
    assert call > 20
