"""Sequence counters: a reader looks twice and tries again if a writer came by.

Kernel: seqlock_t and seqcount_t, include/linux/seqlock.h. A reader that meets an odd sequence
waits, where the kernel spins. Left out: the lockless read's memory barriers (the model is
sequentially consistent). Readers are ordered with nobody; writers of a seqlock by its spinlock,
those of a sequence counter by nothing, because the lock that excludes them is another object.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from locking.names import names_sorted
from locking.objects.lockdep import Lock
from locking.objects.operation import WAIT, Holding, Misuse, Outcome, operation, ordered
from locking.objects.order import NO_ORDER, RELEASE
from locking.objects.region import Region, here
from locking.objects.unbounded import Number, Unbounded
from locking.objects.waiting import spins


class SeqState(NamedTuple):
    """The sequence, odd while somebody writes, and who that is."""

    sequence: int = 0
    writer: str | None = None


class Looking(NamedTuple):
    """What an unbounded one keeps: who writes, and to whom nothing was written since it began."""

    writer: str | None = None
    looking: frozenset[str] = frozenset()


class Sequence(Lock, Unbounded):
    """The rule of both kinds; an `unbounded` one keeps no sequence.

    It knows only of each thread's newest number whether that still is the sequence. A writer moves
    the sequence on and nothing moves it back, so a number that is not will never be again.
    """

    def __init__(self, name: str, unbounded: bool = False) -> None:
        super().__init__(name, Looking() if unbounded else SeqState(), unbounded=unbounded)

    def moved(self, state: Any, writer: str | None) -> Any:
        """The state once the sequence has moved on, and `writer` writes."""
        return Looking(writer) if self.unbounded else SeqState(state.sequence + 1, writer)

    def begin_write(self, state: Any, me: str) -> Outcome:
        """Make the sequence odd, or wait until the writer before has ended."""
        if state.writer == me:
            return Misuse(f"{me} waits to write {self.name}, which it is writing itself")
        return WAIT if state.writer is not None else (self.moved(state, me), None)

    def begin_write_alone(self, state: Any, me: str) -> Outcome:
        """Make the sequence odd; nobody else may be writing, and nothing here sees to that."""
        if state.writer is not None:
            return Misuse(f"{me} writes {self.name} while {state.writer} does: no lock excludes it")
        return self.moved(state, me), None

    def end_write(self, state: Any, me: str) -> Outcome:
        """Make the sequence even again."""
        if state.writer != me:
            return Misuse(f"{me} ends a write of {self.name} that it did not begin")
        return self.moved(state, None), None

    def begin_read(self, state: Any, me: str) -> Outcome:
        """The sequence, once it is even."""
        if state.writer is not None:
            return WAIT
        if self.unbounded:
            return Looking(None, state.looking | {me}), Number(self.name)
        return state, state.sequence

    def retry_read(self, state: Any, me: str, begun: int | Number) -> Outcome:
        """Whether what was read since `begin` must be thrown away."""
        return state, me not in state.looking if self.unbounded else state.sequence != begun

    def counted(self) -> "Sequence":
        """The one with a sequence."""
        return type(self)(self.name)

    def examples(self, state: Looking, me: str) -> Iterator[tuple[SeqState, dict[str, int]]]:
        """Some sequences, even or odd, and older numbers of a thread that looks no more."""
        for begun in (0, 2, 6):
            sequence = begun + (state.writer is not None)
            looking = dict.fromkeys(state.looking, sequence)
            for older in range(0, sequence, 2) if me not in looking else ():
                yield SeqState(sequence, state.writer), {**looking, me: older}
            yield SeqState(sequence, state.writer), looking

    def alike(self, counted: SeqState, newest: Mapping[str, int]) -> Looking:
        """Who has the sequence that there is."""
        looking = (name for name, number in newest.items() if number == counted.sequence)
        return Looking(counted.writer, frozenset(looking))

    def holders(self, state: Any) -> tuple[Holding, ...]:
        """The writer."""
        return () if state.writer is None else (Holding(state.writer, "write"),)

    def show(self, state: Any) -> str:
        """The sequence, and who writes; of one that is unbounded, who still need not retry."""
        if self.unbounded:
            looking = ", ".join(f"look {name}" for name in names_sorted(state.looking))
            return f"write {state.writer}" if state.writer is not None else looking or "free"
        return f"{state.sequence}" + ("" if state.writer is None else f", write {state.writer}")


class Seqlock(Sequence):
    """A sequence with a spinlock for its writers."""

    waiting_in = spins("read_seqbegin", unpreempted=("write_seqlock",))

    write_seqlock = operation(Sequence.begin_write)
    write_sequnlock = operation(Sequence.end_write)
    read_seqbegin = ordered(NO_ORDER)(operation(Sequence.begin_read))
    read_seqretry = ordered(NO_ORDER)(operation(Sequence.retry_read))

    def write(self, *body: Any) -> Region:
        """The lock held for writing over `body`."""
        return Region(self, "write", self.write_seqlock, self.write_sequnlock, body, site=here())


class Seqcount(Sequence):
    """A sequence alone: two writers at once are a misuse."""

    waiting_in = spins("read_seqcount_begin")

    write_seqcount_begin = ordered(NO_ORDER)(operation(Sequence.begin_write_alone))
    write_seqcount_end = ordered(RELEASE)(operation(Sequence.end_write))
    read_seqcount_begin = ordered(NO_ORDER)(operation(Sequence.begin_read))
    read_seqcount_retry = ordered(NO_ORDER)(operation(Sequence.retry_read))
