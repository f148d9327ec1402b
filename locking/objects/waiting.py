"""How operations wait: asleep, so that others get the processor, or spinning on it.

A class says it of its operations, in `waiting_in`. It matters to threads that run on a processor.
Kernel: Documentation/locking/locktypes.rst ("Lock categories"), 6.12.
"""

from collections.abc import Mapping
from enum import Enum


class Waiting(Enum):
    """What becomes of the processor of a thread that waits.

    `SLEEPS`: others run on it. The kernel calls might_sleep() in such an operation, whether or not
    it has to wait. `SPINS`: the thread stays on it, as far as others don't take its place.
    `SPINS_UNPREEMPTED`: no other task takes its place meanwhile, nor as long as the thread holds
    the object.
    """

    SLEEPS = "sleeps"
    SPINS = "spins"
    SPINS_UNPREEMPTED = "spins, and keeps preemption off"


def sleeps(*operations: str) -> Mapping[str, Waiting]:
    """The table of a class whose `operations` may sleep, and whose others never wait."""
    return dict.fromkeys(operations, Waiting.SLEEPS)


def spins(*operations: str, unpreempted: tuple[str, ...] = ()) -> Mapping[str, Waiting]:
    """The table of a class whose `operations` spin; those `unpreempted` keep preemption off."""
    return {
        **dict.fromkeys(operations, Waiting.SPINS),
        **dict.fromkeys(unpreempted, Waiting.SPINS_UNPREEMPTED),
    }
