"""Operations that were made and are not awaited yet: handed on, kept for later, or forgotten.

A thread may make an operation in one place and await it in another, such as a helper that it is
handed to. It is forgotten once nothing leads to it any more, or the thread has ended. So is what
is made for `async with` and not entered.
"""

from collections.abc import Sequence
from typing import Any

from locking.objects.observed import MadeOperation, observed
from locking.objects.operation import Operation, Site


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


def forgotten(made: Sequence[MadeOperation], *, ended: bool) -> tuple[str, str, Site | None] | None:
    """What can't be awaited or entered any more: what is wrong, what mends it, and the line.

    That is of the operations `made`, and of what has been observed; None where there is nothing.
    """
    for name, site, does in observed.abandoned:
        within = f"write `async with aclosing({name}(...)) as found:` around the loop over `found`"
        return f"leaves async generator {name} before its end, which then {does}", within, site
    for each in made:
        if ended or each.still() is None:
            lost = Operation(each.target, each.name, each.args)
            return f"{lost} was made but not awaited", "write `await` in front of it", None
    for written, mend, site in observed.unentered:
        return f"{written} was made but not entered", f"write `{mend}`", site
    return None
