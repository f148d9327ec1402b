"""The words of a model, said anew: what a system's source is run with when the judge reads it.

Objects are those of the library, because their rules are what is given. Constructs, threads and
properties are plain data here, and `drive.py` and `judge.py` say what they mean.
"""

import functools
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from locking import (
    WAIT,
    Atomic,
    Cell,
    Completion,
    Fairness,
    Holding,
    Misuse,
    Mutex,
    Object,
    Outcome,
    PercpuRwSem,
    Queue,
    Record,
    Refcount,
    RwSem,
    RwState,
    Seqcount,
    Seqlock,
    Spinlock,
    access,
    operation,
)

__all__ = [
    "WAIT",
    "Again",
    "Atomic",
    "Cell",
    "Completion",
    "Fairness",
    "Holding",
    "Misuse",
    "Model",
    "Mutex",
    "Object",
    "Outcome",
    "PercpuRwSem",
    "Queue",
    "Record",
    "Refcount",
    "RwSem",
    "RwState",
    "Seqcount",
    "Seqlock",
    "Spinlock",
    "System",
    "Thread",
    "access",
    "always",
    "assertions",
    "at_end",
    "atomic",
    "check_assertion",
    "choose",
    "data_race_free",
    "deadlock_free",
    "forever",
    "locks_released",
    "never",
    "never_together",
    "no_misuse",
    "operation",
    "procedure",
    "require",
    "required",
    "retry",
    "retry_with",
    "section",
    "sometimes",
    "sometimes_together",
]


@dataclass(frozen=True)
class Mark:
    """What a construct tells the driver: `kind`, and a value."""

    kind: str
    value: Any = None

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self)


@dataclass
class Notes:
    """What the thread that was resumed last has failed: names, in order; and whether it ends."""

    failed: list[str] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)
    evaluated: set[str] = field(default_factory=set)
    stopped: bool = False


notes = Notes()

ASSERTION, MISUSE = "an assertion", "a misuse"
"""What failed, where it has no name; a requirement is called `requirement NAME`."""


class Failed(AssertionError):
    """The run ends here, whatever the unwinding does."""


def require(condition: object, name: str, /, *, stop: bool = True, **operands: Any) -> None:
    """A requirement."""
    if notes.stopped:
        return
    notes.evaluated.add(name)
    if not condition:
        notes.operands.append(repr(operands))
        fail(f"requirement {name}", stop)


def check_assertion(condition: object) -> None:
    """What `assert` is rewritten to."""
    if not notes.stopped and not condition:
        fail(ASSERTION, True)


def fail(what: str, stop: bool) -> None:
    """Note that `what` failed, and end the run if it is to `stop`."""
    notes.failed.append(what)
    if stop:
        notes.stopped = True
        raise Failed(what)


class Block:
    """A mark on the way in and one on the way out."""

    def __init__(self, kind: str, value: Any = None) -> None:
        self.kind, self.value = kind, value

    async def __aenter__(self) -> None:
        await Mark(f"enter {self.kind}", self.value)

    async def __aexit__(self, kind: object, *_: object) -> None:
        if kind is None:
            await Mark(f"leave {self.kind}", self.value)


def section(name: str) -> Block:
    """A label."""
    return Block("section", name)


def atomic() -> Block:
    """Steps that are one."""
    return Block("atomic")


async def choose(*options: Any) -> Any:
    """Any of them."""
    return await Mark("choose", options)


def procedure(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Only what it returns is remembered, in the history of the reference."""

    @functools.wraps(function)
    async def called(*args: Any, **kwargs: Any) -> Any:
        await Mark("begin")
        value = await function(*args, **kwargs)
        await Mark("end", value)
        return value

    return called


async def retry(attempt: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
    """The first result that is not None."""
    await Mark("begin")
    while True:
        value = await attempt(*args, **kwargs)
        if value is not None:
            await Mark("end", value)
            return value
        await Mark("again")


async def forever(body: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
    """Again and again."""
    await Mark("begin")
    while True:
        await body(*args, **kwargs)
        await Mark("again")


@dataclass(frozen=True)
class Again:
    """Another round, with this value."""

    carried: Any = None


async def retry_with(
    start: Any, attempt: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
) -> Any:
    """The first result that is no `Again`; the next round gets what that one carries."""
    carried = start
    await Mark("begin", (carried,))
    while True:
        value = await attempt(carried, *args, **kwargs)
        if not isinstance(value, Again):
            await Mark("end", value)
            return value
        carried = value.carried
        value = None
        await Mark("again", (carried,))


@dataclass(frozen=True)
class Thread:
    """A program and its arguments."""

    name: str
    program: Callable[..., Any]
    args: tuple[Any, ...] = ()
    daemon: bool = False


@dataclass(frozen=True)
class Claim:
    """A property: its kind, its name, and what its kind needs."""

    kind: str
    name: str
    parts: tuple[Any, ...] = ()


@dataclass
class System:
    """What is explored."""

    objects: list[Any]
    threads: list[Thread]
    properties: list[Claim]
    starts: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cells = [
            each.cells.values() if isinstance(each, Record) else [each] for each in self.objects
        ]
        self.objects = [each for group in cells for each in group]


@dataclass(frozen=True)
class Model:
    """The system, behind a function of nothing that matters here."""

    name: str
    about: str
    build: Callable[[Any], System]


def claims(kind: str) -> Callable[..., Claim]:
    """The maker of claims of a kind that has a name, and parts."""

    def make(name: str, *parts: Any) -> Claim:
        return Claim(kind, name, parts)

    return make


always, never, at_end, sometimes = map(claims, ("always", "never", "at_end", "sometimes"))
never_together, sometimes_together = map(claims, ("never_together", "sometimes_together"))


def required(name: str, about: str = "") -> Claim:
    """No requirement of this name fails."""
    return Claim("fails", name, (f"requirement {name}", about))


def assertions(name: str = "assertions") -> Claim:
    """No assertion fails."""
    return Claim("fails", name, (ASSERTION,))


def no_misuse(name: str = "no-misuse") -> Claim:
    """No object is misused."""
    return Claim("fails", name, (MISUSE,))


def data_race_free(name: str = "data-race") -> Claim:
    """No two accesses race."""
    return Claim("race", name)


def deadlock_free(name: str = "deadlock-free") -> Claim:
    """Nobody waits for good."""
    return Claim("deadlock", name)


def locks_released(name: str = "locks-released") -> Claim:
    """A thread that has ended holds nothing."""
    return Claim("released", name)
