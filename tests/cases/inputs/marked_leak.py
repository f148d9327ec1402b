"""Two tests, of which only the first is wrong."""

import pytest

from locking import Cell, Thread, together


@pytest.mark.interleavings
async def test_wrong():
    a = Cell("a", 0)

    async def put(x):
        await a.WRITE_ONCE(x)

    await together(put(1), put(2))  # a mistake, which is reported well


@pytest.mark.interleavings
async def test_right():
    a = Cell("a", 0)

    async def put(x):
        await a.WRITE_ONCE(x)

    await together(Thread("one", put, (1,)), Thread("two", put, (2,)))
