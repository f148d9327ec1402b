"""A store buffer: what a processor has stored, and no other sees yet.

Owens, Sarkar and Sewell, A Better x86 Memory Model: x86-TSO (TPHOLs 2009): each processor has a
buffer, first in, first out. Its loads look there first. A locked instruction and a full barrier
wait until it is empty. What is in it goes to memory at any time.
"""

from collections.abc import Hashable
from typing import Any, NamedTuple

from locking.objects.operation import WAIT, Object, Outcome, operation, ordered
from locking.objects.order import NO_ORDER


class PendingStore(NamedTuple):
    """A step that others can't see yet: operation `name` of `target`, by the thread `whose`."""

    target: str
    whose: str
    name: str
    args: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join([self.target, *map(repr, self.args)])})"


PendingStores = tuple[PendingStore, ...]


class StoreBuffer(Object):
    """The rule of a store buffer. State: what is pending, the oldest first."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ())

    @ordered(NO_ORDER)
    @operation
    def put(
        self, state: PendingStores, me: str, target: str, whose: str, name: str, args: Any
    ) -> Outcome:
        """Nothing; one more step is pending."""
        return (*state, PendingStore(target, whose, name, args)), None

    @ordered(NO_ORDER)
    @operation
    def told(self, state: PendingStores, me: str, result: Hashable) -> Outcome:
        """The result of a load that what is pending has served."""
        return state, result

    @ordered(NO_ORDER)
    @operation
    def take(self, state: PendingStores, me: str) -> Outcome:
        """The oldest step, which is no longer pending; it waits while there is none."""
        return (state[1:], state[0]) if state else WAIT

    @ordered(NO_ORDER)
    @operation
    def pending(self, state: PendingStores, me: str, target: str) -> Outcome:
        """The steps on `target` that are pending, the oldest first."""
        return state, tuple(each for each in state if each.target == target)

    @ordered(NO_ORDER)
    @operation
    def drained(self, state: PendingStores, me: str) -> Outcome:
        """Nothing; it waits while something is pending."""
        return WAIT if state else (state, None)

    @ordered(NO_ORDER)
    @operation
    def drained_of(self, state: PendingStores, me: str, target: str) -> Outcome:
        """Nothing; it waits while something on `target` is pending."""
        return WAIT if any(each.target == target for each in state) else (state, None)

    def show(self, state: PendingStores) -> str:
        """What is pending."""
        return "; ".join(map(repr, state)) or "empty"
