"""One run of a thread: its coroutine, driven by hand, and what is known of it at each step.

This is the only file that resumes a coroutine. The learner uses it to ask what a thread does
after some results; the replay uses it to run threads for real.
"""

import ast
import inspect
import linecache
import warnings
from collections.abc import Coroutine, Hashable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import Operation, Site, observed
from locking.programs.constructs import RequirementFailed
from locking.programs.thread import Thread
from locking.programs.traps import (
    Again,
    BeginAtomic,
    BeginProcedure,
    Choice,
    EndAtomic,
    EndProcedure,
    Enter,
    Leave,
    Trap,
)

PLAIN = (int, str, float, bool, tuple, frozenset, type(None))
"""Types of variables that a trace shows."""

LIBRARY = ("locking.objects.", "locking.programs.", "locking.placements.")


@dataclass(frozen=True, slots=True)
class Failure:
    """How a thread ended its run before its end: a requirement or assertion, or an error.

    `name` is the requirement, or `assertion`; None for an exception that the model did not mean.
    """

    name: str | None
    text: str
    operands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a thread stands: the step it takes next, or how it ended.

    `next` is None once it has ended. `inside` are its sections, outermost first. `bound` says
    that it is within an atomic block that has begun, so that nobody else may move now; `opens` that
    its step begins such a block.
    """

    next: Operation | Choice | None
    site: Site
    inside: tuple[str, ...] = ()
    bound: bool = False
    opens: bool = False
    failure: Failure | None = None


class Run:
    """A thread under way. `history` is what counts of the results so far, `position` where it is.

    Errors: `ModelError` where the thread awaits something that is no step, forgets an `await`, or
    is no coroutine at all.
    """

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.history: tuple[Hashable, ...] = ()
        self.required: set[str] = set()
        self.passed: set[tuple[CodeType, int]] = set()
        self.began: list[int] = []
        self.sections: list[str] = []
        self.blocks = 0
        self.stepped_in_block = False
        self.last_site = defined_at(thread)
        self.coroutine = self.start()
        self.position = self.resume(None)

    def start(self) -> Coroutine[Any, Any, Any]:
        """The coroutine, not yet begun."""
        made = self.thread.program(*self.thread.args)
        if not inspect.iscoroutine(made):
            raise ModelError(f"thread {self.thread.name}: its program is not an `async def`")
        return made

    def give(self, result: Hashable) -> Position:
        """Where the thread stands once its step has had `result`."""
        self.history = (*self.history, typed(result))
        self.stepped_in_block = self.blocks > 0
        self.position = self.resume(result)
        return self.position

    def resume(self, value: Any) -> Position:
        """Let the coroutine run to its next step, taking note of the marks on the way.

        `passed` are then the lines at which it awaited anything since its last step.
        """
        self.passed = set()
        while True:
            observed.made.clear()
            observed.required.clear()
            with warnings.catch_warnings(record=True) as forgotten:
                warnings.simplefilter("always")
                position, trap = self.send(value)
            self.required |= observed.required
            self.check_awaited(trap, forgotten)
            if position:
                return position
            self.passed.update((frame.f_code, frame.f_lineno) for frame in self.frames())
            if isinstance(trap, (Operation, Choice)):
                return self.at(trap)
            self.mark(trap)
            value = None

    def send(self, value: Any) -> tuple[Position | None, Any]:
        """The end of the thread, or what it awaits now."""
        try:
            return None, self.coroutine.send(value)
        except StopIteration:
            return Position(None, self.last_site), None
        except AssertionError as error:
            return self.failed(error), None
        except Exception as error:  # any other is a bug of the model; it is shown if a run meets it
            kind = type(error).__name__
            where = raised_at(error)
            text = f"thread {self.thread.name} raised {kind}: {error} ({where[0]}:{where[1]})"
            return Position(None, where, failure=Failure(None, text)), None

    def failed(self, error: AssertionError) -> Position:
        """The position of a thread whose assertion or requirement is false."""
        where = raised_at(error)
        inside = tuple(self.sections)
        if isinstance(error, RequirementFailed):
            shown = tuple((key, repr(value)) for key, value in error.operands.items())
            return Position(None, where, inside, failure=Failure(error.name, str(error), shown))
        text = str(error).splitlines()[0] if str(error) else ""
        return Position(None, where, inside, failure=Failure("assertion", text, operands_of(error)))

    def at(self, trap: Operation | Choice) -> Position:
        """The position in front of a step."""
        site = trap.site if isinstance(trap, Operation) and trap.site else self.line()
        self.last_site = site
        inside, block = tuple(self.sections), self.blocks > 0
        bound = block and self.stepped_in_block
        return Position(trap, site, inside, bound, opens=block and not bound)

    def mark(self, trap: Trap) -> None:
        """Take note of a mark."""
        match trap:
            case Enter(name):
                self.sections.append(name)
            case Leave(name):
                self.sections.remove(name)
            case BeginAtomic():
                self.blocks += 1
            case EndAtomic():
                self.blocks -= 1
            case BeginProcedure():
                self.began.append(len(self.history))
            case EndProcedure(value):
                self.history = (*self.history[: self.began.pop()], ("returned", typed(value)))
            case Again():
                self.history = self.history[: self.began[-1]]

    def check_awaited(self, trap: Any, forgotten: list[warnings.WarningMessage]) -> None:
        """Refuse what is awaited but is no step, and what is a step but is not awaited."""
        if forgotten:
            self.refuse(str(forgotten[0].message), "await it")
        for made in observed.made:
            if made is not trap and made != trap:
                self.refuse(f"{made} was made but not awaited", "write `await` in front of it")
        if trap is not None and not isinstance(trap, (Operation, Trap)):
            self.refuse(
                f"awaits {type(trap).__name__}, which is no step of a model",
                "await operations of objects and the constructs of locking.programs only",
            )

    def refuse(self, what: str, mend: str) -> None:
        """Raise the error for the line where the coroutine stands."""
        site = self.line()
        self.close()
        raise ModelError(
            f"thread {self.thread.name}: {what} (at or before {site.filename}:{site.line}); {mend}"
        )

    def frames(self) -> list[FrameType]:
        """The model's own frames of the coroutine, outermost first."""
        found: list[FrameType] = []
        awaiting: Any = self.coroutine
        while awaiting is not None:
            frame = getattr(awaiting, "cr_frame", None) or getattr(awaiting, "gi_frame", None)
            if frame is not None and not frame.f_globals["__name__"].startswith(LIBRARY):
                found.append(frame)
            awaiting = getattr(awaiting, "cr_await", None) or getattr(awaiting, "gi_yieldfrom", None)
        return found

    def line(self) -> Site:
        """The model's line where the coroutine stands."""
        frames = self.frames()
        if not frames:
            return self.last_site
        return Site(frames[-1].f_code.co_filename, frames[-1].f_lineno)

    def stop(self, reason: str) -> None:
        """Leave the thread where it misused an object: it never goes on."""
        at = self.position
        self.position = Position(None, at.site, at.inside, failure=Failure("misuse", reason))

    def variables(self) -> dict[str, str]:
        """The plain variables of the model's innermost function, as text."""
        frames = self.frames()
        if not frames:
            return {}
        return {
            name: repr(value)
            for name, value in frames[-1].f_locals.items()
            if isinstance(value, PLAIN) and not name.startswith("_")
        }

    def close(self) -> None:
        """Drop the coroutine; what its `finally` blocks await is not taken as steps."""
        observed.closing = True
        try:
            self.coroutine.close()
        finally:
            observed.closing = False


