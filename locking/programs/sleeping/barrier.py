"""A reusable barrier: so many threads wait for each other, then all go on, again and again.

POSIX: pthread_barrier_wait(3p). Java: CyclicBarrier. Rust, C++: Barrier, std::barrier. A thread of
one round may still be on its way out while others come for the next: they do not mix. Left out:
one whose number of threads changes (C++, Java's Phaser).

Who gives up breaks the barrier for all, as in Java: without it the others would never be complete.
Those that wait go on and are told so, as is everybody that comes before `reset`.

All that came are ordered before all that go on from there.
"""

from collections.abc import Hashable
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.names import names_sorted
from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE, Order
from locking.objects.waiting import sleeps
from locking.programs.constructs import atomic
from locking.programs.sleeping.chances import GOT, TIME, sleep_ends


class BarrierState(NamedTuple):
    """Who has come in this round, and who of rounds before has not gone on yet.

    `released` are those that waited for a round which was broken, `broken` whether this one is.
    Names stand for the number of the round, which would grow without end.
    """

    arrived: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    broken: bool = False


def if_complete(left: Any, _: tuple[Hashable, ...]) -> Order:
    """What going on orders: nothing where the round was broken, for not all had come."""
    return NO_ORDER if left is False else ACQUIRE


class Barrier(Object):
    """For `parties` threads. Errors: `ModelError` where that is none."""

    waiting_in = sleeps("depart", "break_round")

    def __init__(self, name: str, parties: int) -> None:
        super().__init__(name, BarrierState())
        if parties < 1:
            raise ModelError(f"barrier {name!r}: it is for {parties} threads; write at least 1")
        self.parties = parties

    @ordered(RELEASE)
    @operation
    def arrive(self, state: BarrierState, me: str) -> Outcome:
        """Whether `me` is the last to come, which lets all go on; a part of `wait`.

        None where the barrier is broken: then `me` has not come.
        """
        if me in state.arrived | state.leaving | state.released:
            return Misuse(f"{me} arrives at {self.name}, where it has arrived already")
        if state.broken:
            return state, None
        arrived = state.arrived | {me}
        if len(arrived) < self.parties:
            return state._replace(arrived=arrived), False
        return state._replace(arrived=frozenset(), leaving=state.leaving | arrived), True

    @ordered(if_complete)
    @operation
    def depart(self, state: BarrierState, me: str) -> Outcome:
        """Go on, or wait until all have come; a part of `wait`. False if the round was broken."""
        if me in state.leaving:
            return state._replace(leaving=state.leaving - {me}), None
        if me in state.released:
            return state._replace(released=state.released - {me}), False
        if me not in state.arrived:
            return Misuse(f"{me} departs from {self.name}, where it has not arrived")
        return WAIT

    @ordered(NO_ORDER)
    @operation
    def break_round(self, state: BarrierState, me: str) -> Outcome:
        """Go on, not all having come, which breaks the barrier; a part of `timedwait`."""
        return (self.without_waiter(state, me), None) if me in state.arrived else WAIT

    @ordered(NO_ORDER)
    @operation
    def reset(self, state: BarrierState, me: str) -> Outcome:
        """Begin anew: those that wait go on, and are told that their round was broken."""
        released = state.released | state.arrived
        return BarrierState(leaving=state.leaving, released=released), None

    def without_waiter(self, state: BarrierState, me: str) -> BarrierState:
        """The state once `me` has given up: its round is broken, unless that was complete."""
        gone = frozenset({me})
        leaving, released = state.leaving - gone, state.released - gone
        if me not in state.arrived:
            return state._replace(leaving=leaving, released=released)
        return BarrierState(leaving=leaving, released=released | state.arrived - gone, broken=True)

    async def wait(self) -> bool | None:
        """Wait until all have come: two steps. True for one of them, the last that came.

        POSIX, Java and Rust call it the serial thread, index 0 and the leader. POSIX and Rust leave
        open which one that is; their libraries take the last. None where the barrier is broken,
        for which Java raises BrokenBarrierException.
        """
        last: bool | None = await self.arrive()
        if last is None or await self.depart() is False:
            return None
        return last

    async def timedwait(self) -> bool | None:
        """What `wait` returns; at any time before that, None, with the barrier broken for all.

        Java: CyclicBarrier.await(timeout), which raises TimeoutException in the one and
        BrokenBarrierException in the others. Once all have come, nobody breaks the barrier.
        """
        last: bool | None = await self.arrive()
        if last is None:
            return None
        async with atomic():
            late = await sleep_ends(TIME, GOT)
            left = await (self.break_round() if late else self.depart())
        return None if late or left is False else last

    def show(self, state: BarrierState) -> str:
        """Who has come, and who has yet to go on."""
        here = ", ".join(names_sorted(state.arrived)) or "nobody"
        going = names_sorted(state.leaving | state.released)
        leaving = f", {', '.join(going)} to go on" if going else ""
        return f"{here} of {self.parties} here{leaving}{', broken' if state.broken else ''}"
