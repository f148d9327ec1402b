"""Code of a thread that does nothing, or whose condition is decided before it is asked."""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from locking import Cell, Mutex, RwSem, System, Thread, Verdict, assertions, deadlock_free, require
from locking.errors import ModelError
from locking.programs import in_vain
from tests.explore.compare import checked

x, flag, lock, rw = Cell("x", 0), Cell("flag", False), Mutex("lock"), RwSem("rw")

Program = Callable[..., Awaitable[Any]]


async def helper() -> Any:
    return await x.read()


def plain() -> bool:
    return True


class Guard:
    """A context manager of the user's own."""

    async def __aenter__(self) -> None:
        await lock.mutex_lock()

    async def __aexit__(self, *_: object) -> None:
        await lock.mutex_unlock()


@asynccontextmanager
async def guarded() -> Any:
    await lock.mutex_lock()
    yield
    await lock.mutex_unlock()


async def region_not_called() -> None:
    lock.hold  # noqa: B018
    await x.write(1)


async def operation_not_called() -> None:
    x.read  # noqa: B018
    await x.write(1)


async def function_not_called() -> None:
    helper  # noqa: B018
    await x.write(1)


async def attribute_of_what_is_not_known(of: Any = None) -> None:
    for each in (of,):
        each.real  # noqa: B018
    await x.write(1)


async def comparison_that_nobody_asks() -> None:
    await x.write(1)
    await x.read() == 1  # noqa: B015


async def manager_not_entered() -> None:
    Guard()
    await x.write(1)


async def generator_not_entered() -> None:
    guarded()
    await x.write(1)


async def helper_for_its_result() -> None:
    if helper:
        await x.write(1)


async def plain_for_its_result() -> None:
    while not plain:
        await x.write(1)
    await x.read()


async def second_is_not_awaited() -> None:
    if await x.read() and flag.read():
        await x.write(1)


async def one_region_or_another() -> None:
    async with lock.hold() or rw.read():
        await x.write(1)


async def compared_with_two() -> None:
    if await x.read() == 1 or 2:
        await x.write(1)


async def never_both() -> None:
    assert not (await x.read() and "")


async def with_its_message() -> None:
    require((await x.read() == 3, "three"), "three")


async def in_brackets() -> None:
    assert [await x.read() == 3]


async def named_in_text() -> None:
    assert f"x {await x.read()}"


async def object_that_is_false() -> None:
    if flag is False:
        await x.write(1)
    await x.read()


async def lock_that_is_not_free() -> None:
    if not lock:
        await x.write(1)
    await x.read()


async def lock_that_is_not_true() -> None:
    if lock is not True:
        await x.write(1)
    await x.read()


async def argument_that_is_false(given: Any = flag) -> None:
    if given is False:
        await x.write(1)
    await x.read()


IN_VAIN = {
    region_not_called: ("`lock.hold` alone does nothing", "write `async with lock.hold():`"),
    operation_not_called: ("`x.read` alone does nothing", "write `await x.read(...)`"),
    function_not_called: ("`helper` alone does nothing", "call it: `await helper(...)`"),
    attribute_of_what_is_not_known: ("`each.real` alone does nothing", "call it: `each.real(...)`"),
    comparison_that_nobody_asks: ("nothing asks", "write `assert await x.read() == 1`"),
    manager_not_entered: ("`Guard()` is made and never entered", "write `async with Guard():`"),
    generator_not_entered: ("`guarded()` is made and never", "write `async with guarded():`"),
    helper_for_its_result: ("`helper` is not called", "call it: `await helper(...)`"),
    plain_for_its_result: ("`plain` is not called", "call it: `plain(...)`"),
    second_is_not_awaited: ("`flag.read()` has no result until", "write `await flag.read()`"),
    one_region_or_another: ("`lock.hold()` is a region, which is always", "to choose a region"),
    compared_with_two: ("== 1 or 2` is always true, because of its `2`", "as in `x in (1, 2)`"),
    never_both: ("is always false, because of its `''`", "compare with each value"),
    with_its_message: ("'three')` is always true, for it is not empty", "the condition alone"),
    in_brackets: ("== 3]` is always true, for it is not empty", "the condition alone"),
    named_in_text: ("is always true, for it is not empty", "the condition alone"),
    object_that_is_false: ("`flag is False` is never so", "write `await flag.read()`"),
    lock_that_is_not_free: ("`lock` is an object, which is always true", "`lock is not None`"),
    lock_that_is_not_true: ("`lock is not True` is always so", "`lock is not None`"),
    argument_that_is_false: ("`given is False` is never so", "write `await given.read()`"),
}


def system_of(program: Program, *given: Any) -> System:
    made = [Thread("a", program, given)]
    return System([x, flag, lock, rw], made, [deadlock_free(), assertions()])


@pytest.mark.parametrize("program", IN_VAIN, ids=lambda each: each.__name__)
def test_code_that_does_nothing_is_refused_with_its_line(program: Program) -> None:
    what, mend = IN_VAIN[program]
    with pytest.raises(ModelError) as raised:
        checked(system_of(program))
    message = str(raised.value)
    assert what in message and mend in message
    first = program.__code__.co_firstlineno  # type: ignore[attr-defined]
    assert f"{__file__}:{first + 1}" in message or f"{__file__}:{first + 2}" in message


async def nothing_in_vain(hook: Any, own: Any = None) -> None:
    """What looks like one of these, and is none."""
    value = await x.read() or 5
    if value and (await flag.read()) is False:
        await x.write(value or 2)
    while True:
        if (hook and not own and await x.read() == 5) or False:
            break
    region = lock.hold() if value else rw.read()
    async with region, guarded() if not value else Guard2():
        assert value, ("never", 1)


class Guard2:
    """Nothing is locked."""

    async def __aenter__(self) -> None:
        await x.read()

    async def __aexit__(self, *_: object) -> None:
        await x.read()


def test_what_decides_something_is_left_alone() -> None:
    results = checked(system_of(nothing_in_vain, plain)).results
    assert [each.verdict for each in results] == [Verdict.HOLDS] * len(results)


def hooked(on_end: Any) -> Program:
    async def program() -> None:
        await x.read()
        if on_end:
            on_end()

    return program


@pytest.mark.parametrize("hook", [None, plain], ids=["none", "one"])
def test_a_variable_that_may_hold_a_function_may_be_asked_for(hook: Any) -> None:
    checked(system_of(hooked(hook)))


@asynccontextmanager  # type: ignore[arg-type]
async def never_yields() -> None:
    await lock.mutex_lock()


async def entered_without_a_body() -> None:
    async with never_yields():
        await x.write(1)


def test_a_context_manager_that_never_yields_is_refused() -> None:
    with pytest.raises(ModelError, match=r"is no generator with a `yield` .*write `yield` where"):
        checked(system_of(entered_without_a_body))


async def alone(given: Any) -> None:
    given  # noqa: B018
    await x.write(1)


def test_a_program_is_looked_at_for_all_that_it_is_given() -> None:
    checked(System([x], [Thread("a", alone, (1,))], []))
    with pytest.raises(ModelError, match="`given` alone does nothing"):
        checked(System([x], [Thread("a", alone, (lock.hold,))], []))


def test_without_this_a_lock_that_is_never_taken_would_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_vain, "all_doubtful", lambda _: [])
    results = checked(system_of(region_not_called)).results
    assert [each.verdict for each in results] == [Verdict.HOLDS] * len(results)
