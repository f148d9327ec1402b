"""Operations that were made and are not awaited yet: handed on, kept for later, or forgotten.

A thread may make an operation in one place and await it in another, such as a helper that it is
handed to. It is forgotten once nothing leads to it any more, or the thread has ended.
"""

from collections.abc import Sequence
from typing import Any

from locking.objects.observed import MadeOperation
from locking.objects.operation import Operation


def unawaited(made: Sequence[MadeOperation], trap: Any) -> Sequence[MadeOperation]:
    """Which of the operations that were `made` are left, now that the thread awaits `trap`."""
    if not made or not isinstance(trap, Operation):
        return made
    rest = [each for each in made if each.still() is not trap]
    if len(rest) < len(made):
        return rest
    copied = (trap.target, trap.name, trap.args)  # one that is shown at another line
    at = next((at for at, each in enumerate(made) if each[1:] == copied), len(made))
    return [*made[:at], *made[at + 1 :]]


def forgotten(made: Sequence[MadeOperation], *, ended: bool) -> Operation | None:
    """The first of the operations that were `made` which nobody can await, if there is one."""
    for each in made:
        if ended or each.still() is None:
            return Operation(each.target, each.name, each.args)
    return None
