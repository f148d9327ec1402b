"""A search that is ended early says what came to new states until then, and what to do."""

from typing import Any

from locking import (
    Atomic,
    Cell,
    Model,
    Object,
    Seqlock,
    System,
    Thread,
    deadlock_free,
    forever,
)
from locking.check import check
from locking.report.sentences import growing
from locking.verdicts import Limits, Options, Report


def report(objects: list[Object], *threads: Thread, states: int = 3_000) -> Report:
    """What a search finds that ends early."""
    model = Model("grows", "?", lambda _: System(objects, threads, [deadlock_free()]))
    return check(model.case("only", None), options=Options(limits=Limits(states=states)))


def said(objects: list[Object], *threads: Thread, states: int = 3_000) -> list[str]:
    """The sentences about what grows."""
    return list(growing([report(objects, *threads, states=states)]))


def test_a_plain_loop_over_results_is_named_with_its_line_and_the_construct() -> None:
    flag = Cell("flag", 0)

    async def spin() -> None:
        while not await flag.READ_ONCE():
            pass

    [found] = said([flag], Thread("spinner", spin), states=300)
    assert found.startswith("thread spinner (test_growth.py:")
    assert "loop over results with retry, retry_with or forever" in found


def test_an_endless_writer_names_the_seqlock_and_how_to_make_it() -> None:
    lock, cell = Seqlock("sl"), Cell("cell", 0)

    async def write() -> None:
        async with lock.write():
            await cell.write(0)

    [found] = said([lock, cell], Thread("w", forever, (write,), daemon=True), states=400)
    assert found.startswith("sl came to ") and found.endswith("make it with unbounded=True.")


def test_a_count_without_a_bound_names_what_counts() -> None:
    count = Atomic("count")

    async def add() -> None:
        await count.atomic_inc()

    [found] = said([count], Thread("w", forever, (add,), daemon=True), states=400)
    assert found.startswith("count came to ") and found.endswith("give it a bound.")


def test_of_a_search_that_ends_nothing_is_said() -> None:
    cell = Cell("cell", 0)

    async def write() -> None:
        for value in range(100):
            await cell.write(value)

    assert not said([cell], Thread("w", write))
    assert [each.split()[0] for each in said([cell], Thread("w", write), states=60)] == ["cell"]


def test_what_came_to_no_new_state_for_long_is_not_named() -> None:
    cell, count = Cell("cell", 0), Atomic("count")

    async def write() -> None:
        for value in range(60):
            await cell.write(value)
        await forever(add)

    async def add() -> Any:
        await count.atomic_inc()

    found = said([cell, count], Thread("w", write, daemon=True), states=900)
    assert [each.split()[0] for each in found] == ["count"]
