"""Waiting for a condition on the states of several objects."""

from dataclasses import dataclass

from locking.objects.operation import Object, Operation


@dataclass(frozen=True, slots=True)
class Until(Operation):
    """What `wait_until` awaits where its condition on the states of `objects` is false.

    It is an operation on the last of them, and always waits. It ends the atomic block in which the
    others were looked at, so the whole block waits.
    """

    objects: tuple[Object, ...] = ()

    def __str__(self) -> str:
        """The call, with what its condition speaks of."""
        return f"{self.name}({', '.join(each.name for each in self.objects)})"
