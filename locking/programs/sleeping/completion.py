"""A completion: threads wait until somebody says that something is done.

Kernel: struct completion, kernel/sched/completion.c, 5.15. State: how many waiters may pass, or
ALL. Waits that may be ended are True having passed: the kernel's return 0 where a signal may end
them, and the time that is left where time may.

Every `complete` is ordered before each wait that passes later, until the completion is started
again: both take its spinlock. A wait that does not pass orders nothing.
"""

from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, RELEASE, Order
from locking.objects.passing import if_passed
from locking.objects.waiting import sleeps
from locking.programs.sleeping.giving_up import interruptible, timed

ALL = "all"
"""The state after `complete_all`: everybody passes, from now on."""


class Completion(Object):
    """State: the count, from 0; or `ALL`."""

    waiting_in = sleeps("wait_for_completion")

    def __init__(self, name: str) -> None:
        super().__init__(name, 0)

    @ordered(RELEASE)
    @operation
    def complete(self, done: int | str, me: str) -> Outcome:
        """Let one waiter pass."""
        return (done if done == ALL else int(done) + 1), None

    @ordered(RELEASE)
    @operation
    def complete_all(self, done: int | str, me: str) -> Outcome:
        """Let every waiter pass, now and later."""
        return ALL, None

    @ordered(ACQUIRE)
    @operation
    def wait_for_completion(self, done: int | str, me: str) -> Outcome:
        """Pass, or wait until somebody completes."""
        if done == 0:
            return WAIT
        return (done if done == ALL else int(done) - 1), None

    @ordered(if_passed)
    @operation
    def try_wait_for_completion(self, done: int | str, me: str) -> Outcome:
        """True having passed, or False at once."""
        if done == 0:
            return done, False
        return (done if done == ALL else int(done) - 1), True

    @ordered(Order(forgets=True))
    @operation
    def reinit_completion(self, done: int | str, me: str) -> Outcome:
        """Start again from nothing done; only after `complete_all`, or a waiter is forgotten."""
        if isinstance(done, int) and done > 0:
            return Misuse(f"{me} reinitialises {self.name}, which {done} may still pass")
        return 0, None

    async def wait_for_completion_interruptible(self) -> bool:
        """True having passed, or False if a signal came first, which it may at any time."""
        return await interruptible(self.wait_for_completion)

    async def wait_for_completion_killable(self) -> bool:
        """True having passed, or False if the thread was killed before that."""
        return await interruptible(self.wait_for_completion)

    async def wait_for_completion_timeout(self) -> bool:
        """True having passed, or False at any time while nobody may."""
        return await timed(self.wait_for_completion)

    def show(self, state: int | str) -> str:
        """How many may pass."""
        return f"{state} may pass"
