"""Futexes: a thread sleeps if a word of memory still has the value that it expects.

Linux: futex(2), FUTEX_WAIT, FUTEX_WAKE, FUTEX_CMP_REQUEUE; kernel/futex. Looking at the word and
falling asleep are one step, as under the lock of the kernel's hash bucket. Any of those that sleep
may be woken: futex(2) gives no guarantee. With `fifo=True` it is the one that has slept longest, as
of threads that are not real-time: __futex_queue(), kernel/futex/core.c. Left out: bitsets, priority
inheritance, robust lists.

Being woken orders nothing, for a thread may wake up for nothing: the word orders what it orders.
"""

from errno import EAGAIN, EINTR, ETIMEDOUT
from itertools import combinations, permutations
from typing import NamedTuple

from locking.errors import ModelError
from locking.names import names_sorted
from locking.objects.atomic import Atomic
from locking.objects.memory import Cell
from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import FULL_BARRIER, NO_ORDER
from locking.objects.rules import Ruled
from locking.objects.sleepers import Sleepers
from locking.objects.waiting import sleeps
from locking.programs.constructs import atomic, choose, procedure
from locking.programs.sleeping.chances import (
    SIGNAL,
    TIME,
    WOKEN,
    signal_comes,
    sleep_ends,
    wakes_for_nothing,
)

ENDS = {-ETIMEDOUT: TIME, -EINTR: SIGNAL}
"""What a trace says where a wait returns one of these."""


class FutexState(NamedTuple):
    """Who sleeps, and who sleeps elsewhere by now and does not know it yet."""

    sleepers: Sleepers = Sleepers()
    moved: frozenset[str] = frozenset()


