"""Monitors: a lock and the condition that its threads wait for, in one object.

Java: synchronized, Object.wait, notify, notifyAll. C#: Monitor.Enter, Wait, Pulse, PulseAll. Only
the owner waits and notifies; anything else is a misuse, which those languages throw. Left out: that
a thread may enter twice. A lock with several conditions is a `Mutex` with a `Condition` for each.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from locking.objects.operation import WAIT, Holding, Misuse, Object, Outcome, operation
from locking.objects.region import Region, here
from locking.objects.rules import Ruled
from locking.objects.sleepers import Sleepers
from locking.objects.waiting import sleeps
from locking.programs.constructs import atomic, choose, retry
from locking.programs.sleeping.cancellation import Cancellation
from locking.programs.sleeping.chances import (
    CANCELLED,
    TIME,
    WOKEN,
    sleep_ends,
    wakes_for_nothing,
)

T = TypeVar("T", bound=Hashable)


class MonitorState(NamedTuple):
    """Who is inside, and who sleeps."""

    owner: str | None = None
    sleepers: Sleepers = Sleepers()


class Monitor(Object):
    """State: the owner, and who sleeps. A notification that finds nobody asleep is lost.

    Any of those that sleep may be woken, or with `fifo=True` the one that has slept longest; others
    may be inside before it is. With `spurious=True` every `wait` may also wake up for nothing,
    which is chosen when it begins, as for a `Condition`.
    """

    spurious = Ruled(spurious=True, never_spurious=False)
    fifo = Ruled(any=False, fifo=True)
    waiting_in = sleeps("enter", "wake_up", "time_out")

    def __init__(self, name: str, spurious: bool = False, fifo: bool = False) -> None:
        super().__init__(name, MonitorState())
        self.spurious = spurious
        self.fifo = fifo

    @operation
    def enter(self, state: MonitorState, me: str) -> Outcome:
        """Be inside, or wait until nobody is."""
        if state.owner == me:
            return Misuse(f"{me} waits for {self.name}, which it holds itself")
        return WAIT if state.owner is not None else (state._replace(owner=me), None)

    @operation
    def leave(self, state: MonitorState, me: str) -> Outcome:
        """Be outside."""
        return self.outside(state, me, "leaves") or (state._replace(owner=None), None)

    @operation
    def fall_asleep(self, state: MonitorState, me: str) -> Outcome:
        """Be outside and asleep; a part of `wait`."""
        return self.outside(state, me, "waits in") or (
            MonitorState(sleepers=state.sleepers.falls_asleep(me, in_line=self.fifo)),
            None,
        )

    @operation
    def wake_up(self, state: MonitorState, me: str) -> Outcome:
        """Be inside again, having been woken; a part of `wait`."""
        left = state.sleepers.leaves(me)
        return WAIT if left is None or state.owner is not None else (MonitorState(me, left), None)

    @operation
    def time_out(self, state: MonitorState, me: str) -> Outcome:
        """Sleep no more, not having been woken; a part of `timedwait` and `cancellable_wait`."""
        sleepers = state.sleepers
        if me in sleepers.woken:
            return WAIT
        return state._replace(sleepers=sleepers.gives_up(me)), None

    @operation
    def notify(self, state: MonitorState, me: str) -> Outcome:
        """Wake one thread, if any sleeps."""
        woken = state.sleepers.wake(1)
        return self.outside(state, me, "notifies") or (state._replace(sleepers=woken), None)

    @operation
    def notify_all(self, state: MonitorState, me: str) -> Outcome:
        """Wake every thread that sleeps."""
        woken = state.sleepers.wake(state.sleepers.unwoken)
        return self.outside(state, me, "notifies") or (state._replace(sleepers=woken), None)

    async def wait(self) -> None:
        """Be outside and asleep, in one step; once woken, be inside again, in another."""
        if self.spurious and await wakes_for_nothing():
            await self.leave()
            await self.enter()
            return
        await self.fall_asleep()
        await self.wake_up()

    async def timedwait(self) -> bool:
        """True once woken, or False at any time; either way inside again.

        Java: Object.wait(timeoutMillis). Who was woken does not time out, and who has timed out is
        not inside yet, as for a `Condition`.
        """
        await self.fall_asleep()
        async with atomic():
            woken = not await sleep_ends(TIME, WOKEN)
            await (self.wake_up() if woken else self.time_out())
        if not woken:
            await self.enter()
        return woken

    async def cancellable_wait(self, cancellation: Cancellation) -> bool:
        """True once woken, or False if cancelled; either way inside again.

        Java: Object.wait() and Thread.interrupt() (JLS 17.2.4). Who was woken learns later that it
        is cancelled. Errors: `CancelledError`, still inside, where the cancellation `raises`.
        """
        await self.fall_asleep()
        async with atomic():
            woken = await choose(CANCELLED, WOKEN) == WOKEN
            if not woken:
                await cancellation.be_cancelled()
            await (self.wake_up() if woken else self.time_out())
        if not woken:
            await self.enter()
        return cancellation.told(woken)

    async def wait_for(self, predicate: Callable[[], Awaitable[T]]) -> T:
        """What `predicate`, an `async def`, returns once that is true; `wait` until then."""
        return await retry(self.attempt, predicate)

    async def attempt(self, predicate: Callable[[], Awaitable[T]]) -> T | None:
        """One round of `wait_for`."""
        found = await predicate()
        if found:
            return found
        await self.wait()
        return None

    def hold(self, *body: Any) -> Region:
        """Inside over `body`."""
        return Region(self, "hold", self.enter, self.leave, body, site=here())

    def outside(self, state: MonitorState, me: str, does: str) -> Misuse | None:
        """The misuse of who is not inside, if `me` is not."""
        if state.owner == me:
            return None
        return Misuse(f"{me} {does} {self.name}, which {state.owner or 'nobody'} holds")

    def holders(self, state: MonitorState) -> tuple[Holding, ...]:
        """The owner."""
        return () if state.owner is None else (Holding(state.owner, "held by"),)

    def show(self, state: MonitorState) -> str:
        """Who is inside, and who sleeps."""
        held = "free" if state.owner is None else f"held by {state.owner}"
        return held if state.sleepers == Sleepers() else f"{held}, {state.sleepers.show()}"
