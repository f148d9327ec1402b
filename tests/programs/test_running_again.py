"""A thread that does once more what it did: it stands where it stood, with all that is known."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from locking import Cell, Mutex, Thread, atomic, choose, procedure, require, retry, section
from locking.errors import ModelError
from locking.programs.run import Run

X, Y, LOCK = Cell("x", 0), Cell("y", 0), Mutex("lock")
KNOWN = ("position", "history", "sections", "blocks", "stepped_in_block", "began", "broken")
FOUND = ("required", "entered")
OF_A_STEP = ("entered_now", "passed")

Program = Callable[[], Awaitable[object]]


async def nested() -> None:
    """Sections and blocks, one in the other."""
    async with section("outer"), LOCK.hold():
        await X.read()
        async with section("inner"), atomic():
            await X.write(await choose(1, 2))
            await Y.write(1)
        await Y.read()


async def forgetful() -> None:
    """Procedures and rounds, which leave a shorter history behind."""

    @procedure
    async def look() -> bool:
        return bool(await X.read() + await Y.read())

    async def attempt() -> bool | None:
        return await X.read() or None

    await look()
    await retry(attempt)
    await look()


async def demanding() -> None:
    """Requirements that are not met, in a block and behind it."""
    async with atomic():
        await X.read()
        require(False, "inside", stop=False)
        await Y.read()
    require(False, "behind", stop=False)
    await X.read()
    await Y.read()


def step_by_step(program: Any, results: list[Any]) -> Run:
    """A run that was given `results`, and looked at after each."""
    run = Run(Thread("a", program))
    for result in results:
        run.give(result)
    return run


def assert_same(one: Run, other: Run, *names: str) -> None:
    """Refuse two runs of which not the same is known."""
    assert [getattr(one, each) for each in names] == [getattr(other, each) for each in names]


@pytest.mark.parametrize(
    ("program", "results"),
    [
        (nested, [None, 0, 2, None, None, 0, None]),
        (forgetful, [1, 2, 0, 0, 3, 0, 0]),
        (demanding, [0, 0, 0, 0]),
    ],
)
def test_a_thread_stands_where_it_stood(program: Any, results: list[Any]) -> None:
    for count in range(len(results) + 1):
        first = step_by_step(program, results[:count])
        again = Run(Thread("a", program))
        assert again.give_again(*results[:count]) == first.position
        assert_same(again, first, *KNOWN, *FOUND)
        for result in results[count : count + 1]:  # what is learned next
            assert again.give(result) == first.give(result)
            assert_same(again, first, *KNOWN, *FOUND, *OF_A_STEP)
        first.close()
        again.close()


def test_a_thread_that_ends_too_soon_is_given_no_more() -> None:
    again = Run(Thread("a", nested))
    again.give_again(None, 0, 2, None, None, 0, None, 1, 2, 3)
    assert (again.position.next, len(again.history)) == (None, 7)


def test_what_is_wrong_is_still_refused() -> None:
    """A thread that does something else when it runs again."""
    wrong: list[bool] = []

    async def work() -> None:
        await X.read()
        if wrong:
            Y.read()
        await X.read()
        await X.read()

    again = Run(Thread("a", work))
    wrong.append(True)
    with pytest.raises(ModelError, match=r"read\(y\) was made but not awaited"):
        again.give_again(0, 0)
