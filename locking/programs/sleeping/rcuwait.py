"""An rcuwait: one task sleeps, and whoever makes its condition true wakes it without a lock.

Kernel: struct rcuwait, include/linux/rcuwait.h; rcuwait_wake_up(), kernel/exit.c, 5.15. The waker
reads who waits under RCU, so that task does not go away meanwhile: here threads do not go away. The
state of the task is a part of the object, so a thread sleeps on one rcuwait at a time.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple, TypeVar

from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, FULL_BARRIER, NO_ORDER
from locking.objects.waiting import sleeps
from locking.programs.constructs import procedure, retry
from locking.programs.sleeping.task import if_woken

T = TypeVar("T", bound=Hashable)


class RcuWaitState(NamedTuple):
    """Who waits, and whether it has said that it sleeps and was not woken since."""

    task: str | None = None
    asleep: bool = False


class RcuWait(Object):
    """State: the task that waits, and whether it sleeps. There is one at a time."""

    waiting_in = sleeps("schedule")

    def __init__(self, name: str) -> None:
        super().__init__(name, RcuWaitState())

    @ordered(NO_ORDER)
    @operation
    def prepare_to_rcuwait(self, state: RcuWaitState, me: str) -> Outcome:
        """Be the one that is woken; another that waits is a misuse."""
        if state.task is not None:
            return Misuse(f"{me} waits on {self.name}, where {state.task} waits")
        return RcuWaitState(me), None

    @ordered(FULL_BARRIER)
    @operation
    def set_current_state(self, state: RcuWaitState, me: str) -> Outcome:
        """Say that the task sleeps: a wake-up from now on ends `schedule`."""
        return self.by_itself(state, me) or (state._replace(asleep=True), None)

    @ordered(ACQUIRE)
    @operation
    def schedule(self, state: RcuWaitState, me: str) -> Outcome:
        """Sleep until woken; at once for a task that was woken since it said that it sleeps."""
        return self.by_itself(state, me) or (WAIT if state.asleep else (state, None))

    @ordered(NO_ORDER)
    @operation
    def finish_rcuwait(self, state: RcuWaitState, me: str) -> Outcome:
        """Nobody waits any longer."""
        return self.by_itself(state, me) or (RcuWaitState(), None)

    @ordered(if_woken)
    @operation
    def rcuwait_wake_up(self, state: RcuWaitState, me: str) -> Outcome:
        """Whether a task was woken: one that waits and has said that it sleeps."""
        return state._replace(asleep=False), state.asleep

    def by_itself(self, state: RcuWaitState, me: str) -> Misuse | None:
        """The misuse of a wait that is not one's own, if it is one."""
        return None if state.task == me else Misuse(f"{me} does not wait on {self.name}")

    def show(self, state: RcuWaitState) -> str:
        """Who waits, and whether it sleeps."""
        return f"{state.task}{' asleep' if state.asleep else ''}" if state.task else "nobody"


@procedure
async def rcuwait_wait_event(rcuwait: RcuWait, condition: Callable[[], Awaitable[T]]) -> T:
    """What `condition` returns once that is true; sleep as long as it is not.

    Kernel: rcuwait_wait_event(), include/linux/rcuwait.h. `condition` is an `async def`.
    """
    await rcuwait.prepare_to_rcuwait()
    found = await retry(look_and_sleep, rcuwait, condition)
    await rcuwait.finish_rcuwait()
    return found


async def look_and_sleep(rcuwait: RcuWait, condition: Callable[[], Awaitable[T]]) -> T | None:
    """One round: say that the task sleeps, then look, then sleep. None to go round again."""
    await rcuwait.set_current_state()
    found = await condition()
    if not found:
        await rcuwait.schedule()
    return found or None
