"""The rwsem: many readers or one writer, and waits that a signal may end.

Kernel: down_read_interruptible(), down_read_killable(), down_write_killable(),
kernel/locking/rwsem.c, 5.15; there is no down_write_interruptible(). They return 0 or -EINTR; here
True and False, as of every lock. A writer that gives up lets those go on who waited behind it, as
after out_nolock in rwsem_down_write_slowpath().
"""

from typing import Any

from locking.objects.operation import operation
from locking.objects.reader_writer import Fairness, ReaderWriter
from locking.objects.region import Region, here
from locking.objects.waiting import sleeps
from locking.programs.sleeping.giving_up import interruptible


class RwSem(ReaderWriter):
    """The rwsem: sleeping, not recursive, and a writer may downgrade."""

    waiting_in = sleeps("down_read", "down_write")

    def __init__(self, name: str, fairness: Fairness = Fairness.READER_PREFERRING) -> None:
        super().__init__(name, fairness)

    down_read = operation(ReaderWriter.acquire_read)
    down_read_trylock = operation(ReaderWriter.try_acquire_read)
    up_read = operation(ReaderWriter.release_read)
    down_write = operation(ReaderWriter.acquire_write)
    down_write_trylock = operation(ReaderWriter.try_acquire_write)
    up_write = operation(ReaderWriter.release_write)
    downgrade_write = operation(ReaderWriter.downgrade)

    def read(self, *body: Any) -> Region:
        """The lock held for reading over `body`."""
        held = Region(self, "read", self.down_read, self.up_read, body, site=here())
        return held.tried_by(self.down_read_trylock)

    def write(self, *body: Any) -> Region:
        """The lock held for writing over `body`; it may be downgraded."""
        held = Region(self, "write", self.down_write, self.up_write, body, site=here())
        held = held.tried_by(self.down_write_trylock)
        return held.lowering(self.downgrade_write, self.up_read)

    async def down_read_interruptible(self) -> bool:
        """True with the lock held for reading, or False if a signal came first."""
        return await interruptible(self.down_read)

    async def down_read_killable(self) -> bool:
        """True with the lock held for reading, or False if the thread was killed before that."""
        return await interruptible(self.down_read)

    async def down_write_killable(self) -> bool:
        """True with the lock held for writing, or False if the thread was killed before that."""
        return await interruptible(self.down_write)
