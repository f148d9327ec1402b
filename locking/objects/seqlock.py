"""Sequence counters: a reader looks twice and tries again if a writer came by.

Kernel: seqlock_t and seqcount_t, include/linux/seqlock.h. A reader that meets an odd sequence
waits, where the kernel spins. Left out: the lockless read's memory barriers (the model is
sequentially consistent). Readers are ordered with nobody; writers of a seqlock by its spinlock,
those of a sequence counter by nothing, because the lock that excludes them is another object.
"""

from typing import Any, NamedTuple

from locking.objects.lockdep import Lock
from locking.objects.operation import (
    NO_ORDER,
    WAIT,
    Holding,
    Misuse,
    Outcome,
    operation,
    ordered,
)
from locking.objects.region import Region, here
from locking.objects.waiting import spins


class SeqState(NamedTuple):
    """The sequence, odd while somebody writes, and who that is."""

    sequence: int = 0
    writer: str | None = None


class Sequence(Lock):
    """The rule of both kinds."""

    def __init__(self, name: str) -> None:
        super().__init__(name, SeqState())

    def begin_write(self, state: SeqState, me: str) -> Outcome:
        """Make the sequence odd, or wait until the writer before has ended."""
        if state.writer == me:
            return Misuse(f"{me} waits to write {self.name}, which it is writing itself")
        return WAIT if state.writer is not None else (SeqState(state.sequence + 1, me), None)

    def begin_write_alone(self, state: SeqState, me: str) -> Outcome:
        """Make the sequence odd; nobody else may be writing, and nothing here sees to that."""
        if state.writer is not None:
            return Misuse(f"{me} writes {self.name} while {state.writer} does: no lock excludes it")
        return SeqState(state.sequence + 1, me), None

    def end_write(self, state: SeqState, me: str) -> Outcome:
        """Make the sequence even again."""
        if state.writer != me:
            return Misuse(f"{me} ends a write of {self.name} that it did not begin")
        return SeqState(state.sequence + 1), None

    def begin_read(self, state: SeqState, me: str) -> Outcome:
        """The sequence, once it is even."""
        return WAIT if state.writer is not None else (state, state.sequence)

    def retry_read(self, state: SeqState, me: str, begun: int) -> Outcome:
        """Whether what was read since `begin` must be thrown away."""
        return state, state.sequence != begun

    def holders(self, state: SeqState) -> tuple[Holding, ...]:
        """The writer."""
        return () if state.writer is None else (Holding(state.writer, "write"),)

    def show(self, state: SeqState) -> str:
        """The sequence, and who writes."""
        return f"{state.sequence}" + ("" if state.writer is None else f", write {state.writer}")


class Seqlock(Sequence):
    """A sequence with a spinlock for its writers."""

    waiting_in = spins("read_seqbegin", unpreempted=("write_seqlock",))

    write_seqlock = operation(Sequence.begin_write)
    write_sequnlock = operation(Sequence.end_write)
    read_seqbegin = operation(Sequence.begin_read)
    read_seqretry = operation(Sequence.retry_read)

    def write(self, *body: Any) -> Region:
        """The lock held for writing over `body`."""
        return Region(self, "write", self.write_seqlock, self.write_sequnlock, body, site=here())


class Seqcount(Sequence):
    """A sequence alone: two writers at once are a misuse."""

    waiting_in = spins("read_seqcount_begin")

    write_seqcount_begin = ordered(NO_ORDER)(operation(Sequence.begin_write_alone))
    write_seqcount_end = ordered(NO_ORDER)(operation(Sequence.end_write))
    read_seqcount_begin = operation(Sequence.begin_read)
    read_seqcount_retry = operation(Sequence.retry_read)
