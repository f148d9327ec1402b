"""Placements are performed anywhere in a thread, and their locks are let go whatever happens."""

from contextlib import suppress
from typing import Any

import pytest

from locking import (
    Cell,
    Mutex,
    RwSem,
    System,
    Thread,
    Verdict,
    at_end,
    choose,
    data_race_free,
    deadlock_free,
    no_misuse,
    perform,
    procedure,
    retry,
    section,
    step,
)
from tests.explore.compare import checked

rwsem, mutex, x, y = RwSem("rwsem"), Mutex("mutex"), Cell("x", 0), Cell("y", 0)


@step("FIRST")
async def FIRST(_: Any) -> None:
    await x.write(await x.read() + 1)


@step("SECOND")
async def SECOND(_: Any) -> None:
    await y.write(await y.read() + 1)


@step("RAISES")
async def RAISES(_: Any) -> None:
    await x.write({}[await y.READ_ONCE()])


TREES = {
    "regions": (rwsem.write(FIRST), mutex.hold(SECOND)),
    "nested": (rwsem.write(FIRST, mutex.hold(SECOND)),),
    "downgraded": (rwsem.write(FIRST).downgrade(mutex.hold(SECOND)),),
}


async def in_a_helper(trees: Any) -> None:
    async def helper(made: Any) -> None:
        await made

    await helper(perform(trees, None))


async def in_a_procedure(trees: Any) -> None:
    await procedure(perform)(trees, None)


async def twice(trees: Any) -> None:
    for _ in range(2):
        await perform(trees, None)


async def in_a_round(trees: Any) -> None:
    async def attempt() -> bool:
        await perform(trees, None)
        return True

    await retry(attempt)


async def on_one_way(trees: Any) -> None:
    if await choose(False, True):
        async with section("outer"):
            await perform(trees, None)


def verdicts(program: Any, trees: Any) -> set[Verdict]:
    """The verdicts of two threads that run `program`."""
    system = System(
        [rwsem, mutex, x, y],
        [Thread(name, program, (trees,)) for name in "ab"],
        [
            at_end("alike", lambda s: s[x] == s[y]),
            data_race_free(),
            no_misuse(),
            deadlock_free(),
        ],
    )
    return {each.verdict for each in checked(system).results}


@pytest.mark.parametrize("trees", TREES.values(), ids=TREES)
@pytest.mark.parametrize(
    "program",
    [in_a_helper, in_a_procedure, twice, in_a_round, on_one_way],
    ids=lambda p: p.__name__,
)
def test_a_placement_may_be_performed_anywhere(program: Any, trees: Any) -> None:
    assert verdicts(program, trees) == {Verdict.HOLDS}


RAISING = {
    "region": (rwsem.write(RAISES),),
    "nested": (rwsem.write(FIRST, mutex.hold(SECOND, RAISES)),),
    "before the downgrade": (rwsem.write(RAISES).downgrade(SECOND),),
    "after the downgrade": (rwsem.write(FIRST, SECOND).downgrade(RAISES),),
}


async def catches(trees: Any) -> None:
    with suppress(KeyError):
        await perform(trees, None)


@pytest.mark.parametrize("trees", RAISING.values(), ids=RAISING)
def test_an_exception_that_leaves_a_placement_lets_its_locks_go(trees: Any) -> None:
    assert verdicts(catches, trees) == {Verdict.HOLDS}