def typed(value: Hashable) -> Hashable:
    """`value` as a key that tells 1 from True and 1.0, in tuples and sets too."""
    if isinstance(value, tuple):
        return (type(value), *map(typed, value))
    if isinstance(value, frozenset):
        return (frozenset, frozenset(map(typed, value)))
    try:
        hash(value)
    except TypeError:
        raise ModelError(
            f"{value!r} is shared or returned by a procedure, but is not hashable; "
            f"use a tuple, a frozenset or a frozen dataclass"
        ) from None
    return (type(value), value)


def defined_at(thread: Thread) -> Site:
    """The line where the thread's program is defined."""
    code: CodeType | None = getattr(inspect.unwrap(thread.program), "__code__", None)
    return Site(code.co_filename, code.co_firstlineno) if code else Site("?", 0)


def raised_at(error: BaseException) -> Site:
    """The model's line that raised `error`."""
    at = error.__traceback__
    site = Site("?", 0)
    while at is not None:
        if not at.tb_frame.f_globals["__name__"].startswith(LIBRARY):
            site = Site(at.tb_frame.f_code.co_filename, at.tb_lineno)
        at = at.tb_next
    return site


def operands_of(error: AssertionError) -> tuple[tuple[str, str], ...]:
    """The local names that a failed `assert` speaks of, with their values."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    if at is None:
        return ()
    frame = at.tb_frame
    source = linecache.getline(frame.f_code.co_filename, at.tb_lineno).strip()
    try:
        names = [node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return ()
    known = {**frame.f_globals, **frame.f_locals}
    return tuple(
        (name, repr(known[name]))
        for name in dict.fromkeys(names)
        if name in known and not callable(known[name])
    )