class Futex(Object):
    """Those that sleep on `word`, an `Atomic` or a `Cell` of the system, as is the futex itself.

    `requeue_to` is the futex to which `futex_cmp_requeue` moves. With `spurious=True` every wait
    may also wake up for nothing, which is chosen when it begins, as for a `Condition`. With
    `fifo=True` those are woken and moved first that have slept longest.
    """

    spurious = Ruled(spurious=True, never_spurious=False)
    fifo = Ruled(any=False, fifo=True)
    waiting_in = sleeps("wake_up", "time_out", "move_away")

    def __init__(
        self,
        name: str,
        word: Atomic | Cell,
        requeue_to: "Futex | None" = None,
        spurious: bool = False,
        fifo: bool = False,
    ) -> None:
        super().__init__(name, FutexState())
        self.word = word
        self.requeue_to = requeue_to
        self.spurious = spurious
        self.fifo = fifo

    @ordered(FULL_BARRIER)
    @operation
    def fall_asleep(self, state: FutexState, me: str) -> Outcome:
        """Be among those that a wake-up may wake; a part of `futex_wait`."""
        return state._replace(sleepers=state.sleepers.falls_asleep(me, in_line=self.fifo)), None

    @ordered(NO_ORDER)
    @operation
    def wake_up(self, state: FutexState, me: str) -> Outcome:
        """Leave, having been woken (False) or requeued (True); a part of `futex_wait`."""
        if me in state.moved:
            return state._replace(moved=state.moved - {me}), True
        left = state.sleepers.leaves(me)
        return WAIT if left is None else (state._replace(sleepers=left), False)

    @ordered(NO_ORDER)
    @operation
    def time_out(self, state: FutexState, me: str) -> Outcome:
        """Leave, not having been woken; who was moved leaves the futex that it sleeps on now."""
        sleepers = state.sleepers
        if me in state.moved or me in sleepers.woken:
            return WAIT
        return state._replace(sleepers=sleepers.gives_up(me)), None

    @ordered(FULL_BARRIER)
    @operation
    def futex_wake(self, state: FutexState, me: str, count: int) -> Outcome:
        """How many are woken: up to `count`."""
        if count < 0:
            return Misuse(f"{me} wakes {count} of {self.name}")
        woken = state.sleepers.wake(count)
        return state._replace(sleepers=woken), state.sleepers.unwoken - woken.unwoken

    @ordered(FULL_BARRIER)
    @operation
    def movable(self, state: FutexState, me: str, count: int) -> Outcome:
        """Which threads may be moved, up to `count` at once; a part of `futex_cmp_requeue`.

        In what order they are moved matters to a futex that wakes them in their order.
        """
        if count < 0:
            return Misuse(f"{me} moves {count} of {self.name}")
        sleepers = state.sleepers
        if sleepers.line:
            return state, (sleepers.line[:count],)
        ways = permutations if self.requeue_to and self.requeue_to.fifo else combinations
        found = ways(sorted(sleepers.asleep), min(count, sleepers.unwoken))
        return state, tuple(each for each in found if sleepers.without(each) is not None)

    @ordered(FULL_BARRIER)
    @operation
    def move_away(self, state: FutexState, me: str, threads: tuple[str, ...]) -> Outcome:
        """These sleep elsewhere; a part of `futex_cmp_requeue`."""
        left = state.sleepers.without(threads)
        return WAIT if left is None else (FutexState(left, state.moved | {*threads}), None)

    @ordered(FULL_BARRIER)
    @operation
    def move_here(self, state: FutexState, me: str, threads: tuple[str, ...]) -> Outcome:
        """These sleep here; a part of `futex_cmp_requeue`."""
        sleepers = state.sleepers
        for thread in threads:
            sleepers = sleepers.falls_asleep(thread, in_line=self.fifo)
        return state._replace(sleepers=sleepers), None

    async def value(self) -> object:
        """What the word holds."""
        word = self.word
        return await (word.atomic_read() if isinstance(word, Atomic) else word.READ_ONCE())

    async def futex_wait(self, expected: object) -> bool:
        """True having slept and been woken, or False at once if the word is not `expected`."""
        nothing = self.spurious and await wakes_for_nothing()
        async with atomic():
            if await self.value() != expected:
                return False
            if not nothing:
                await self.fall_asleep()
        at: Futex | None = self
        while at and not nothing and await at.wake_up():
            at = at.requeue_to
        return True

    async def futex_wait_timeout(self, expected: object) -> int:
        """0 having been woken, -EAGAIN if the word is not `expected`, or -ETIMEDOUT at any time.

        What was woken does not time out: its wake-up would be lost to others.
        """
        return await self.ended_wait(expected, -ETIMEDOUT)

    async def futex_wait_interruptible(self, expected: object) -> int:
        """0 having been woken, -EAGAIN if the word is not `expected`, or -EINTR at a signal.

        Linux: FUTEX_WAIT, which any signal that has a handler ends.
        """
        if await signal_comes():
            return await self.ended_wait(expected, -EINTR)
        return 0 if await self.futex_wait(expected) else -EAGAIN

    @procedure
    async def ended_wait(self, expected: object, ended: int) -> int:
        """A wait that is `ended` at any time, if the thread was not woken before."""
        async with atomic():
            if await self.value() != expected:
                return -EAGAIN
            await self.fall_asleep()
        at: Futex | None = self
        while at:
            async with atomic():
                woken = not await sleep_ends(ENDS[ended], WOKEN)
                moved = await (at.wake_up() if woken else at.time_out())
            if not woken:
                return ended
            at = at.requeue_to if moved else None
        return 0

    @procedure
    async def futex_cmp_requeue(self, wake: int, requeue: int, expected: object) -> bool:
        """False if the word is not `expected`; else wake some, and move others to `requeue_to`.

        Errors: `ModelError` where there is no such futex.
        """
        if self.requeue_to is None:
            raise ModelError(f"{self!r} has nothing to requeue to; write requeue_to=another futex")
        async with atomic():
            if await self.value() != expected:
                return False
            await self.futex_wake(wake)
            moved = await choose(*await self.movable(requeue))
            await self.move_away(moved)
            await self.requeue_to.move_here(moved)
        return True

    def show(self, state: FutexState) -> str:
        """Who sleeps, and who is woken or moved."""
        moved = f", moved {', '.join(names_sorted(state.moved))}" if state.moved else ""
        return state.sleepers.show() + moved
