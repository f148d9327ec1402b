"""Python variables that threads change: no search sees them, so none may tell a test anything."""

from functools import partial

import pytest

from locking import Atomic, together
from locking.errors import NotDeterministic
from tests.testing.bodies import fails, report

SEEN = []


def appends():
    async def body():
        count, seen = Atomic("count"), []

        async def work():
            seen.append(await count.atomic_inc_return())

        await together(work, work)
        assert not seen

    return body


def assigns():
    async def body():
        count, last = Atomic("count"), 0

        async def work():
            nonlocal last
            last = await count.atomic_inc_return()

        await together(work, work)
        assert last == 0

    return body


def assigns_first():
    async def body():
        count = Atomic("count")

        async def work():
            nonlocal last
            last = await count.atomic_inc_return()

        await together(work)
        last = None
        assert last is None

    return body


def by_a_function():
    async def body():
        count, seen = Atomic("count"), {}

        def note(value):
            seen[value] = True

        async def work(_):
            note(await count.atomic_inc_return())

        await together(partial(work, 1), partial(work, 2))

    return body


def of_the_module():
    async def body():
        count = Atomic("count")

        async def work():
            SEEN.append(await count.atomic_inc_return())

        await together(work)

    return body


@pytest.mark.parametrize("make", [appends, assigns, assigns_first, by_a_function, of_the_module])
def test_a_variable_that_a_thread_changes_is_refused(make):
    with pytest.raises(NotDeterministic, match=r"changes the variable '(seen|last|SEEN)'"):
        report(make())


def test_variables_that_threads_only_read_are_fine():
    async def body():
        count, steps, names = Atomic("count"), [1, 2], {"x": 3}

        async def work():
            for step in [*steps, *names.values()]:
                await count.atomic_add(step)

        await together(work, work)
        assert await count.atomic_read() == 12

    assert fails(body) == []
