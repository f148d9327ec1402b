"""The mutex: a lock that is slept for, so that a signal may end the wait.

Kernel: mutex_lock_interruptible(), mutex_lock_killable(), kernel/locking/mutex.c, 5.15. They return
0 or -EINTR; here True and False, as of every lock. POSIX's pthread_mutex_timedlock is `timed`.
"""

from typing import Any

from locking.objects.exclusive import Exclusive
from locking.objects.operation import operation
from locking.objects.region import Region, here
from locking.objects.waiting import sleeps
from locking.programs.sleeping.giving_up import interruptible


class Mutex(Exclusive):
    """A sleeping lock with an owner; not recursive."""

    waiting_in = sleeps("mutex_lock")

    mutex_lock = operation(Exclusive.acquire)
    mutex_trylock = operation(Exclusive.try_acquire)
    mutex_unlock = operation(Exclusive.release)

    def hold(self, *body: Any) -> Region:
        """The mutex held over `body`."""
        held = Region(self, "hold", self.mutex_lock, self.mutex_unlock, body, site=here())
        return held.tried_by(self.mutex_trylock)

    async def mutex_lock_interruptible(self) -> bool:
        """True with the mutex owned, or False if a signal came first, which it may at any time."""
        return await interruptible(self.mutex_lock)

    async def mutex_lock_killable(self) -> bool:
        """True with the mutex owned, or False if the thread was killed before that."""
        return await interruptible(self.mutex_lock)
