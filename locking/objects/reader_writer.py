"""Semaphores for many readers or one writer: the rule of the rwsem, and the percpu_rwsem.

Kernel: struct rw_semaphore, kernel/locking/rwsem.c; struct percpu_rw_semaphore,
kernel/locking/percpu-rwsem.c. Left out: optimistic spinning, handoff, per-CPU counters and wake-up
protocols, which decide who is next; `Fairness` says which of the choices is modelled.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from locking.names import as_counted
from locking.objects.lockdep import Lock
from locking.objects.operation import (
    WAIT,
    Holding,
    Misuse,
    Outcome,
    Queue,
    operation,
)
from locking.objects.region import Region, here
from locking.objects.rules import Ruled
from locking.objects.values import renamed
from locking.objects.waiting import sleeps


class Fairness(Enum):
    """Who may pass whom in front of the lock."""

    READER_PREFERRING = "readers pass waiting writers"
    WRITER_BLOCKS_READERS = "a waiting writer blocks new readers"
    FIFO = "first come, first served"


class RwState(NamedTuple):
    """The writer, the readers (sorted; twice if they hold it twice), and who has queued up."""

    writer: str | None = None
    readers: tuple[str, ...] = ()
    queue: tuple[Holding, ...] = ()


class ReaderWriter(Lock):
    """The rule of both. A reader-preferring lock never queues: waiting leaves no mark on it."""

    fairness = Ruled(
        reader_preferring=Fairness.READER_PREFERRING,
        writer_blocks_readers=Fairness.WRITER_BLOCKS_READERS,
        fifo=Fairness.FIFO,
    )

    def __init__(self, name: str, fairness: Fairness) -> None:
        super().__init__(name, RwState())
        self.fairness = fairness

    def acquire_read(self, state: RwState, me: str) -> Outcome:
        """Hold the lock for reading, or wait."""
        if state.writer == me:
            return Misuse(f"{me} waits to read {self.name}, which it holds for writing")
        if state.writer is not None or self.must_queue(state, me, "read"):
            return self.wait(state, me, "read")
        return self.reading(state, me), None

    def try_acquire_read(self, state: RwState, me: str) -> Outcome:
        """True with the lock held for reading, or False at once."""
        if state.writer is not None or self.must_queue(state, me, "read"):
            return state, False
        return self.reading(state, me), True

    def release_read(self, state: RwState, me: str) -> Outcome:
        """Stop reading."""
        if me not in state.readers:
            return Misuse(f"{me} ends a read of {self.name} that it doesn't hold")
        at = state.readers.index(me)
        return state._replace(readers=state.readers[:at] + state.readers[at + 1 :]), None

    def acquire_write(self, state: RwState, me: str) -> Outcome:
        """Hold the lock for writing, or wait."""
        if me in state.readers or state.writer == me:
            mode = "writing" if state.writer == me else "reading"
            return Misuse(f"{me} waits to write {self.name}, which it holds for {mode} itself")
        if not self.free(state) or self.must_queue(state, me, "write"):
            return self.wait(state, me, "write")
        return state._replace(writer=me, queue=without_thread(state.queue, me)), None

    def try_acquire_write(self, state: RwState, me: str) -> Outcome:
        """True with the lock held for writing, or False at once."""
        if not self.free(state) or self.must_queue(state, me, "write"):
            return state, False
        return state._replace(writer=me), True

    def release_write(self, state: RwState, me: str) -> Outcome:
        """Stop writing."""
        if state.writer != me:
            return Misuse(f"{me} ends a write of {self.name} that it doesn't hold")
        return state._replace(writer=None), None

    def downgrade(self, state: RwState, me: str) -> Outcome:
        """Go from writing to reading, with no moment in between."""
        if state.writer != me:
            return Misuse(f"{me} downgrades {self.name} without holding it for writing")
        return self.reading(state._replace(writer=None), me), None

    def free(self, state: RwState) -> bool:
        """Whether nobody writes or reads."""
        return state.writer is None and not state.readers

    def must_queue(self, state: RwState, me: str, mode: str) -> bool:
        """Whether somebody who waits already may not be passed."""
        if self.fairness is Fairness.READER_PREFERRING:
            return False
        if self.fairness is Fairness.WRITER_BLOCKS_READERS:
            return mode == "read" and any(waiter.mode == "write" for waiter in state.queue)
        ahead = state.queue
        if Holding(me, mode) in ahead:
            ahead = ahead[: ahead.index(Holding(me, mode))]
        return any("write" in (mode, waiter.mode) for waiter in ahead)

    def wait(self, state: RwState, me: str, mode: str) -> Outcome:
        """Wait, and leave a mark where the fairness needs one."""
        marks = self.fairness is Fairness.FIFO or (
            self.fairness is Fairness.WRITER_BLOCKS_READERS and mode == "write"
        )
        if not marks or Holding(me, mode) in state.queue:
            return WAIT
        queue = (*state.queue, Holding(me, mode))
        # Only FIFO cares who came first: a set, spelled as a sorted tuple, has fewer states.
        ordered = queue if self.fairness is Fairness.FIFO else tuple(sorted(queue))
        return Queue(state._replace(queue=ordered))

    def reading(self, state: RwState, me: str) -> RwState:
        """The state once `me` reads."""
        readers = tuple(sorted((*state.readers, me)))
        return state._replace(readers=readers, queue=without_thread(state.queue, me))

    def without_waiter(self, state: RwState, me: str) -> RwState:
        """The state once `me` has given up: those behind it no longer wait for it."""
        return state._replace(queue=without_thread(state.queue, me))

    def rename(self, state: RwState, names: Mapping[str, str]) -> RwState:
        """The state with other names; the readers are sorted by them."""
        new: RwState = renamed(state, names)
        return new._replace(readers=tuple(sorted(new.readers)))

    def holders(self, state: RwState) -> tuple[Holding, ...]:
        """The writer, or the readers."""
        writers = () if state.writer is None else (Holding(state.writer, "write"),)
        return writers + tuple(Holding(name, "read") for name in state.readers)

    def show(self, state: RwState) -> str:
        """Who holds the lock; a trace says who waits for it beside that."""
        return in_words(self.holders(state)) or "free"


class PercpuRwSem(ReaderWriter):
    """The percpu_rwsem: a waiting writer blocks new readers; no downgrade, no writer's trylock."""

    waiting_in = sleeps("percpu_down_read", "percpu_down_write")

    def __init__(self, name: str) -> None:
        super().__init__(name, Fairness.WRITER_BLOCKS_READERS)

    percpu_down_read = operation(ReaderWriter.acquire_read)
    percpu_down_read_trylock = operation(ReaderWriter.try_acquire_read)
    percpu_up_read = operation(ReaderWriter.release_read)
    percpu_down_write = operation(ReaderWriter.acquire_write)
    percpu_up_write = operation(ReaderWriter.release_write)

    def read(self, *body: Any) -> Region:
        """The lock held for reading over `body`."""
        held = Region(self, "read", self.percpu_down_read, self.percpu_up_read, body, site=here())
        return held.tried_by(self.percpu_down_read_trylock)

    def write(self, *body: Any) -> Region:
        """The lock held for writing over `body`."""
        return Region(
            self, "write", self.percpu_down_write, self.percpu_up_write, body, site=here()
        )


def in_words(holdings: tuple[Holding, ...]) -> str:
    """Threads with their modes, the readers last and in their order: `write a, read b`."""
    held = sorted(holdings, key=lambda each: (each.mode == "read", as_counted(each.thread)))
    return ", ".join(f"{each.mode} {each.thread}" for each in held)


def without_thread(queue: tuple[Holding, ...], me: str) -> tuple[Holding, ...]:
    """`queue` once `me` has left it."""
    return tuple(waiter for waiter in queue if waiter.thread != me)
