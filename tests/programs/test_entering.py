"""Regions and blocks that a thread makes: entered there, handed on, chosen from, or forgotten."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from locking import (
    Cancellation,
    Cell,
    Completion,
    Mutex,
    RangeLock,
    RwSem,
    System,
    Thread,
    Verdict,
    assertions,
    at_end,
    atomic,
    choose,
    deadlock_free,
    let_go,
    no_misuse,
    perform,
    procedure,
    retry,
    section,
    step,
    take,
    trylock,
)
from locking.errors import ModelError
from locking.programs import run
from tests.explore.compare import checked
from tests.systems import threads

x, y = Cell("x", 0), Cell("y", 0)
lock, other, rw = Mutex("lock"), Mutex("other"), RwSem("rw")
ranges, done = RangeLock("ranges", 4), Completion("done")
cancelled = Cancellation("cancelled", raises=True)
EVERYTHING = [x, y, lock, other, rw, ranges, done, cancelled]

Program = Callable[..., Awaitable[Any]]


async def add_one() -> None:
    await x.write(await x.read() + 1)


@step("add one")
async def ADD(_: Any) -> None:
    await add_one()


async def inside(region: Any) -> None:
    async with region:
        await add_one()


async def handed_to_a_helper() -> None:
    await inside(lock.hold())


async def entered_later() -> None:
    region = lock.hold()
    await y.read()
    await inside(region)


async def in_another_order() -> None:
    first, second = lock.hold(), other.hold()
    async with second, first:
        await add_one()


async def made_where_it_is_chosen() -> None:
    async with rw.write() if await y.read() == 0 else rw.read():
        await add_one()


async def performed() -> None:
    await perform([lock.hold(ADD)], None)


async def performed_hand_over_hand() -> None:
    trees = [take(lock.hold()), ADD, take(other.hold()), let_go(lock.hold()), let_go(other.hold())]
    await perform(trees, None)


async def performed_if_it_is_free() -> None:
    await perform([trylock(lock.hold(), otherwise=[lock.hold()]), lock.hold(ADD)], None)


async def by_its_operations() -> None:
    region = lock.hold()
    await region.acquire()
    await add_one()
    await region.release()


async def entered_in_a_stack() -> None:
    async with AsyncExitStack() as stack:
        for each in (lock, other):
            await stack.enter_async_context(each.hold())
        await add_one()


async def a_range() -> None:
    async with ranges.writing(0, 2):
        await add_one()


async def in_a_round() -> None:
    async def attempt() -> bool:
        async with lock.hold(), section("round"):
            await add_one()
        return True

    await retry(attempt)


async def blocks_that_are_kept() -> None:
    block, span = atomic(), section("span")
    async with span, block:
        await add_one()


RIGHT = [
    handed_to_a_helper,
    entered_later,
    in_another_order,
    made_where_it_is_chosen,
    performed,
    performed_hand_over_hand,
    performed_if_it_is_free,
    by_its_operations,
    entered_in_a_stack,
    a_range,
    in_a_round,
    blocks_that_are_kept,
]


@pytest.mark.parametrize("program", RIGHT, ids=lambda each: each.__name__)
def test_a_region_may_be_entered_in_any_place(program: Program) -> None:
    properties = [at_end("both", lambda s: s[x] == 2), deadlock_free(), no_misuse()]
    made = System(EVERYTHING, threads(program, program), properties)
    assert {each.verdict for each in checked(made).results} == {Verdict.HOLDS}


async def waits_between() -> None:
    region = lock.hold()
    await cancelled.wait(done.wait_for_completion)
    async with region:
        await add_one()


async def cancels() -> None:
    await cancelled.cancel()


def test_who_is_cancelled_need_not_enter_what_comes_later() -> None:
    made = System(EVERYTHING, threads(waits_between, cancels), [deadlock_free()])
    assert {each.verdict for each in checked(made).results} == {Verdict.HOLDS}


async def a_statement() -> None:
    lock.hold()
    await add_one()


async def a_statement_before_another_region() -> None:
    lock.hold()
    async with other.hold():
        await add_one()


async def a_statement_in_a_region() -> None:
    async with other.hold():
        rw.write()
        await add_one()


async def at_the_end() -> None:
    await add_one()
    rw.read()


async def kept_to_the_end() -> None:
    held = lock.hold()
    await add_one()
    assert held


async def one_of_two() -> None:
    reading, writing = rw.read(), rw.write()
    async with writing if await y.read() == 0 else reading:
        await add_one()


async def left_before_it() -> None:
    inner = lock.hold()
    if await y.read() == 0:
        return
    await inside(inner)


async def as_a_test() -> None:
    if lock.hold():
        await add_one()


async def steps_that_are_not_performed() -> None:
    lock.hold(ADD)
    await add_one()


async def kept_beside_another_region() -> None:
    held = lock.hold()
    async with other.hold():
        await add_one()
    assert held


async def dropped_by_a_helper() -> None:
    async def ignore(_: Any) -> None:
        await add_one()

    await ignore(lock.hold())


async def in_a_procedure() -> None:
    async def held() -> None:
        lock.hold()
        await add_one()

    await procedure(held)()


async def on_one_way() -> None:
    if await choose(True, False):
        lock.hold()
    await add_one()


async def a_range_that_is_forgotten() -> None:
    ranges.writing(0, 2)
    await add_one()


async def a_section() -> None:
    section("span")
    await add_one()


async def a_block() -> None:
    atomic()
    await add_one()


FORGOTTEN = {
    a_statement: "lock.hold()",
    a_statement_before_another_region: "lock.hold()",
    a_statement_in_a_region: "rw.write()",
    at_the_end: "rw.read()",
    kept_to_the_end: "lock.hold()",
    kept_beside_another_region: "lock.hold()",
    one_of_two: "rw.read()",
    left_before_it: "lock.hold()",
    as_a_test: "lock.hold()",
    dropped_by_a_helper: "lock.hold()",
    in_a_procedure: "lock.hold()",
    on_one_way: "lock.hold()",
    a_range_that_is_forgotten: "ranges.writing()",
    a_section: "section('span')",
    a_block: "atomic()",
}


def refusal(program: Program) -> str:
    made = System(EVERYTHING, [Thread("a", program)], [deadlock_free()])
    with pytest.raises(ModelError) as raised:
        checked(made)
    return str(raised.value)


@pytest.mark.parametrize("program", FORGOTTEN, ids=lambda each: each.__name__)
def test_what_is_never_entered_is_refused(program: Program) -> None:
    what, message = FORGOTTEN[program], refusal(program)
    assert f"thread a: {what} was made but not entered ({__file__}:" in message
    assert message.endswith(f"write `async with {what}:`")


def test_steps_under_a_lock_that_are_not_performed_are_refused() -> None:
    message = refusal(steps_that_are_not_performed)
    assert f"lock.hold(add one) was made but not entered ({__file__}:" in message
    assert message.endswith("write `await perform([lock.hold(add one)], subject)`")


def test_without_this_a_lock_that_is_never_taken_would_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "forgotten", lambda *_, **__: None)
    made = System(EVERYTHING, [Thread("a", a_statement)], [deadlock_free()])
    assert {each.verdict for each in checked(made).results} == {Verdict.HOLDS}


async def kept_over_a_failure() -> None:
    held = lock.hold()
    assert await x.read() == 1
    await inside(held)


def test_what_fails_meanwhile_is_the_verdict() -> None:
    made = System([x, lock], [Thread("a", kept_over_a_failure)], [assertions()])
    assert [each.verdict for each in checked(made).results] == [Verdict.FAILS]
