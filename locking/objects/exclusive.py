"""Locks that one thread holds at a time: the spinlock, and the rule of the mutex.

Kernel: struct mutex, kernel/locking/mutex.c; spinlock_t, include/linux/spinlock.h. Left out: wait
lists, optimistic spinning, handoff, interrupts. They decide who gets the lock next and never let
two in; here any waiter may be next, which covers every such choice.
"""

from typing import Any

from locking.objects.lockdep import Lock
from locking.objects.operation import WAIT, Holding, Misuse, Outcome, operation
from locking.objects.region import Region, here
from locking.objects.waiting import spins


class Exclusive(Lock):
    """The rule of both. State: the name of the owner, or None."""

    def acquire(self, owner: str | None, me: str) -> Outcome:
        """Own the lock, or wait; an owner who waits for itself would wait for ever."""
        if owner == me:
            return Misuse(f"{me} waits for {self.name}, which it holds itself")
        return (me, None) if owner is None else WAIT

    def try_acquire(self, owner: str | None, me: str) -> Outcome:
        """True with the lock owned, or False at once."""
        return (me, True) if owner is None else (owner, False)

    def release(self, owner: str | None, me: str) -> Outcome:
        """Let go, which only the owner may do."""
        if owner != me:
            holder = "nobody" if owner is None else owner
            return Misuse(f"{me} unlocks {self.name}, which {holder} holds")
        return None, None

    def holders(self, state: str | None) -> tuple[Holding, ...]:
        """The owner."""
        return () if state is None else (Holding(state, "held by"),)


class Spinlock(Exclusive):
    """A lock that is spun for; not recursive."""

    waiting_in = spins(unpreempted=("spin_lock",))

    spin_lock = operation(Exclusive.acquire)
    spin_trylock = operation(Exclusive.try_acquire)
    spin_unlock = operation(Exclusive.release)

    def hold(self, *body: Any) -> Region:
        """The lock held over `body`."""
        held = Region(self, "hold", self.spin_lock, self.spin_unlock, body, site=here())
        return held.tried_by(self.spin_trylock)
