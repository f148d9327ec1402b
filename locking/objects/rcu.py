"""Read-copy-update: readers that never wait, and grace periods in which those before them leave.

Kernel: Documentation/RCU/whatisRCU.rst and Design/Requirements/Requirements.rst, kernel/rcu/tree.c
and srcutree.c. A grace period lasts until every reader has left that was inside when it was asked
for; later readers are not waited for, as nobody may count on. Left out: how the kernel learns that
a reader has left (quiescent states, expedited grace periods), which only makes it longer.

What is ordered: a grace period comes after all that was done inside the readers that it follows,
and a callback after `call_rcu` as well. To begin to read orders nothing: what a reader finds is
published with `rcu_assign_pointer`, or ordered by a lock.
"""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from locking.names import as_counted, names_sorted
from locking.objects.operation import (
    WAIT,
    Holding,
    Misuse,
    Object,
    Outcome,
    Queue,
    operation,
    ordered,
)
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE, Order
from locking.objects.region import Region, here
from locking.objects.values import renamed
from locking.objects.waiting import sleeps

Names = tuple[str, ...]
"""Threads, sorted."""

CALLBACKS_ALONE = Order(acquires=True, shared=True)
"""What `rcu_barrier` orders: it comes after callbacks, but is no grace period."""


AFTER_READERS = ACQUIRE._replace(full=True)
"""What a grace period orders: it comes after readers, and is a full barrier of its updater.

Kernel: `gp` is part of `strong-fence`, tools/memory-model/linux-kernel.cat, v6.12.
"""


class Updater(NamedTuple):
    """A thread that waits for a grace period, and the readers that have still to leave."""

    thread: str
    ahead: Names


class Callback(NamedTuple):
    """What was queued by `call_rcu`, the readers that have still to leave, and who runs it, if any.

    `awaited_by` are the threads that wait for it in `rcu_barrier`; `frees` is whether it was queued
    by `kfree_rcu`, for which no `rcu_barrier` waits.
    """

    what: Hashable
    ahead: Names
    runner: str | None = None
    awaited_by: Names = ()
    frees: bool = False


