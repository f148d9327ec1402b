"""A reusable barrier: so many threads wait for each other, then all go on, again and again.

POSIX: pthread_barrier_wait(3p). Java: CyclicBarrier. Rust, C++: Barrier, std::barrier. A thread of
one round may still be on its way out while others come for the next: they do not mix. Left out:
a barrier that breaks (Java), and one whose number of threads changes (C++, Java's Phaser).

All that came are ordered before all that go on from there.
"""

from typing import NamedTuple

from locking.errors import ModelError
from locking.objects.operation import (
    ACQUIRE,
    RELEASE,
    WAIT,
    Misuse,
    Object,
    Outcome,
    operation,
    ordered,
)
from locking.objects.waiting import sleeps


class BarrierState(NamedTuple):
    """Who has come in this round, and who of rounds before has not gone on yet.

    Names stand for the number of the round, which would grow without end.
    """

    arrived: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()


class Barrier(Object):
    """For `parties` threads. Errors: `ModelError` where that is none."""

    waiting_in = sleeps("depart")

    def __init__(self, name: str, parties: int) -> None:
        super().__init__(name, BarrierState())
        if parties < 1:
            raise ModelError(f"barrier {name!r}: it is for {parties} threads; write at least 1")
        self.parties = parties

    @ordered(RELEASE)
    @operation
    def arrive(self, state: BarrierState, me: str) -> Outcome:
        """Whether `me` is the last to come, which lets all go on; a part of `wait`."""
        if me in state.arrived or me in state.leaving:
            return Misuse(f"{me} arrives at {self.name}, where it has arrived already")
        arrived = state.arrived | {me}
        if len(arrived) < self.parties:
            return state._replace(arrived=arrived), False
        return BarrierState(leaving=state.leaving | arrived), True

    @ordered(ACQUIRE)
    @operation
    def depart(self, state: BarrierState, me: str) -> Outcome:
        """Go on, or wait until all have come; a part of `wait`."""
        if me in state.leaving:
            return state._replace(leaving=state.leaving - {me}), None
        if me not in state.arrived:
            return Misuse(f"{me} departs from {self.name}, where it has not arrived")
        return WAIT

    async def wait(self) -> bool:
        """Wait until all have come: two steps. True for one of them, the last that came.

        POSIX, Java and Rust call it the serial thread, index 0 and the leader. POSIX and Rust leave
        open which one that is; their libraries take the last.
        """
        last = bool(await self.arrive())
        await self.depart()
        return last

    def show(self, state: BarrierState) -> str:
        """Who has come, and who has yet to go on."""
        here = ", ".join(sorted(state.arrived)) or "nobody"
        leaving = f", {', '.join(sorted(state.leaving))} to go on" if state.leaving else ""
        return f"{here} of {self.parties} here{leaving}"
