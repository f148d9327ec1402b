"""Events: threads wait until it is set; it stays so, or one thread that passes resets it.

.NET: ManualResetEvent, AutoResetEvent. Win32: CreateEvent, SetEvent, ResetEvent. Python:
threading.Event, which is a manual-reset one. Left out: PulseEvent, which Win32 itself says not to
use.

`set` is ordered before each wait that passes later, until the event is reset.
"""

from typing import ClassVar

from locking.objects.operation import WAIT, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, RELEASE, Order
from locking.objects.passing import if_passed
from locking.objects.waiting import sleeps


class Settable(Object):
    """The rule of both. State: whether it is set; `stays` is whether it is so once one passes."""

    waiting_in = sleeps("wait")

    stays: ClassVar[bool]

    def __init__(self, name: str) -> None:
        super().__init__(name, False)

    def set_it(self, is_set: bool, me: str) -> Outcome:
        """Let waiters pass."""
        return True, None

    def reset_it(self, is_set: bool, me: str) -> Outcome:
        """Let nobody pass until it is set again."""
        return False, None

    def pass_it(self, is_set: bool, me: str) -> Outcome:
        """Pass, or wait until it is set."""
        return (self.stays, None) if is_set else WAIT

    def try_to_pass(self, is_set: bool, me: str) -> Outcome:
        """True having passed, or False at once; a wait that may time out at any time is this."""
        return (self.stays, True) if is_set else (is_set, False)

    def show(self, state: bool) -> str:
        """Whether it is set."""
        return "set" if state else "not set"


class ManualResetEvent(Settable):
    """An event for all: once it is set everybody passes, until it is reset."""

    stays = True
    set = ordered(RELEASE)(operation(Settable.set_it))
    reset = ordered(Order(forgets=True))(operation(Settable.reset_it))
    wait = ordered(ACQUIRE)(operation(Settable.pass_it))
    try_wait = ordered(if_passed)(operation(Settable.try_to_pass))


class AutoResetEvent(Settable):
    """An event for one: who passes resets it. To set it twice is to set it once."""

    stays = False
    set = ordered(RELEASE)(operation(Settable.set_it))
    reset = ordered(Order(forgets=True))(operation(Settable.reset_it))
    wait = ordered(ACQUIRE)(operation(Settable.pass_it))
    try_wait = ordered(if_passed)(operation(Settable.try_to_pass))
