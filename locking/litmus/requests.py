"""What a running thread of a litmus test asks for, and the events that it tells of."""

from typing import NamedTuple

from locking.litmus.values import LitmusValue


class MemoryEvent(NamedTuple):
    """One event of a thread. Masks have bit `n` for the event with number `n` in the thread.

    `kind` is `R`, `W`, `F` (a fence), `SRCU` (a grace period of a domain), or of a spinlock `LKR`,
    `LKW`, `UL`, `LF`, `RL`, `RU`, as herd7 calls them. `partner` is the read of the
    read-modify-write that a write ends, else -1.
    """

    kind: str
    tags: tuple[str, ...]
    location: str
    value: LitmusValue
    address: int
    data: int
    control: int
    before: int
    partner: int
    line: int


class Decide(NamedTuple):
    """Asks whether a value is true; where it is a term, both may be tried."""

    value: LitmusValue


class Locate(NamedTuple):
    """Asks which location a term is the address of."""

    address: LitmusValue
    line: int


class Attempt(NamedTuple):
    """Begins a read-modify-write: asks whether it takes place.

    It does if `test`, over `HOLE`, is true of the old value; `update` is the new value. `must` says
    that the thread waits until it does.
    """

    location: str
    test: LitmusValue
    update: LitmusValue
    must: bool


class Constrain(NamedTuple):
    """Says that a term must be true, or must be false."""

    value: LitmusValue
    true: bool


class AnotherRound(NamedTuple):
    """Says that a loop begins another round after so many.

    It is `counted` if no read decides that, and `waits` if it is one of `awaiting.py`.
    """

    rounds: int
    counted: bool
    waits: bool


Request = MemoryEvent | Decide | Locate | Attempt | Constrain | AnotherRound
"""What a thread yields."""
