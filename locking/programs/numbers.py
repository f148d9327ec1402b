"""The numbers without a value that a run was given: only the newest of each object means anything.

An unbounded object knows one number of each thread. All that it gives a thread look alike, so a
thread that asked about an older one would be told about the newest. A run notices: each number that
is given is a thing of its own, and what is handed back must be the last one.

`Number.superseded` says of a number that it no longer is. So it counts where the values that runs
hold are compared (`left.py`): a round that begins with a number that is still the newest does not
pass for one in which it is not.
"""

from collections.abc import Hashable
from typing import Any

from locking.objects.operation import Operation
from locking.objects.unbounded import Number, Unbounded
from locking.programs.keys import IdentityKey, typed

Refused = tuple[str, str] | None
"""What is wrong, and what to do instead; None where nothing is."""

OLDER: Refused = (
    "asks about a number that it was given before its newest one; an unbounded object knows only "
    "the newest of each thread",
    "keep a number only until the next is taken, or leave out `unbounded`",
)
ELSEWHERE: Refused = (
    "hands on a number that only the object which gave it can tell from another",
    "hand it back to that object, and hand on what that returns",
)
GIVEN = "hand back the number that it gave"
NUMBER = IdentityKey(Number)


class Numbers:
    """The newest number that each object gave one run."""

    def __init__(self) -> None:
        self.newest: dict[str, Number] = {}

    def given(self, result: Any) -> Any:
        """What the run is given for `result`: of a number, one that is nobody else's."""
        if type(result) is not Number:
            return result
        if result.of in self.newest:
            object.__setattr__(self.newest[result.of], "superseded", True)
        found = self.newest[result.of] = Number(result.of)
        return found

    def wrong(self, step: Any) -> Refused:
        """What is wrong with the numbers that a step is given."""
        if isinstance(step, Operation) and isinstance(step.target, Unbounded) and step.args:
            plain = [each for each in step.args if type(each) is not Number]
            if plain and step.target.unbounded:
                return f"hands {plain[0]!r} to {step.target.name}, which does not count", GIVEN
        if not self.newest:
            return None
        if not isinstance(step, Operation):
            return ELSEWHERE if holds_number(typed(step.options)) else None
        name = step.target.name
        others = [each for each in step.args if each is not self.newest.get(name)]
        if any(type(each) is Number and each.of == name for each in others):
            return OLDER
        return ELSEWHERE if holds_number(typed(tuple(others))) else None


def holds_number(key: Hashable) -> bool:
    """Whether a number is in the value of which this is the key."""
    if isinstance(key, tuple | frozenset):
        return any(map(holds_number, key))
    return key == NUMBER
