"""Regions: a lock held in a mode, around code or over the steps of a placement."""

import pytest

from locking import Cell, Mutex, RwSem, Thread, step
from locking.errors import PlacementError
from tests.systems import report

lock, other = RwSem("lock"), Mutex("other")


@step("init")
async def init(subject):
    """Nothing."""


@step("resize")
async def resize(subject):
    """Nothing."""


def test_a_region_reads_as_it_is_written():
    assert str(lock.read(init)) == "lock.read(init)"
    assert str(other.hold(resize, init)) == "other.hold(resize, init)"
    assert str(lock.write(other.hold(resize), init)) == "lock.write(other.hold(resize), init)"
    assert str(lock.write(resize).downgrade(init)) == "lock.write(resize).downgrade(init)"


def test_regions_are_equal_if_lock_mode_and_body_are():
    assert lock.read(init) == lock.read(init)
    assert lock.read(init) != lock.write(init)
    assert lock.read(init) != lock.read(resize)
    assert lock.write(init) != lock.write(init).downgrade(resize)


def test_a_region_knows_the_line_that_it_was_written_at():
    region = lock.read(init)
    assert region.site.filename == __file__
    assert region.acquire().site is None
    assert region.at_site(region.acquire()).site == region.site


def test_only_a_write_region_of_an_rwsem_is_downgraded():
    for region in (lock.read(init), other.hold(init)):
        with pytest.raises(PlacementError, match="can't be downgraded"):
            region.downgrade(resize)


def test_a_downgrade_goes_on_with_something():
    with pytest.raises(PlacementError, match="needs the steps it goes on with"):
        lock.write(init).downgrade()


def test_a_region_is_downgraded_once():
    with pytest.raises(PlacementError, match="is downgraded already"):
        lock.write(init).downgrade(resize).downgrade(resize)


def test_a_region_around_code_takes_the_lock_and_lets_go():
    cell = Cell("cell", 0)

    async def work():
        async with lock.write():
            await cell.write(1)

    found = report([lock, cell], [Thread("a", work), Thread("b", work)])
    assert (found.depth, found.interleavings) == (6, 2)


def test_an_exception_lets_go_of_nothing():
    """It ends the run; a release on its way out would be a step that the code never takes."""
    cell = Cell("cell", 0)

    async def work():
        async with lock.write():
            assert await cell.read()

    found = report([lock, cell], [Thread("a", work)])
    assert found.depth == 2
