"""A reference count that is cheap while it lives, and counted exactly only once it is killed.

Kernel: struct percpu_ref, include/linux/percpu-refcount.h and lib/percpu-refcount.c. While it lives
nobody can see whether the count is 0, because the object itself holds one reference. Killing it
takes two steps: `percpu_ref_kill`, from which on `percpu_ref_tryget_live` fails, and, a grace
period later, the switch to one atomic count, which gives back the reference of the object. Left
out: the counts of single processors, of which only the sum matters, and switches without a kill.
"""

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from locking.objects.memory import if_last
from locking.objects.operation import WAIT, Misuse, Object, Outcome, access, operation, ordered
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE
from locking.objects.waiting import Waiting, sleeps, spins


class RefMode(Enum):
    """How far the end of a percpu_ref has come."""

    LIVE = "live"
    KILLED = "killed"
    CONFIRMED = "confirmed dead"
    RESURRECTED = "live again, while its kill is yet to be confirmed"
    EXITED = "exited"


class PercpuRefState(NamedTuple):
    """The references, that of the object included until it is confirmed dead; and the mode."""

    references: int = 1
    mode: RefMode = RefMode.LIVE


OWN = {RefMode.CONFIRMED: 0, RefMode.RESURRECTED: 2}
"""How many references are the object's own; 1 in any other mode."""


def is_dead(state: PercpuRefState) -> bool:
    """Whether it was killed, and has not been made live again."""
    return state.mode in (RefMode.KILLED, RefMode.CONFIRMED)


class PercpuRef(Object):
    """State: the count, and whether it is live, killed, confirmed dead or exited."""

    # To kill is allowed in any context while no switch is under way, for which alone it waits.
    waiting_in: ClassVar[Mapping[str, Waiting]] = {
        **sleeps("percpu_ref_confirm_kill", "await_switch"),
        **spins("percpu_ref_kill"),
    }

    def __init__(self, name: str) -> None:
        super().__init__(name, PercpuRefState())

    def step(self, name: str, state: Any, me: str, args: tuple[Hashable, ...]) -> Outcome:
        """What an operation does; after `percpu_ref_exit` each is a misuse."""
        if state.mode is RefMode.EXITED:
            return Misuse(f"{me} does {name} on {self.name}, which has exited")
        return super().step(name, state, me, args)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def percpu_ref_get(self, state: PercpuRefState, me: str) -> Outcome:
        """Nothing; one more reference, by somebody who has one."""
        if state.references == 0:
            return Misuse(f"{me} takes a reference on {self.name}, which is already 0")
        return state._replace(references=state.references + 1), None

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def percpu_ref_tryget(self, state: PercpuRefState, me: str) -> Outcome:
        """Whether there was one to add to, be it killed or not."""
        return (
            (state._replace(references=state.references + 1), True)
            if state.references
            else (state, False)
        )

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def percpu_ref_tryget_live(self, state: PercpuRefState, me: str) -> Outcome:
        """Whether it was not yet killed; then there is one more reference."""
        if is_dead(state):
            return state, False
        return state._replace(references=state.references + 1), True

    @ordered(if_last)
    @access(writes=True, marked=True)
    def percpu_ref_put(self, state: PercpuRefState, me: str) -> Outcome:
        """Whether that was the last reference: then the kernel calls `release`."""
        if state.references == OWN.get(state.mode, 1):
            return Misuse(f"{me} gives back a reference on {self.name} that nobody has taken")
        return state._replace(references=state.references - 1), state.references == 1

    @ordered(RELEASE)
    @operation
    def percpu_ref_kill(self, state: PercpuRefState, me: str) -> Outcome:
        """From now on `percpu_ref_tryget_live` fails; to kill it twice is a misuse.

        It waits until an earlier kill is confirmed, as __percpu_ref_switch_mode() does.
        """
        if state.mode is RefMode.RESURRECTED:
            return WAIT
        if state.mode is not RefMode.LIVE:
            return Misuse(f"{me} kills {self.name}, which is {state.mode.value} already")
        return state._replace(mode=RefMode.KILLED), None

    @ordered(ACQUIRE)
    @operation
    def percpu_ref_confirm_kill(self, state: PercpuRefState, me: str) -> Outcome:
        """Give back the reference of the object, some time after the kill; whether it was the last.

        It stands for the callback of percpu_ref_switch_to_atomic_rcu(), which RCU calls: a daemon
        or an RCU callback of the model does it.
        """
        if state.mode is RefMode.RESURRECTED:
            return PercpuRefState(state.references - 1), False
        if state.mode is not RefMode.KILLED:
            return WAIT
        return PercpuRefState(state.references - 1, RefMode.CONFIRMED), state.references == 1

    @access(writes=False, marked=True)
    def percpu_ref_is_zero(self, state: PercpuRefState, me: str) -> Outcome:
        """Whether nobody has a reference; never so before it is confirmed dead."""
        return state, state.references == 0

    @access(writes=False, marked=True)
    def percpu_ref_is_dying(self, state: PercpuRefState, me: str) -> Outcome:
        """Whether it was killed."""
        return state, is_dead(state)

    @ordered(NO_ORDER)
    @operation
    def percpu_ref_reinit(self, state: PercpuRefState, me: str) -> Outcome:
        """Live again, with the reference of the object; only where nobody has one."""
        if state.references:
            return Misuse(f"{me} reinitialises {self.name}, on which there are references")
        return PercpuRefState(), None

    @ordered(NO_ORDER)
    @operation
    def clear_dead(self, state: PercpuRefState, me: str) -> Outcome:
        """Let `percpu_ref_tryget_live` succeed again; a part of `percpu_ref_resurrect`."""
        if not is_dead(state):
            return Misuse(f"{me} resurrects {self.name}, which is {state.mode.value}")
        pending = state.mode is RefMode.KILLED
        mode = RefMode.RESURRECTED if pending else RefMode.LIVE
        return PercpuRefState(state.references + 1, mode), None

    @ordered(NO_ORDER)
    @operation
    def await_switch(self, state: PercpuRefState, me: str) -> Outcome:
        """Wait until the kill is confirmed, if one is pending; a part of `percpu_ref_resurrect`."""
        return WAIT if state.mode is RefMode.RESURRECTED else (state, None)

    async def percpu_ref_resurrect(self) -> None:
        """Make it live again, whoever has references, with one of the object: two steps.

        Others take references from the first on; to resurrect what was not killed is a misuse.
        """
        await self.clear_dead()
        await self.await_switch()

    @ordered(NO_ORDER)
    @operation
    def percpu_ref_exit(self, state: PercpuRefState, me: str) -> Outcome:
        """Free its counters: whatever is done with it later is a misuse."""
        return PercpuRefState(0, RefMode.EXITED), None

    def show(self, state: PercpuRefState) -> str:
        """The count and the mode."""
        return f"{state.references}, {state.mode.value}"
