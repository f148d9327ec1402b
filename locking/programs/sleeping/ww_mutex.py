"""Mutexes of one class that are taken in any order: who would close a circle is told to back off.

Kernel: struct ww_class, ww_acquire_ctx and ww_mutex, kernel/locking/ww_mutex.h (v6.12) and
Documentation/locking/ww-mutex-design.rst. A thread's context is as old as its `ww_acquire_init`,
and keeps its age until `ww_acquire_fini`, however often it backs off; so the oldest comes through.

* wound-wait: an older one that waits wounds the younger holder, which is told -EDEADLK as soon as
  it must wait itself;
* wait-die: a younger one that would wait for an older one is told -EDEADLK at once.

Only who holds a lock of the class is told to back off, and must then let go of all that it holds
before it asks again, first for the lock that it was refused. What CONFIG_DEBUG_WW_MUTEX_SLOWPATH
and CONFIG_DEBUG_MUTEXES warn of is a misuse. Left out: locking without a context; optimistic
spinning and the order of the wait list, for any waiter may be next.

The whole class is one object, because a wound is found at another lock than it was given at. For
happens-before each lock is a part of its own.
"""

from collections.abc import Hashable, Sequence
from errno import EALREADY, EDEADLK, EINTR
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.names import check_names
from locking.objects.lockdep import Lock
from locking.objects.operation import (
    WAIT,
    Holding,
    Misuse,
    Operation,
    Outcome,
    Queue,
    operation,
    ordered,
)
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE, Order
from locking.objects.rules import Ruled
from locking.objects.waiting import sleeps
from locking.programs.sleeping.giving_up import ended_by_signal


class WwContext(NamedTuple):
    """A thread's context; `contending` is the lock that it was refused, None if it was not."""

    thread: str
    wounded: bool = False
    contending: int | None = None
    done: bool = False


class WwState(NamedTuple):
    """The contexts, the oldest first; the owner of each lock; for wait-die, who waits for each."""

    contexts: tuple[WwContext, ...]
    owners: tuple[str | None, ...]
    waiting: tuple[frozenset[str], ...]


def if_taken(result: Any, given: tuple[Hashable, ...]) -> Order:
    """What taking a lock orders: an acquire of that lock, if it was taken."""
    taken = result is None or result is True or (result == 0 and result is not False)
    return ACQUIRE._replace(parts=given) if taken else NO_ORDER


def if_let_go(_: Any, given: tuple[Hashable, ...]) -> Order:
    """What letting go of a lock orders: a release of that lock."""
    return RELEASE._replace(parts=given)


