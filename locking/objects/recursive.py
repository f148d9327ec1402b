"""A mutex that its owner may take again, and must let go as often.

POSIX: PTHREAD_MUTEX_RECURSIVE of pthread_mutex_lock (IEEE 1003.1-2024); ReentrantLock of Java,
threading.RLock of Python. The kernel has none. Left out: who is next, for any waiter may be; and
that POSIX may say EAGAIN at some depth, which no program should come to.
"""

from typing import Any, NamedTuple

from locking.objects.lockdep import Lock
from locking.objects.operation import WAIT, Holding, Misuse, Outcome, operation
from locking.objects.region import Region, here
from locking.objects.waiting import sleeps


class Owned(NamedTuple):
    """Who owns a recursive mutex, and how often it must still be let go."""

    owner: str
    depth: int = 1


class RecursiveMutex(Lock):
    """State: an `Owned`, or None."""

    waiting_in = sleeps("lock")

    def __init__(self, name: str) -> None:
        super().__init__(name, None)

    @operation
    def lock(self, owned: Owned | None, me: str) -> Outcome:
        """Own the lock, once more if it is owned already, or wait."""
        if owned is None:
            return Owned(me), None
        return (Owned(me, owned.depth + 1), None) if owned.owner == me else WAIT

    @operation
    def trylock(self, owned: Owned | None, me: str) -> Outcome:
        """True with the lock owned, once more if it was, or False at once."""
        if owned is None:
            return Owned(me), True
        return (Owned(me, owned.depth + 1), True) if owned.owner == me else (owned, False)

    @operation
    def unlock(self, owned: Owned | None, me: str) -> Outcome:
        """Let go once, which only the owner may do; the last time, others may have the lock."""
        if owned is None or owned.owner != me:
            holder = "nobody" if owned is None else owned.owner
            return Misuse(f"{me} unlocks {self.name}, which {holder} holds")
        return (Owned(me, owned.depth - 1) if owned.depth > 1 else None), None

    def hold(self, *body: Any) -> Region:
        """The lock held over `body`, once more if it is held already."""
        held = Region(self, "hold", self.lock, self.unlock, body, site=here())
        return held.tried_by(self.trylock)

    def holders(self, state: Owned | None) -> tuple[Holding, ...]:
        """The owner, as often as it must let go."""
        return () if state is None else (Holding(state.owner, "held by"),) * state.depth

    def show(self, state: Owned | None) -> str:
        """The owner, and how often it holds the lock if that is more than once."""
        if state is None:
            return "free"
        return f"held by {state.owner}" + (f", {state.depth} times" if state.depth > 1 else "")
