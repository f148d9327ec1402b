"""Counters without a bound: states that differ only in how far was counted are one state.

A sequence that a writer moves on for ever, and tickets that are taken for ever, have infinitely
many states. But all that threads ever ask is whether a number that they hold is the one that counts
now. So an unbounded object keeps no count: it keeps, for each thread, what is to be known of the
newest number that the thread was given. What the thread itself holds is a `Number`, which has no
value: every one that an object gives is the same.

That this is right is not believed. The object names the one that counts (`counted`), for each of
its states some that the other may be in (`examples`), and what such a state is here (`alike`). At
the end of a search every step that was taken on it is compared with those of the other
(`explore/counting.py`). A thread that asks about a number that is not its newest is refused
(`programs/numbers.py`). The proof is in docs/soundness.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Never

from locking.errors import ModelError
from locking.objects.operation import Object


@dataclass(frozen=True, eq=False)
class Number:
    """A number that object `of` gave a thread; `superseded` once that has given it a newer one.

    It can be handed back to the object, and that is all.
    """

    of: str
    superseded: bool = False

    def __eq__(self, other: object) -> Never:
        raise ModelError(
            f"a number of {self.of} is compared; {self.of} does not count, and only its operations "
            f"tell what a number is worth"
        )

    def __hash__(self) -> Never:
        raise ModelError(f"a number of {self.of} is put in a set: {self.of} has no count")

    def __bool__(self) -> Never:
        raise ModelError(f"a number of {self.of} is neither true nor false: {self.of} has no count")

    def __repr__(self) -> str:
        return "number"


class Unbounded(Object):
    """An object that may be `unbounded`; such a one gives each thread a `Number`."""

    def __init__(self, name: str, start: Any, *, unbounded: bool) -> None:
        super().__init__(name, start)
        self.unbounded = unbounded

    def counted(self) -> "Unbounded":
        """The object that counts, of which this one keeps only what can be asked.

        Errors: `NotImplementedError` where a kind says nothing of this, here and below.
        """
        raise NotImplementedError

    def examples(self, state: Any, me: str) -> Iterator[tuple[Any, Mapping[str, int]]]:
        """Some states of the one that counts, for which `state` stands.

        Each with the newest number of every thread for which it matters; that of `me` is none, or
        any that the object may have given it. Errors: `NotImplementedError`.
        """
        raise NotImplementedError

    def alike(self, counted: Any, newest: Mapping[str, int]) -> Any:
        """What stands for a state of the one that counts, where threads have `newest` numbers.

        Errors: `NotImplementedError`.
        """
        raise NotImplementedError
