"""A counter of few bits: threads that come for ever have finitely many states with it."""

from typing import Any

from locking import Atomic, Outcome


class Wrapping(Atomic):
    """An integer that is 0 again after `numbers` - 1, as an unsigned word is after its last."""

    def __init__(self, name: str, numbers: int) -> None:
        super().__init__(name)
        self.numbers = numbers

    def becomes(self, new: int, result: Any = None) -> Outcome:
        """The step to `new`, which comes round."""
        return new % self.numbers, result
