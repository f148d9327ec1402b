"""Operations that are made in one place and awaited in another: handed on, kept, or forgotten."""

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    System,
    Thread,
    Verdict,
    assertions,
    at_end,
    atomic,
    choose,
    deadlock_free,
    no_misuse,
    procedure,
    retry,
)
from locking.errors import ModelError
from tests.explore.compare import checked
from tests.systems import threads

x, y = Cell("x", 0), Cell("y", 0)
lock, done = Mutex("lock"), Completion("done")

Program = Any


async def add_one() -> None:
    await x.write(await x.read() + 1)


async def under(take: Awaitable[None], let_go: Awaitable[None]) -> None:
    await take
    await add_one()
    await let_go


async def two_at_once() -> None:
    await under(lock.mutex_lock(), lock.mutex_unlock())


async def by_name() -> None:
    await under(let_go=lock.mutex_unlock(), take=lock.mutex_lock())


async def handed_further() -> None:
    async def outer(*steps: Awaitable[None]) -> None:
        await y.read()
        await under(*steps)

    await outer(lock.mutex_lock(), lock.mutex_unlock())


async def in_a_list() -> None:
    async def each_in_turn(steps: list[Awaitable[None]]) -> None:
        for each in steps:
            await each

    await each_in_turn([lock.mutex_lock(), y.read()])
    await add_one()
    await each_in_turn([y.read(), lock.mutex_unlock()])


@dataclass
class Guarded:
    """Two operations, kept with each other."""

    take: Awaitable[None]
    let_go: Awaitable[None]


async def in_an_object() -> None:
    pair = Guarded(lock.mutex_lock(), lock.mutex_unlock())
    await pair.take
    await add_one()
    await pair.let_go


async def in_a_variable() -> None:
    let_go = lock.mutex_unlock()
    await lock.mutex_lock()
    await add_one()
    await let_go


async def in_a_partial() -> None:
    await partial(under, lock.mutex_lock(), lock.mutex_unlock())()


async def in_a_procedure() -> None:
    await procedure(under)(lock.mutex_lock(), lock.mutex_unlock())


async def before_a_loop() -> None:
    let_go = lock.mutex_unlock()

    async def attempt() -> bool | None:
        return True if await lock.mutex_trylock() else None

    await retry(attempt)
    await add_one()
    await let_go


async def in_a_round() -> None:
    async def attempt() -> bool | None:
        await under(lock.mutex_lock(), lock.mutex_unlock())
        return True

    await retry(attempt)


async def in_one_step() -> None:
    async def both(step: Awaitable[None], then: Awaitable[Any]) -> None:
        async with atomic():
            await step
            await then

    await both(lock.mutex_lock(), y.read())
    await add_one()
    await both(y.read(), lock.mutex_unlock())


async def returned() -> None:
    async def let_go() -> Awaitable[None]:
        await lock.mutex_lock()
        return lock.mutex_unlock()

    last = await let_go()
    await add_one()
    await last


RIGHT = [
    two_at_once,
    by_name,
    handed_further,
    in_a_list,
    in_an_object,
    in_a_variable,
    in_a_partial,
    in_a_procedure,
    before_a_loop,
    in_a_round,
    in_one_step,
    returned,
]


def system(program: Program) -> System:
    return System(
        [x, y, lock],
        threads(program, program),
        [at_end("both", lambda s: s[x] == 2), deadlock_free(), no_misuse()],
    )


@pytest.mark.parametrize("program", RIGHT, ids=lambda each: each.__name__)
def test_an_operation_may_be_awaited_where_it_was_handed_to(program: Program) -> None:
    assert {each.verdict for each in checked(system(program)).results} == {Verdict.HOLDS}


async def one_step_more_than_once() -> None:
    look = y.read()
    await under(lock.mutex_lock(), look)
    await look
    await lock.mutex_unlock()


def test_an_operation_that_is_awaited_twice_is_two_steps() -> None:
    assert {each.verdict for each in checked(system(one_step_more_than_once)).results} == {
        Verdict.HOLDS
    }


async def dropped_by_a_helper() -> None:
    async def ignore(_: Awaitable[None]) -> None:
        await y.read()

    await ignore(lock.mutex_lock())
    await y.read()


async def dropped_on_one_way() -> None:
    async def perhaps(step: Awaitable[None]) -> None:
        if await choose(True, False):
            await step
            await lock.mutex_unlock()

    await perhaps(lock.mutex_lock())
    await y.read()


async def one_of_two() -> None:
    async def first_of(one: Awaitable[None], _: Awaitable[None]) -> None:
        await one

    await first_of(y.read(), lock.mutex_lock())


async def written_over() -> None:
    step = lock.mutex_lock()
    await y.read()
    step = lock.mutex_lock()
    await step
    await lock.mutex_unlock()


async def kept_to_the_end() -> None:
    step = lock.mutex_lock()
    await y.read()
    assert step is not None


async def returned_to_nobody() -> Any:
    await y.read()
    return lock.mutex_lock()


async def kept_over_a_failure() -> None:
    step = lock.mutex_lock()
    await y.read()
    assert await x.read() == 1
    await step


FORGOTTEN = [
    dropped_by_a_helper,
    dropped_on_one_way,
    one_of_two,
    written_over,
    kept_to_the_end,
    returned_to_nobody,
]


@pytest.mark.parametrize("program", FORGOTTEN, ids=lambda each: each.__name__)
def test_an_operation_that_nobody_awaits_any_more_is_refused(program: Program) -> None:
    made = System([x, y, lock], [Thread("a", program)], [deadlock_free()])
    with pytest.raises(ModelError, match=r"mutex_lock\(lock\) was made but not awaited"):
        checked(made)


def test_what_fails_meanwhile_is_the_verdict() -> None:
    made = System([x, y, lock], [Thread("a", kept_over_a_failure)], [assertions()])
    assert [each.verdict for each in checked(made).results] == [Verdict.FAILS]


async def compared() -> None:
    seen = x.read()
    if seen == 1:
        await y.write(1)
    await done.wait_for_completion()


async def compared_the_other_way() -> None:
    seen = x.read()
    if 1 in (0, seen):
        await y.write(1)
    await done.wait_for_completion()


async def taken_for_true() -> None:
    seen = x.read()
    if not seen:
        await y.write(1)
    await done.wait_for_completion()


@pytest.mark.parametrize(
    "program", [compared, compared_the_other_way, taken_for_true], ids=lambda each: each.__name__
)
def test_an_operation_is_not_taken_for_its_result_though_the_thread_never_ends(
    program: Program,
) -> None:
    made = System([x, y, done], [Thread("a", program, daemon=True)], [deadlock_free()])
    with pytest.raises(ModelError, match=r"read\(x\) has no result until it is awaited; .*:\d+\)"):
        checked(made)
