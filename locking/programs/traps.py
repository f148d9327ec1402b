"""What a coroutine hands to its driver, besides operations: these and nothing else.

A `Choice` is a step. The others are marks: they change what the driver knows of the thread (its
sections, its atomic block, which part of its history counts) and are no steps at all.
"""

import sys
from collections.abc import Generator, Hashable
from dataclasses import dataclass, field
from typing import Any

from locking.objects.observed import observed
from locking.objects.operation import Operation


class Trap:
    """Awaiting a trap hands it over."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Any]:
        if observed.closing:
            raise GeneratorExit
        observed.handling = sys.exception()
        return (yield self)


@dataclass(frozen=True, slots=True)
class Choose(Trap):
    """A step whose result is any one of `options`: the environment chooses.

    Options do not count where two choices are compared; `Position.given` tells them apart.
    `asleep` is whether the first ends a sleep: until then others have the thread's processor.
    """

    options: tuple[Hashable, ...] = field(compare=False)
    asleep: bool = False


@dataclass(frozen=True, slots=True)
class Enter(Trap):
    """The thread is now inside `section`."""

    section: str


@dataclass(frozen=True, slots=True)
class Leave(Trap):
    """The thread is no longer inside `section`."""

    section: str


@dataclass(frozen=True, slots=True)
class BeginAtomic(Trap):
    """Steps from here on are not interleaved, `reduced` if they need not be one step for that."""

    reduced: bool = False


@dataclass(frozen=True, slots=True)
class EndAtomic(Trap):
    """They are again."""

    reduced: bool = False


@dataclass(frozen=True, slots=True)
class BeginProcedure(Trap):
    """The history from here on may be forgotten when the procedure returns, or a round ends.

    `loop` is whether there are rounds; `carried` has the value that the first is given, if any.
    """

    loop: bool = False
    carried: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class EndProcedure(Trap):
    """The history since the matching begin is replaced by `value`."""

    value: Hashable


@dataclass(frozen=True, slots=True)
class NextRound(Trap):
    """The history since the matching begin is forgotten: the next round starts where it began.

    But for `carried`, which takes the place of what the first round was given.
    """

    carried: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Instead(Trap):
    """The thread awaits the operation `step`, in place of which it takes others."""

    step: Operation


@dataclass(frozen=True, slots=True)
class BeginCall(Trap):
    """The thread calls an algorithm in place of the operation `step`, which is not taken yet."""

    step: Operation


@dataclass(frozen=True, slots=True)
class EndCall(Trap):
    """The operation of the innermost call has been taken, or failed."""
