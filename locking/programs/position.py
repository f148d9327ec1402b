"""Where a thread stands, and how it failed: what the rest of the house knows of a run."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from locking.errors import LockingError
from locking.mending import mend
from locking.objects.operation import Operation, Site
from locking.programs.constructs import RequirementFailed
from locking.programs.frames import operands_of, raised_at, unaddressed
from locking.programs.traps import Choose

ENDS_NO_RUN = "; a run fails by `assert` or `require(...)`, and by no other exception"
"""What is said of an exception of which nothing better is known."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """The failed condition of a `require`, by the name that it was given there."""

    name: str


class Fault(Enum):
    """What a thread fails that the model gave no name to.

    `ERROR` is an exception that the model did not mean.
    """

    ASSERTION = "assertion"
    MISUSE = "misuse"
    ERROR = "error"


FailureKind = Requirement | Fault
"""The kind of a failure: compared as a value, never by a word that a model may use too."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a thread failed, of which `kind`; the text, and the values of the names in it."""

    kind: FailureKind
    text: str
    operands: tuple[tuple[str, str], ...] = ()


class Position(NamedTuple):
    """Where a thread stands: the step it takes next, or how it ended.

    `next` is None once it has ended. `inside` are its sections, outermost first. `bound` says
    that it is within an atomic block that has begun, so that nobody else may move now; `opens` that
    its step begins such a block. `broken` are the requirements that it failed, and went on, since
    its step before. `given` is what its step is given, as a key: steps
    are compared by it. `calls` are the operations for which it runs algorithms, outermost first,
    and which do not count yet. `reduced` says that it is bound by reductions alone.
    """

    next: Operation | Choose | None
    site: Site
    inside: tuple[str, ...] = ()
    bound: bool = False
    opens: bool = False
    failure: Failure | None = None
    broken: tuple[Failure, ...] = ()
    given: Hashable = None
    calls: tuple[Operation, ...] = ()
    reduced: bool = False

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Everything that the thread failed on the way here."""
        return (*self.broken, self.failure) if self.failure else self.broken


def stopped_position(before: Position, reason: str) -> Position:
    """Where a thread ends whose step at `before` is a misuse.

    What it broke earlier in the same atomic block shows only now.
    """
    broken = before.broken if before.bound else ()
    failure = Failure(Fault.MISUSE, reason)
    return Position(None, before.site, before.inside, failure=failure, broken=broken)


def failed_position(error: AssertionError, inside: tuple[str, ...]) -> Position:
    """The position of a thread whose assertion or requirement is false, inside these sections."""
    where = raised_at(error)
    if isinstance(error, RequirementFailed):
        return Position(None, where, inside, failure=unmet(error))
    text = unaddressed(str(error).splitlines()[0]) if str(error) else ""
    return Position(None, where, inside, failure=Failure(Fault.ASSERTION, text, operands_of(error)))


def raised_position(thread: str, error: BaseException) -> Position:
    """The position of a thread that raised what no property speaks of: a bug of the model."""
    own, advice = isinstance(error, LockingError), mend(error)
    kind = "" if own or advice else f" raised {type(error).__name__}"
    where = raised_at(error)
    advice = advice or ("" if own else ENDS_NO_RUN)
    text = f"thread {thread}{kind}: {error} ({where[0]}:{where[1]}){advice}"
    return Position(None, where, failure=Failure(Fault.ERROR, unaddressed(text)))


def unmet(error: RequirementFailed) -> Failure:
    """A requirement that was not met."""
    shown = tuple((key, unaddressed(repr(value))) for key, value in error.operands.items())
    return Failure(Requirement(error.name), unaddressed(str(error)), shown)
