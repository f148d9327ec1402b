"""A lock beside the algorithm that stands for it: what it does once the algorithm has done it.

An algorithm does the work, and the lock of the model says what users may rely on. So the lock goes
along, as a ghost: it takes steps, and decides none. An operation that takes it counts where the
algorithm's call has returned, one that lets it go where the algorithm is called: in between, the
algorithm keeps the lock for the thread or works at it, and users see neither. The lock never waits
there. Where it would have to, the algorithm gave what it must not give, which is a misuse.

Such a step orders nothing: an algorithm must order by itself what it protects.
"""

from collections.abc import Hashable
from functools import cache
from typing import Any

from locking.objects.alike import alike
from locking.objects.operation import DERIVED, WAIT, Call, Misuse, Outcome, Queue, ordered
from locking.objects.order import NO_ORDER

CALLED, RETURNED = "called ", "returned "
"""Before the name of an operation: it counts where it is called, or where it has returned."""


@cache
def counts_when_called(call: Call[Any]) -> Call[Any]:
    """`call`, as a step that never waits: where `call` would wait, it is a misuse."""

    def take(object_: Any, state: Any, me: str, *args: Hashable) -> Outcome:
        return unless_it_waits(object_, state, me, call, args)

    return of_algorithm(CALLED, call, take)


@cache
def counts_when_returned(call: Call[Any]) -> Call[Any]:
    """`call`, as a step that never waits and is told first what the algorithm has returned.

    It is a misuse where `call` would wait, or return something else.
    """

    def take(object_: Any, state: Any, me: str, got: Hashable, *args: Hashable) -> Outcome:
        outcome = unless_it_waits(object_, state, me, call, args)
        if isinstance(outcome, Misuse) or alike(outcome[1], got):
            return outcome
        return Misuse(
            f"{me} has {got!r} from {call.name}, where {object_.name} returns {outcome[1]!r}: it "
            f"is {object_.show(state)}"
        )

    return of_algorithm(RETURNED, call, take)


def unless_it_waits(
    object_: Any, state: Any, me: str, call: Call[Any], args: tuple[Hashable, ...]
) -> tuple[Any, Any] | Misuse:
    """What `call` does, which must not wait: the algorithm is done with it."""
    outcome = call.rule(object_, state, me, *args)
    if outcome is WAIT or isinstance(outcome, Queue):
        return Misuse(
            f"{me} is through with {call.name}, where {object_.name} makes it wait: it is "
            f"{object_.show(state)}"
        )
    found: tuple[Any, Any] | Misuse = outcome
    return found


def of_algorithm(begins: str, call: Call[Any], rule: Any) -> Call[Any]:
    """The operation of that rule, which orders nothing."""
    made: Call[Any] = ordered(NO_ORDER)(Call(rule, None))
    made.name = begins + call.name
    return made


DERIVED.update({CALLED: counts_when_called, RETURNED: counts_when_returned})
