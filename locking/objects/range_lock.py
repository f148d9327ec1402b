"""A lock of ranges: disjoint ranges are held at once, ranges that overlap wait for each other.

Kernel: the range lock that was proposed (Kara, "lib: Implement range locks", 2013; Bueso,
"locking: Introduce range reader/writer lock", 2017), never merged; POSIX: record locks of fcntl
(F_OFD_SETLKW). Readers of overlapping ranges read together. A range is from `start` up to, and not
with, `end`, and is let go as it was taken. By `Fairness`: FIFO, as proposed: nobody passes who
waits already for a range that overlaps, unless both read; READER_PREFERRING: everybody passes
whoever waits, as POSIX allows. Left out: splitting and merging of ranges, which POSIX does.
"""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.names import as_counted
from locking.objects.lockdep import Lock
from locking.objects.operation import WAIT, Holding, Misuse, Outcome, Queue, operation, ordered
from locking.objects.order import NO_ORDER, Order
from locking.objects.reader_writer import Fairness
from locking.objects.region import Region, here
from locking.objects.rules import Ruled
from locking.objects.values import renamed
from locking.objects.waiting import sleeps


class Span(NamedTuple):
    """A range that a thread holds, or waits for, in a mode."""

    thread: str
    mode: str
    start: int
    end: int

    def excludes(self, other: "Span") -> bool:
        """Whether the two can't be held at once."""
        overlap = self.start < other.end and other.start < self.end
        return overlap and "write" in (self.mode, other.mode)

    def __str__(self) -> str:
        return f"{self.mode} {self.thread} {self.start}-{self.end}"


class RangeState(NamedTuple):
    """The ranges that are held, sorted, and those that are waited for, in their order."""

    held: tuple[Span, ...] = ()
    queue: tuple[Span, ...] = ()


def of_range(order: Order) -> Any:
    """What an operation on a range orders: `order`, on the points of the range, if it had it."""

    def on_its_points(result: Any, given: tuple[Hashable, ...]) -> Order:
        start, end = given
        assert isinstance(start, int)
        assert isinstance(end, int)
        return NO_ORDER if result is False else order._replace(parts=tuple(range(start, end)))

    return on_its_points


READ = of_range(Order(acquires=True, shared=True))
READ_ENDS = of_range(Order(releases=True, shared=True))
WRITE = of_range(Order(acquires=True))
WRITE_ENDS = of_range(Order(releases=True))


