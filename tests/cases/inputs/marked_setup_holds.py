"""A setup that takes a lock and keeps it."""

import pytest

from locking import Cell, Mutex, together


@pytest.mark.interleavings
async def test_setup_holds_the_lock():
    lock, x = Mutex("lock"), Cell("x", 0)
    await lock.mutex_lock()

    async def work():
        async with lock.hold():
            await x.write(1)

    await together(work)
