"""What every lock can be asked to assert: who holds it here.

Kernel: lockdep_assert_held, _held_write, _held_read (lock_is_held_type), lockdep_assert_not_held,
include/linux/lockdep.h (v6.12). There a false one is a WARN_ON and the kernel goes on; here it is a
misuse. Left out: that they are silent once lockdep has turned itself off.

An assertion is a step of its own, at which others may move. Nobody else can make it true or false,
so of its orders with other steps `partial-order` takes one. In one `atomic()` with the step after
it, an assertion adds no state at all; but where that step must wait, the assertion waits with it.
"""

from typing import Any

from locking.objects.operation import Misuse, Object, Outcome, operation, ordered
from locking.objects.order import NO_ORDER

SHARED = frozenset({"read", "upgradable"})
"""The modes in which others may read meanwhile; in any other the holder is alone."""


class Lock(Object):
    """The base of every lock, for which `holders` says who holds it.

    What holds answers True, not None: then a placement under which it might answer otherwise is
    never taken for one under which everything goes the same way.
    """

    def asserted(self, state: Any, me: str, modes: set[str], good: bool, should: str) -> Outcome:
        """Nothing changes; a misuse unless `good`. `modes` are those in which `me` holds it."""
        if good:
            return state, True
        holds = f"holds it ({', '.join(sorted(modes))})" if modes else "does not hold it"
        return Misuse(f"{me} should {should} {self.name}, and {holds}")

    def modes_of(self, state: Any, me: str) -> set[str]:
        """The modes in which `me` holds the lock."""
        return {held.mode for held in self.holders(state) if held.thread == me}

    @ordered(NO_ORDER)
    @operation
    def lockdep_assert_held(self, state: Any, me: str) -> Outcome:
        """True if the thread holds the lock in whatever mode; else a misuse."""
        modes = self.modes_of(state, me)
        return self.asserted(state, me, modes, bool(modes), "hold")

    @ordered(NO_ORDER)
    @operation
    def lockdep_assert_held_write(self, state: Any, me: str) -> Outcome:
        """True if the thread holds the lock alone; else a misuse."""
        modes = self.modes_of(state, me)
        return self.asserted(state, me, modes, bool(modes - SHARED), "be the only one to hold")

    @ordered(NO_ORDER)
    @operation
    def lockdep_assert_held_read(self, state: Any, me: str) -> Outcome:
        """True if the thread holds the lock as a reader; else, also for a writer, a misuse."""
        modes = self.modes_of(state, me)
        return self.asserted(state, me, modes, bool(modes & SHARED), "hold for reading")

    @ordered(NO_ORDER)
    @operation
    def lockdep_assert_not_held(self, state: Any, me: str) -> Outcome:
        """True if the thread does not hold the lock; else a misuse."""
        modes = self.modes_of(state, me)
        return self.asserted(state, me, modes, not modes, "not hold")
