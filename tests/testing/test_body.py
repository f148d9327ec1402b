"""Where nothing runs beside a body: its setup."""

import pytest

from locking import Atomic, Cell, Mutex, Thread, require, together
from locking.errors import ModelError
from locking.testing.body import begin


async def work():
    pass


def test_the_setup_acts_at_once():
    async def body():
        total = Cell("total", 1)
        await total.write(await total.read() + 1)
        await together(work)

    start = begin(body)
    assert {each.name: state for each, state in start.states.items()} == {"total": 2}
    assert [each.name for each in start.threads] == ["work"]


def waits():
    async def body():
        lock = Mutex("lock")
        await lock.mutex_lock()
        await lock.mutex_lock()

    return body


def misuses():
    async def body():
        await Mutex("lock").mutex_unlock()

    return body


def asserts():
    async def body():
        assert await Cell("total", 1).read() == 2

    return body


def requires():
    async def body():
        require(await Cell("total", 1).read() == 2, "two", stop=False)
        await together(work)

    return body


def raises():
    async def body():
        raise KeyError("page")

    return body


def forgets():
    async def body():
        Cell("total", 1).write(2)
        await together(work)

    return body


def forgets_together():
    async def body():
        together(work)

    return body


def never_comes_to_it():
    async def body():
        await Cell("total", 1).write(2)

    return body


def has_none():
    async def body():
        await together()

    return body


def has_a_coroutine():
    async def body():
        await together(work())

    return body


def has_a_number():
    async def body():
        await together(1)

    return body


def never_ends():
    async def body():
        total = Atomic("total")
        while True:
            await total.atomic_read()

    return body


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (waits, "before together.*mutex_lock"),
        (misuses, "before together.*is a misuse"),
        (asserts, "before together.*test_body.py:"),
        (requires, "before together.*requirement two"),
        (raises, "raised KeyError"),
        (forgets, "was made but not awaited"),
        (forgets_together, r"together\(threads\) was made but not awaited"),
        (never_comes_to_it, r"it has no together\(\)"),
        (has_none, "got no threads"),
        (has_a_coroutine, r"write `work`, not `work\(\)`.*test_body.py:"),
        (has_a_number, "got 1; it takes async functions"),
        (never_ends, "operations outside of all threads, and no end"),
    ],
)
def test_what_the_setup_can_not_do_is_said(make, message):
    with pytest.raises(ModelError, match=message):
        begin(make())


def test_threads_are_called_as_their_functions_or_by_their_letters():
    async def body():
        async def other():
            pass

        await together(work, other, Thread("named", work), other, lambda: work())

    assert [each.name for each in begin(body).threads] == ["work", "b", "named", "d", "e"]
