"""Park and unpark: a thread sleeps until it has a token, which another may have given it before.

Java: LockSupport.park, unpark. Rust: std::thread::park, Thread::unpark. There is one token at most:
two `unpark`s are one. What was done before `unpark` comes before what follows the `park` that has
its token, as Rust promises.
"""

from collections.abc import Hashable
from typing import Any

from locking.objects.operation import WAIT, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE, Order
from locking.objects.rules import Ruled
from locking.objects.waiting import sleeps
from locking.programs.sleeping.chances import wakes_for_nothing


def if_there(taken: Any, _: tuple[Hashable, ...]) -> Order:
    """What a `park` for a time orders: an acquire if there was a token."""
    return ACQUIRE if taken else NO_ORDER


class Parker(Object):
    """Where one thread parks. State: whether there is a token.

    With `spurious=True` every `park` may also end for nothing, as both libraries warn. Whether one
    does is chosen when it begins, for a thread that could still go on would never count as one that
    waits for good.
    """

    spurious = Ruled(spurious=True, never_spurious=False)
    waiting_in = sleeps("take_token", "park_timeout")

    def __init__(self, name: str, spurious: bool = False) -> None:
        super().__init__(name, False)
        self.spurious = spurious

    @ordered(RELEASE)
    @operation
    def unpark(self, token: bool, me: str) -> Outcome:
        """Give the token, if it is not there."""
        return True, None

    @ordered(ACQUIRE)
    @operation
    def take_token(self, token: bool, me: str) -> Outcome:
        """Use the token up, or wait for it; a part of `park`."""
        return (False, None) if token else WAIT

    @ordered(if_there)
    @operation
    def park_timeout(self, token: bool, me: str) -> Outcome:
        """True having used the token up, or False at any time while there is none."""
        return False, token

    async def park(self) -> None:
        """Use the token up, or sleep until it is there."""
        if self.spurious and await wakes_for_nothing():
            return
        await self.take_token()

    def show(self, state: bool) -> str:
        """Whether there is a token."""
        return "a token" if state else "no token"