class WwClass(Lock):
    """A class of `locks`, which are named; wound-wait unless `wait_die`. State: a `WwState`.

    Errors: `ModelError` for names that are none or are not each there once, and for a lock that is
    asked for and is none of them.
    """

    wait_die = Ruled(wound_wait=False, wait_die=True)
    waiting_in = sleeps("ww_mutex_lock", "ww_mutex_lock_slow")

    def __init__(self, name: str, locks: Sequence[str], wait_die: bool = False) -> None:
        if isinstance(locks, str):
            raise ModelError(f"the locks of {name!r} are {locks!r}; write ({locks!r},)")
        self.locks = tuple(locks)
        check_names("lock", f"locks of {name}", self.locks)
        none = (None,) * len(self.locks)
        super().__init__(name, WwState((), none, (frozenset(),) * len(self.locks)))
        self.wait_die = wait_die
        self.parts = self.locks

    @ordered(NO_ORDER)
    @operation
    def ww_acquire_init(self, state: WwState, me: str) -> Outcome:
        """Nothing; the thread has a context, younger than all others."""
        if self.age(state, me) >= 0:
            return Misuse(f"{me} has a context of {self.name} already")
        return state._replace(contexts=(*state.contexts, WwContext(me))), None

    @ordered(NO_ORDER)
    @operation
    def ww_acquire_done(self, state: WwState, me: str) -> Outcome:
        """Nothing; the thread says that it takes no further lock of the class."""
        if self.age(state, me) < 0 or self.context(state, me).done:
            return Misuse(f"{me} has no context of {self.name} that still takes locks")
        return self.changed(state, me, done=True), None

    @ordered(NO_ORDER)
    @operation
    def ww_acquire_fini(self, state: WwState, me: str) -> Outcome:
        """Nothing; the thread's context has ended."""
        if self.age(state, me) < 0:
            return Misuse(f"{me} has no context of {self.name}")
        if me in state.owners:
            return Misuse(f"{me} ends its context of {self.name}, and holds a lock of it")
        left = tuple(each for each in state.contexts if each.thread != me)
        return state._replace(contexts=left), None

    @ordered(if_taken)
    @operation
    def ww_mutex_lock(self, state: WwState, me: str, lock: str) -> Outcome:
        """0 with the lock owned; -EDEADLK: back off; -EALREADY: it was owned before. Or wait."""
        at = self.index(lock)
        if wrong := self.wrong(state, me, at):
            return wrong
        if state.owners[at] == me:
            return state, -EALREADY
        if state.owners[at] is None:
            return self.owning(state, me, at), 0
        if me in state.owners and self.must_back_off(state, me, at):
            return self.changed(self.waiting(state, me, at, False), me, contending=at), -EDEADLK
        return self.wait(state, me, at)

    @ordered(if_taken)
    @operation
    def ww_mutex_lock_slow(self, state: WwState, me: str, lock: str) -> Outcome:
        """Own the lock that was refused, or wait; only for who holds no lock of the class."""
        at = self.index(lock)
        if wrong := self.wrong(state, me, at):
            return wrong
        if self.context(state, me).contending is None:
            return Misuse(f"{me} takes {lock} of {self.name} slowly, and was not told to back off")
        return (self.owning(state, me, at), None) if state.owners[at] is None else WAIT

    async def ww_mutex_lock_interruptible(self, lock: str) -> int:
        """What `ww_mutex_lock` returns, or -EINTR if a signal came first; it may at any time."""
        found = await ended_by_signal(Operation(self, "ww_mutex_lock", (lock,)))
        return -EINTR if found is WAIT else int(found)

    async def ww_mutex_lock_slow_interruptible(self, lock: str) -> int:
        """0 with the lock owned that was refused, or -EINTR if a signal came first."""
        found = await ended_by_signal(Operation(self, "ww_mutex_lock_slow", (lock,)))
        return -EINTR if found is WAIT else 0

    @ordered(if_taken)
    @operation
    def ww_mutex_trylock(self, state: WwState, me: str, lock: str) -> Outcome:
        """True with the lock owned, or False at once."""
        at = self.index(lock)
        if wrong := self.wrong(state, me, at):
            return wrong
        return (self.owning(state, me, at), True) if state.owners[at] is None else (state, False)

    @ordered(if_let_go)
    @operation
    def ww_mutex_unlock(self, state: WwState, me: str, lock: str) -> Outcome:
        """Let go, which only the owner may do."""
        at = self.index(lock)
        if state.owners[at] != me:
            return Misuse(f"{me} unlocks {lock} of {self.name}, which it does not hold")
        owners = (*state.owners[:at], None, *state.owners[at + 1 :])
        left = state._replace(owners=owners)
        # Who holds nothing is told nothing: a wound is forgotten.
        return (left if me in owners else self.changed(left, me, wounded=False)), None

    def wrong(self, state: WwState, me: str, at: int) -> Misuse | None:
        """The misuse of asking for a lock now, if it is one."""
        if self.age(state, me) < 0:
            return Misuse(f"{me} has no context of {self.name}")
        context, lock = self.context(state, me), self.locks[at]
        if context.done:
            return Misuse(f"{me} asks for {lock} of {self.name}, and said that it takes no more")
        if context.contending is None:
            return None
        refused = f"{me} asks for {lock} of {self.name}, and was refused"
        if context.contending != at:
            return Misuse(f"{refused} {self.locks[context.contending]}; that comes first")
        if me in state.owners:
            return Misuse(f"{refused} it; it must release all that it holds first")
        return None

    def must_back_off(self, state: WwState, me: str, at: int) -> bool:
        """Whether a thread that holds a lock may not wait for another."""
        if not self.wait_die:
            return self.context(state, me).wounded
        before = {each.thread for each in state.contexts[: self.age(state, me)]}
        return state.owners[at] in before or bool(before & state.waiting[at])

    def wait(self, state: WwState, me: str, at: int) -> Outcome:
        """Wait; with wait-die with a mark on the lock, else with a wound for a younger holder."""
        owner = state.owners[at]
        assert owner is not None
        if self.wait_die:
            after = self.waiting(state, me, at, True)
        elif me in state.owners and self.age(state, me) < self.age(state, owner):
            after = self.changed(state, owner, wounded=True)
        else:
            after = state
        return WAIT if after == state else Queue(after)

    def owning(self, state: WwState, me: str, at: int) -> WwState:
        """The state once `me` owns a lock."""
        state = self.changed(self.waiting(state, me, at, False), me, contending=None)
        return state._replace(owners=(*state.owners[:at], me, *state.owners[at + 1 :]))

    def waiting(self, state: WwState, me: str, at: int, waits: bool) -> WwState:
        """The state in which `me` waits for a lock, or does not."""
        marks = state.waiting[at] | {me} if waits else state.waiting[at] - {me}
        return state._replace(waiting=(*state.waiting[:at], marks, *state.waiting[at + 1 :]))

    def without_waiter(self, state: WwState, me: str) -> WwState:
        """The state once `me` has given up: no mark is left on a lock; whom it wounded stays so."""
        return state._replace(waiting=tuple(marks - {me} for marks in state.waiting))

    def changed(self, state: WwState, who: str, **to: Any) -> WwState:
        """The state with a context changed."""
        new = (each._replace(**to) if each.thread == who else each for each in state.contexts)
        return state._replace(contexts=tuple(new))

    def context(self, state: WwState, who: str) -> WwContext:
        """The context of a thread that has one."""
        return state.contexts[self.age(state, who)]

    def age(self, state: WwState, who: str) -> int:
        """The place of a thread's context among all, from 0 for the oldest; -1 without one."""
        threads = [each.thread for each in state.contexts]
        return threads.index(who) if who in threads else -1

    def index(self, lock: str) -> int:
        """The place of a lock in the class. Errors: `ModelError`."""
        if lock not in self.locks:
            known = ", ".join(self.locks)
            raise ModelError(f"class {self.name!r} has no lock {lock!r}; it has {known}")
        return self.locks.index(lock)

    def holders(self, state: WwState) -> tuple[Holding, ...]:
        """The owner of each lock that has one, with the lock in the mode."""
        pairs = zip(self.locks, state.owners, strict=True)
        return tuple(Holding(owner, f"{lock} held by") for lock, owner in pairs if owner)

    def show(self, state: WwState) -> str:
        """Who holds which lock, and the contexts, the oldest first."""
        held = ", ".join(f"{mode} {thread}" for thread, mode in self.holders(state)) or "free"
        ages = [each.thread + " (wounded)" * each.wounded for each in state.contexts]
        return f"{held}; oldest first {', '.join(ages)}" if ages else held
