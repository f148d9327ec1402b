"""Async generators that a thread leaves before their end, as by a `break`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import pytest

from locking import Cell, Mutex, System, Thread, Verdict, always, deadlock_free, section
from locking.errors import ModelError
from locking.properties.explored import Property
from tests.explore.compare import checked

x, lock = Cell("x", 0), Mutex("lock")

Program = Callable[[], Awaitable[None]]


async def plain() -> AsyncGenerator[int, None]:
    for _ in range(3):
        yield await x.read()


async def under_a_lock() -> AsyncGenerator[int, None]:
    async with lock.hold():
        yield await x.read()
        yield await x.read()


async def in_a_section() -> AsyncGenerator[int, None]:
    async with section("span"):
        yield await x.read()
        yield await x.read()


async def that_fails() -> AsyncGenerator[int, None]:
    try:
        yield await x.read()
        yield await x.read()
    finally:
        assert await_nothing() == 1


def await_nothing() -> int:
    return 0


def leaves(values: Callable[[], AsyncGenerator[int, None]]) -> Program:
    async def program() -> None:
        async for _ in values():
            break
        await x.write(1)

    return program


async def returns_in_the_middle() -> None:
    async for value in under_a_lock():
        if value == 0:
            return


async def closes() -> None:
    async with aclosing(under_a_lock()) as found:
        async for _ in found:
            break
    await x.write(1)


def verdicts(program: Program, *properties: Property) -> list[Verdict]:
    made = System([x, lock], [Thread("a", program), Thread("b", program)], properties)
    return [each.verdict for each in checked(made).results]


@pytest.mark.parametrize("program", [leaves(plain), closes], ids=["plain", "closes"])
def test_a_generator_may_be_left_that_awaits_nothing_more(program: Program) -> None:
    assert verdicts(program, deadlock_free()) == [Verdict.HOLDS]


@pytest.mark.parametrize(
    ("program", "name", "does"),
    [
        (leaves(under_a_lock), "under_a_lock", "still awaits a step"),
        (leaves(in_a_section), "in_a_section", "still awaits a step"),
        (leaves(that_fails), "that_fails", "raises AssertionError"),
        (returns_in_the_middle, "under_a_lock", "still awaits a step"),
    ],
    ids=["lock", "section", "failure", "return"],
)
def test_a_generator_that_is_left_with_more_to_do_is_refused_by_its_name(
    program: Program, name: str, does: str
) -> None:
    with pytest.raises(ModelError) as raised:
        verdicts(program, deadlock_free(), always("low", lambda s: s[x] < 2))
    message = str(raised.value)
    assert f"thread a: leaves async generator {name} before its end, which then {does}" in message
    assert f"({__file__}:" in message
    assert f"write `async with aclosing({name}(...)) as found:`" in message
