"""What coroutines did since they were last resumed: the one piece of mutable state of objects."""

import atexit
from collections.abc import Hashable
from typing import Any, NamedTuple
from weakref import ref


class MadeOperation(NamedTuple):
    """An operation that was made: `still()` is the operation, or None once nobody can await it."""

    still: ref[Any]
    target: Any
    name: str
    args: tuple[Hashable, ...]


class Unentered(NamedTuple):
    """What nobody can enter any more: in words, what mends it, and its line where that is known."""

    written: str
    mend: str
    site: Any


class Observed:
    """What coroutines did since they were last resumed.

    `made` lists the operations that were made, so that a forgotten `await` is noticed; `unentered`
    what was made for `async with` and was never entered; `abandoned` the async generators that
    were left before their end; `threads` the names of the threads that were made while one ran;
    `running` is true while a coroutine is under way, `closing` while one is being closed, and
    `judging` while a predicate is;
    `required` collects the names of the requirements that were evaluated, `broken` what those that
    let the run go on failed with; `ended` is what the first failed with that does not, and None
    outside of a run; `handling` is the exception that was under way at the last await, perhaps of
    whoever resumed the coroutine; `current` is the thread whose coroutine is under way, `in_block`
    whether it is in an atomic block, and `named` has the names of the threads whose code has asked
    for its name.
    """

    def __init__(self) -> None:
        self.made: list[MadeOperation] = []
        self.unentered: list[Unentered] = []
        self.abandoned: list[Any] = []
        self.threads: list[str] = []
        self.running = False
        self.judging = False
        self.closing = False
        self.required: set[str] = set()
        self.broken: list[Any] = []
        self.ended: Any = None
        self.handling: BaseException | None = None
        self.current: Any = None
        self.named: set[str] = set()
        self.in_block = False


observed = Observed()

# Python closes the coroutines that are left when the process ends: no run goes on in them.
atexit.register(setattr, observed, "closing", True)