class RcuState(NamedTuple):
    """The readers (sorted; twice if they nest), the updaters, callbacks in order, and barriers."""

    readers: Names = ()
    updaters: tuple[Updater, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    barriers: Names = ()


class GracePeriods(Object):
    """The rule of both kinds."""

    def __init__(self, name: str) -> None:
        super().__init__(name, RcuState())

    def enter(self, state: RcuState, me: str) -> Outcome:
        """Begin to read, which never waits; a reader may begin once more inside."""
        return state._replace(readers=tuple(sorted((*state.readers, me)))), None

    def leave(self, state: RcuState, me: str) -> Outcome:
        """End a read; a grace period has one reader less to wait for once the outermost has."""
        if me not in state.readers:
            return Misuse(f"{me} ends a read of {self.name} that it did not begin")
        readers = without(state.readers, me)
        if me in readers:
            return state._replace(readers=readers), None
        return RcuState(
            readers,
            tuple(each._replace(ahead=without(each.ahead, me)) for each in state.updaters),
            tuple(each._replace(ahead=without(each.ahead, me)) for each in state.callbacks),
            state.barriers,
        ), None

    def synchronize(self, state: RcuState, me: str) -> Outcome:
        """Wait until those have left who were inside when this was called."""
        if me in state.readers:
            return Misuse(f"{me} waits for the readers of {self.name}, and is one of them")
        mine = next((each for each in state.updaters if each.thread == me), None)
        if mine and mine.ahead:
            return WAIT
        others = tuple(each for each in state.updaters if each is not mine)
        if mine or not state.readers:
            return state._replace(updaters=others), None
        asked = Updater(me, distinct(state.readers))
        return Queue(state._replace(updaters=tuple(sorted((*others, asked)))))

    def defer(self, state: RcuState, me: str, what: Hashable) -> Outcome:
        """Queue a callback, to be run some time after a grace period."""
        queued = Callback(what, distinct(state.readers))
        return state._replace(callbacks=(*state.callbacks, queued)), None

    def defer_free(self, state: RcuState, me: str, what: Hashable) -> Outcome:
        """Queue what is to be freed some time after a grace period; a part of `kfree_rcu`."""
        queued = Callback(what, distinct(state.readers), frees=True)
        return state._replace(callbacks=(*state.callbacks, queued)), None

    def begin(self, state: RcuState, me: str) -> Outcome:
        """What the first callback was queued with whose grace period is over; or wait for one."""
        return self.begin_of(state, me, frees=False)

    def begin_free(self, state: RcuState, me: str) -> Outcome:
        """What was queued first of what may be freed now; or wait for it."""
        return self.begin_of(state, me, frees=True)

    def begin_of(self, state: RcuState, me: str, *, frees: bool) -> Outcome:
        """The first callback of a kind that is due and that nobody runs; or wait for one."""
        for at, each in enumerate(state.callbacks):
            if each.frees == frees and not each.ahead and each.runner is None:
                before, after = state.callbacks[:at], state.callbacks[at + 1 :]
                begun = (*before, each._replace(runner=me), *after)
                return state._replace(callbacks=begun), each.what
        return WAIT

    def end(self, state: RcuState, me: str) -> Outcome:
        """A callback has been run."""
        left = tuple(each for each in state.callbacks if each.runner != me)
        if len(left) == len(state.callbacks):
            return Misuse(f"{me} ends a callback of {self.name} that it did not begin")
        return state._replace(callbacks=left), None

    def barrier(self, state: RcuState, me: str) -> Outcome:
        """Wait until the callbacks have been run that were queued when this was called."""
        if me in state.barriers:
            waits = any(me in each.awaited_by for each in state.callbacks)
            return WAIT if waits else (state._replace(barriers=without(state.barriers, me)), None)
        if all(each.frees for each in state.callbacks):
            return state, None
        marked = tuple(
            each if each.frees else each._replace(awaited_by=distinct((*each.awaited_by, me)))
            for each in state.callbacks
        )
        return Queue(state._replace(callbacks=marked, barriers=distinct((*state.barriers, me))))

    def without_waiter(self, state: RcuState, me: str) -> RcuState:
        """The state once `me` no longer waits for readers or callbacks, which take no notice."""
        return state._replace(
            updaters=tuple(each for each in state.updaters if each.thread != me),
            callbacks=tuple(
                each._replace(awaited_by=without(each.awaited_by, me)) for each in state.callbacks
            ),
            barriers=without(state.barriers, me),
        )

    def rename(self, state: RcuState, names: Mapping[str, str]) -> RcuState:
        """The state with other names; what they sort is sorted again."""
        new: RcuState = renamed(state, names)
        return RcuState(
            tuple(sorted(new.readers)),
            tuple(sorted(Updater(who, distinct(ahead)) for who, ahead in new.updaters)),
            tuple(
                each._replace(ahead=distinct(each.ahead), awaited_by=distinct(each.awaited_by))
                for each in new.callbacks
            ),
            distinct(new.barriers),
        )

    def holders(self, state: RcuState) -> tuple[Holding, ...]:
        """The readers."""
        return tuple(Holding(name, "read") for name in state.readers)

    def show(self, state: RcuState) -> str:
        """Who reads, for whom a grace period lasts, and what is still to be called back."""
        says = [f"read {name}" for name in names_sorted(state.readers)]
        updaters = sorted(state.updaters, key=lambda each: as_counted(each[0]))
        says += [f"{who} waits for {among(ahead)}" for who, ahead in updaters]
        for each in state.callbacks:
            waits = f"after {among(each.ahead)}" if each.ahead else "due"
            kind = "free" if each.frees else "callback"
            says.append(f"{kind} {each.what} {f'run by {each.runner}' if each.runner else waits}")
        return ", ".join(says) or "no reader"


class Rcu(GracePeriods):
    """The one domain of `rcu_read_lock`; several objects stand for its several flavours."""

    waiting_in = sleeps("synchronize_rcu", "rcu_barrier", "begin_callback", "begin_free")

    rcu_read_lock = ordered(NO_ORDER)(operation(GracePeriods.enter))
    rcu_read_unlock = operation(GracePeriods.leave)
    synchronize_rcu = ordered(AFTER_READERS)(operation(GracePeriods.synchronize))
    call_rcu = ordered(RELEASE)(operation(GracePeriods.defer))
    rcu_barrier = ordered(CALLBACKS_ALONE)(operation(GracePeriods.barrier))
    begin_callback = ordered(ACQUIRE)(operation(GracePeriods.begin))
    begin_free = ordered(ACQUIRE)(operation(GracePeriods.begin_free))
    defer_free = ordered(RELEASE)(operation(GracePeriods.defer_free))
    end_callback = ordered(RELEASE)(operation(GracePeriods.end))

    def read(self, *body: Any) -> Region:
        """A read-side critical section over `body`."""
        return Region(self, "read", self.rcu_read_lock, self.rcu_read_unlock, body, site=here())


class Srcu(GracePeriods):
    """A domain of its own, whose readers may sleep: it waits for its own readers alone.

    The index that the kernel hands from lock to unlock is left out: it says which counter is used.
    """

    waiting_in = sleeps("synchronize_srcu", "srcu_barrier", "begin_callback")

    srcu_read_lock = ordered(NO_ORDER)(operation(GracePeriods.enter))
    srcu_read_unlock = operation(GracePeriods.leave)
    synchronize_srcu = ordered(AFTER_READERS)(operation(GracePeriods.synchronize))
    call_srcu = ordered(RELEASE)(operation(GracePeriods.defer))
    srcu_barrier = ordered(CALLBACKS_ALONE)(operation(GracePeriods.barrier))
    begin_callback = ordered(ACQUIRE)(operation(GracePeriods.begin))
    end_callback = ordered(RELEASE)(operation(GracePeriods.end))

    def read(self, *body: Any) -> Region:
        """A read-side critical section over `body`."""
        return Region(self, "read", self.srcu_read_lock, self.srcu_read_unlock, body, site=here())


def without(names: Names, name: str) -> Names:
    """`names` with one `name` less, if it is among them."""
    if name not in names:
        return names
    at = names.index(name)
    return names[:at] + names[at + 1 :]


def distinct(names: Names) -> Names:
    """`names` sorted, each once."""
    return tuple(sorted(set(names)))


def among(names: Names) -> str:
    """Some threads, in words."""
    return " and ".join(names_sorted(names)) or "nobody"
