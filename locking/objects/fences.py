"""Fences, as steps: what `smp_mb()` and the others are under a memory model that has executions."""

from typing import Any

from locking.objects.operation import Object, Outcome, operation


class Fences(Object):
    """The rule of fences: they do nothing but order. State: nothing."""

    def __init__(self) -> None:
        super().__init__("fences")

    def nothing(self, state: Any, _me: str) -> Outcome:
        """Nothing."""
        return state, None

    smp_mb = operation(nothing)
    smp_rmb = operation(nothing)
    smp_wmb = operation(nothing)
    smp_mb__before_atomic = operation(nothing)
    smp_mb__after_atomic = operation(nothing)
    smp_mb__after_spinlock = operation(nothing)
