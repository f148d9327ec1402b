"""Threads that change a list or an array, reached in five ways."""

import array

import pytest

from locking import Cell, Thread, together


@pytest.mark.interleavings(data_races=False)
async def test_list_in_a_dict():
    x, found = Cell("x", 0), {"errors": []}

    async def add():
        await x.write(await x.read() + 1)
        if await x.read() != 2:
            found["errors"].append("lost")

    await together(add, add)
    await x.read()
    assert not found["errors"]


@pytest.mark.interleavings(data_races=False)
async def test_list_as_argument_of_a_thread():
    x, errors = Cell("x", 0), []

    async def add(errors):
        await x.write(await x.read() + 1)
        errors.append(1)

    await together(Thread("a", add, (errors,)), Thread("b", add, (errors,)))
    await x.read()
    assert not errors


@pytest.mark.interleavings(data_races=False)
async def test_list_as_default():
    x, errors = Cell("x", 0), []

    async def add(errors=errors):
        await x.write(await x.read() + 1)
        errors.append(1)

    await together(add, add)
    await x.read()
    assert not errors


@pytest.mark.interleavings(data_races=False)
async def test_array():
    x, errors = Cell("x", 0), array.array("q")

    async def add():
        await x.write(await x.read() + 1)
        errors.append(1)

    await together(add, add)
    await x.read()
    assert not errors


@pytest.mark.interleavings(data_races=False)
async def test_plain_list_is_refused():
    x, errors = Cell("x", 0), []

    async def add():
        await x.write(await x.read() + 1)
        errors.append(1)

    await together(add, add)
    await x.read()
    assert not errors