class RangeLock(Lock):
    """State: a `RangeState`, of ranges within 0 to `size`.

    Errors: `ModelError` for a size that is no whole number or less than 1, and for a fairness that
    is neither FIFO nor READER_PREFERRING.
    """

    fairness = Ruled(fifo=Fairness.FIFO, reader_preferring=Fairness.READER_PREFERRING)
    waiting_in = sleeps("range_read_lock", "range_write_lock")

    def __init__(self, name: str, size: int, fairness: Fairness = Fairness.FIFO) -> None:
        super().__init__(name, RangeState())
        if type(size) is not int or size < 1:
            raise ModelError(f"range lock {name!r} has size {size!r}; write a whole number from 1")
        if fairness not in (Fairness.FIFO, Fairness.READER_PREFERRING):
            raise ModelError(f"range lock {name!r} is FIFO or READER_PREFERRING, not {fairness!r}")
        self.size = size
        self.fairness = fairness
        self.parts = tuple(range(size))

    @ordered(READ)
    @operation
    def range_read_lock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        """Hold the range for reading, or wait."""
        return self.acquire(state, Span(me, "read", start, end))

    @ordered(READ)
    @operation
    def range_read_trylock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        """True with the range held for reading, or False at once."""
        return self.attempt(state, Span(me, "read", start, end))

    @ordered(READ_ENDS)
    @operation
    def range_read_unlock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        """Stop reading the range."""
        return self.release(state, Span(me, "read", start, end))

    @ordered(WRITE)
    @operation
    def range_write_lock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        """Hold the range alone, or wait."""
        return self.acquire(state, Span(me, "write", start, end))

    @ordered(WRITE)
    @operation
    def range_write_trylock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        """True with the range held alone, or False at once."""
        return self.attempt(state, Span(me, "write", start, end))

    @ordered(WRITE_ENDS)
    @operation
    def range_write_unlock(self, state: RangeState, me: str, start: int, end: int) -> Outcome:
        """Stop writing the range."""
        return self.release(state, Span(me, "write", start, end))

    def outside(self, span: Span) -> Misuse | None:
        """The misuse of a range that is empty, or is not within the lock's size."""
        if 0 <= span.start < span.end <= self.size:
            return None
        says = f"{span.thread} asks for {span.start}-{span.end} of {self.name}"
        return Misuse(f"{says}, which has 0-{self.size}; a range has at least one point")

    def acquire(self, state: RangeState, span: Span) -> Outcome:
        """Hold the range, or wait; who waits for a range of its own would wait for ever."""
        if wrong := self.outside(span):
            return wrong
        mine = [each for each in state.held if each.thread == span.thread and each.excludes(span)]
        if mine:
            return Misuse(
                f"{span.thread} waits for {span.start}-{span.end} of {self.name}, of "
                f"which it holds {mine[0].start}-{mine[0].end} itself"
            )
        if not self.must_wait(state, span):
            return self.holding(state, span), None
        if self.fairness is not Fairness.FIFO or span in state.queue:
            return WAIT
        return Queue(state._replace(queue=(*state.queue, span)))

    def attempt(self, state: RangeState, span: Span) -> Outcome:
        """True with the range held, or False at once."""
        if wrong := self.outside(span):
            return wrong
        if self.must_wait(state, span):
            return state, False
        return self.holding(state, span), True

    def release(self, state: RangeState, span: Span) -> Outcome:
        """Let go of a range, which only the thread that took just this one may do."""
        if span not in state.held:
            does = f"{span.thread} releases {span.start}-{span.end} of {self.name}"
            return Misuse(f"{does} ({span.mode}), which it does not hold so")
        at = state.held.index(span)
        return state._replace(held=state.held[:at] + state.held[at + 1 :]), None

    def must_wait(self, state: RangeState, span: Span) -> bool:
        """Whether a range that is held, or that was asked for before, excludes this one."""
        ahead = state.queue[: state.queue.index(span)] if span in state.queue else state.queue
        return any(each.excludes(span) for each in (*state.held, *ahead))

    def holding(self, state: RangeState, span: Span) -> RangeState:
        """The state once a range is held, and waited for no more."""
        left = self.without_waiter(state, span.thread)
        return left._replace(held=tuple(sorted((*state.held, span))))

    def without_waiter(self, state: RangeState, me: str) -> RangeState:
        """The state once `me` has given up: those behind it no longer wait for it."""
        return state._replace(queue=tuple(each for each in state.queue if each.thread != me))

    def reading(self, start: int, end: int) -> Region:
        """The range held for reading, for `async with` in a thread."""
        return Region(
            self,
            "reading",
            lambda: self.range_read_lock(start, end),
            lambda: self.range_read_unlock(start, end),
            site=here(),
        )

    def writing(self, start: int, end: int) -> Region:
        """The range held alone, for `async with` in a thread."""
        return Region(
            self,
            "writing",
            lambda: self.range_write_lock(start, end),
            lambda: self.range_write_unlock(start, end),
            site=here(),
        )

    def rename(self, state: RangeState, names: Mapping[str, str]) -> RangeState:
        """The state with other names; the ranges that are held are sorted by them."""
        new: RangeState = renamed(state, names)
        return new._replace(held=tuple(sorted(new.held)))

    def holders(self, state: RangeState) -> tuple[Holding, ...]:
        """Who holds a range, as often as it holds one."""
        return tuple(Holding(each.thread, each.mode) for each in state.held)

    def show(self, state: RangeState) -> str:
        """Who holds which range, and who has queued up for which."""
        spans = sorted(state.held, key=lambda span: (as_counted(span.thread), span))
        held = ", ".join(map(str, spans)) or "free"
        return f"{held}; queued {', '.join(map(str, state.queue))}" if state.queue else held
