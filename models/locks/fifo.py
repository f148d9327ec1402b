"""What a queue of bounded length does: the specification of the queues in this folder."""

from typing import Any

from locking import Object, Outcome, operation


class Fifo(Object):
    """A queue of at most `length` values, of which none is None. State: the values."""

    def __init__(self, name: str, length: int) -> None:
        super().__init__(name, ())
        self.length = length

    @operation
    def enqueue(self, values: tuple[Any, ...], me: str, value: Any) -> Outcome:
        """Whether there was room; then the value is the last."""
        return ((*values, value), True) if len(values) < self.length else (values, False)

    @operation
    def dequeue(self, values: tuple[Any, ...], me: str) -> Outcome:
        """The first value, which is taken out; or None if there was none."""
        return (values[1:], values[0]) if values else (values, None)
