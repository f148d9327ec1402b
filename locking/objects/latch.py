"""A latch: threads wait until so many have counted down, and it is open for good then.

Java: CountDownLatch. C++: std::latch. Go's WaitGroup may count up again, and is left out. Counting
down below 0 is a misuse, as in C++; Java ignores it.
"""

from locking.errors import ModelError
from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, RELEASE
from locking.objects.passing import if_passed
from locking.objects.waiting import sleeps


class Latch(Object):
    """State: how many have still to count down. Errors: `ModelError` for under 0."""

    waiting_in = sleeps("wait")

    def __init__(self, name: str, count: int) -> None:
        super().__init__(name, count)
        if count < 0:
            raise ModelError(f"latch {name!r}: it starts at {count}; write 0 or more")

    @ordered(RELEASE)
    @operation
    def count_down(self, count: int, me: str) -> Outcome:
        """One fewer; the last opens the latch."""
        if count == 0:
            return Misuse(f"{me} counts {self.name} down, which is at 0 already")
        return count - 1, None

    @ordered(ACQUIRE)
    @operation
    def wait(self, count: int, me: str) -> Outcome:
        """Pass, or wait until the latch is open."""
        return WAIT if count else (count, None)

    @ordered(if_passed)
    @operation
    def try_wait(self, count: int, me: str) -> Outcome:
        """Whether the latch is open."""
        return count, count == 0

    async def arrive_and_wait(self) -> None:
        """Count down, then wait: two steps."""
        await self.count_down()
        await self.wait()

    def show(self, state: int) -> str:
        """How many are missing."""
        return f"{state} to come" if state else "open"
