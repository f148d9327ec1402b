"""What a task does to a lock, by the lock's own rule."""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from locking.objects.operation import WAIT, Holding, Misuse, Object, Operation, Queue


class Act(NamedTuple):
    """An operation on a lock by its name; of a trylock, whether it is the attempt that succeeds.

    `takes` says that a task holds the lock afterwards, or in another mode; else it is let go, or
    was not had.
    """

    lock: str
    operation: str
    args: tuple[Hashable, ...]
    takes: bool
    wanted: bool | None = None

    @property
    def releases(self) -> bool:
        """Whether a lock is let go."""
        return not self.takes and self.wanted is None


def act_of(operation: Operation, takes: bool, wanted: bool | None = None) -> Act:
    """The act that an operation is."""
    return Act(operation.target.name, operation.name, operation.args, takes, wanted)


class RefusedAct(NamedTuple):
    """An act that the rule of its lock does not allow, or a move that is none of the role; why."""

    act: Act | None
    why: str


class Locks:
    """The rules of some locks; what they answer is remembered, for they are asked often.

    The states of all of them are a tuple, in their order. Who waits leaves no mark in them, for
    which of those that wait is the next is nothing that a trace is held against.
    """

    def __init__(self, locks: Mapping[str, Object]) -> None:
        self.objects = dict(locks)
        self.names = tuple(locks)
        self.numbers = {name: number for number, name in enumerate(locks)}
        self.start: tuple[Any, ...] = tuple(each.start for each in locks.values())
        self.known: dict[tuple[Act, Any, str], Any | RefusedAct] = {}

    def after(self, states: tuple[Any, ...], act: Act, who: str) -> tuple[Any, ...] | RefusedAct:
        """The states once `who` has done `act`, or why that is refused."""
        number = self.numbers[act.lock]
        key = (act, states[number], who)
        if key not in self.known:
            self.known[key] = self.asked(states[number], act, who)
        found = self.known[key]
        if isinstance(found, RefusedAct):
            return found
        return (*states[:number], found[0], *states[number + 1 :])

    def asked(self, state: Any, act: Act, who: str) -> tuple[Any] | RefusedAct:
        """What the rule says of one act: the new state of its lock, or why it is refused."""
        lock = self.objects[act.lock]
        outcome = lock.step(act.operation, state, who, act.args)
        match outcome:
            case Misuse(reason):
                return RefusedAct(act, reason)
            case Queue():
                return RefusedAct(act, f"{act.lock} is held: {lock.show(state)}")
        if outcome is WAIT:
            return RefusedAct(act, f"{act.lock} is held: {lock.show(state)}")
        new, result = outcome
        if act.wanted is not None and bool(result) is not act.wanted:
            return RefusedAct(
                act, f"the attempt would have {'failed' if act.wanted else 'succeeded'}"
            )
        return (new,)

    def holders(self, states: tuple[Any, ...]) -> dict[str, tuple[Holding, ...]]:
        """Who holds each lock."""
        found = zip(self.objects.values(), states, strict=True)
        return {lock.name: lock.holders(state) for lock, state in found}

    def shown(self, states: tuple[Any, ...]) -> list[tuple[str, str]]:
        """Every lock with its state in words."""
        found = zip(self.objects.values(), states, strict=True)
        return [(lock.name, lock.show(state)) for lock, state in found]
