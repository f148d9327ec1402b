"""One run of a thread: its coroutine, driven by hand, and what is known of it at each step.

This is the only file that resumes a coroutine. The learner uses it to ask what a thread does
after some results; the replay uses it to run threads for real.
"""

import inspect
import sys
import warnings
from collections.abc import Coroutine, Hashable, Sequence
from contextlib import suppress
from types import CodeType, FrameType
from typing import Any

from locking.errors import ModelError, NotDeterministic
from locking.objects.observed import MadeOperation, Observed, observed
from locking.objects.operation import Operation, Site
from locking.programs.awaited import forgotten, unawaited
from locking.programs.constructs import CONSTRUCTS, CancelledError
from locking.programs.dropped import dropped_result
from locking.programs.frames import await_chain, defined_at, models_frames
from locking.programs.guard import Runaway, endless, guarded
from locking.programs.keys import NoValue, typed
from locking.programs.left import CARRY, RETURN, Left
from locking.programs.marks import mark_of
from locking.programs.numbers import Numbers
from locking.programs.position import (
    Failure,
    Position,
    failed_position,
    raised_position,
    stopped_position,
    unmet,
)
from locking.programs.starting import not_async, not_started
from locking.programs.swallowing import CLEAN, caught, swallows
from locking.programs.thread import Thread
from locking.programs.traps import (
    BeginAtomic,
    BeginCall,
    BeginProcedure,
    Choose,
    EndAtomic,
    EndCall,
    EndProcedure,
    Enter,
    Instead,
    Leave,
    NextRound,
    Trap,
)
from locking.programs.unwinding import assertion_in, leaves, oldest
from locking.programs.warned import CollectingWarnings, Warned

Error = BaseException | None

PassedLines = dict[tuple[int, int], tuple[CodeType, int]]
"""Lines of functions, by the `id` of their code: to hash that itself takes long."""


class Run:
    """A thread under way. `history` is what counts of the results so far, `position` where it is.

    `left` is what rounds and procedures left before, where it is to be compared. `makes_threads` is
    whether it may make threads: the body of a test may.

    Errors: `ModelError` where the thread awaits something that is no step, forgets an `await`,
    makes a thread, or is no coroutine at all.
    """

    def __init__(
        self, thread: Thread, left: Left | None = None, *, makes_threads: bool = False
    ) -> None:
        self.thread = thread
        self.left = left
        self.makes_threads = makes_threads
        self.history: tuple[Hashable, ...] = ()
        self.numbers = Numbers()
        self.required: set[str] = set()
        self.entered: set[str] = set()
        self.entered_now: set[str] = set()
        self.passed: PassedLines = {}
        self.broken: tuple[Failure, ...] = ()
        self.unawaited: Sequence[MadeOperation] = ()
        self.began: list[int] = []
        self.rounds: set[int] = set()
        self.sections: list[str] = []
        self.calls: list[Operation] = []
        self.blocks = self.reduced_blocks = 0
        self.stepped_in_block = False
        self.last_site = defined_at(thread)
        self.coroutine = self.start()
        self.position = self.resume(None)

    def start(self) -> Coroutine[Any, Any, Any]:
        """The coroutine, not yet begun. Errors: `ModelError` where the program makes none."""
        try:
            made = guarded(self.thread.program, *self.thread.args)
        except Runaway as error:
            raise endless(f"thread {self.thread.name}", error) from None
        except Exception as error:  # the arguments don't fit, or it is no `async def` and runs here
            raise not_started(self.thread, str(error)) from error
        if not inspect.iscoroutine(made):
            raise not_async(self.thread, made)
        self.coroutine = made
        if made.cr_frame:
            self.check_code(made.cr_frame)
        return made

    def give(self, result: Hashable) -> Position:
        """Where the thread stands once its step has had `result`."""
        self.position = self.resume(self.taken(result))
        return self.position

    def give_again(self, *results: Hashable) -> Position:
        """Where the thread stands after `results`, as in a run before: nothing is noted again."""
        with CollectingWarnings() as warned:
            for result in results:
                if self.position.next is None:
                    break
                self.rounds = set()
                self.position = self.run_past(self.taken(result), warned)
        return self.position

    def taken(self, result: Hashable) -> Any:
        """What the coroutine is given for the `result` of its step, which is noted."""
        self.history = (*self.history, typed(result))
        if not (self.blocks and self.stepped_in_block):
            self.broken = ()  # an atomic block shows at its end what was broken inside it
        self.stepped_in_block = self.blocks > 0
        return self.numbers.given(result)

    def resume(self, value: Any) -> Position:
        """Let the coroutine run to its next step, taking note of the marks on the way.

        `passed` are then the lines at which it awaited anything since its last step, `entered_now`
        the sections that it entered.
        """
        self.passed = {}
        self.entered_now = set()
        self.rounds = set()
        with CollectingWarnings() as warned:
            return self.run_on(value, warned)

    def run_on(self, value: Any, warned: Warned) -> Position:
        """Let the coroutine run to its next step; `warned` collects what Python warns of."""
        while True:
            position, trap = self.run_to_trap(value, warned)
            if position:
                return position
            frames = self.frames()
            for frame in frames:
                code, line = frame.f_code, frame.f_lineno
                self.passed[id(code), line] = code, line
                if id(code) not in CLEAN:
                    self.check_code(frame)
            if isinstance(trap, (Operation, Choose)):
                return self.at(trap, frames)
            self.mark(trap)
            value = None

    def run_past(self, value: Any, warned: Warned) -> Position:
        """Let the coroutine run to its next step, as it did before."""
        while True:
            position, trap = self.run_to_trap(value, warned)
            if position:
                return position
            if isinstance(trap, (Operation, Choose)):
                return self.at(trap, self.frames())
            self.mark(trap)
            value = None

    def run_to_trap(self, value: Any, warned: Warned) -> tuple[Position | None, Any]:
        """The end of the thread, or what it awaits now, which is one that it may await."""
        observed.made.clear()
        observed.unentered.clear()
        observed.threads.clear()
        observed.abandoned.clear()
        observed.required.clear()
        observed.broken.clear()
        position, trap = self.send(value)
        self.required |= observed.required
        self.broken += tuple(map(unmet, observed.broken))
        self.check_awaited(position, trap, warned)
        return position and position._replace(broken=self.broken), trap

    def send(self, value: Any) -> tuple[Position | None, Any]:
        """The end of the thread, or what it awaits now.

        A failure ends it where it is raised, whatever the unwinding does: a `finally` that awaits
        or raises something else, an `except`, an `__aexit__`.

        Errors: `ModelError` for code that runs on for ever; `KeyboardInterrupt`.
        """
        outer, trap, position = sys.exception(), None, None
        error: Error = None
        observed.running, observed.current = True, self.thread
        observed.in_block = self.blocks > 0
        try:
            trap = guarded(self.coroutine.send, value)
            error, observed.handling = observed.handling, None
        except StopIteration:
            position = Position(None, defined_at(self.thread))
        except CancelledError as raised:
            error, position = raised, Position(None, defined_at(self.thread))
        except Runaway as raised:
            raise endless(f"thread {self.thread.name}", raised, self.line()) from None
        except BaseException as raised:
            error, position = raised, raised_position(self.thread.name, raised)
        finally:  # a `require` outside of a run is another's
            ended, observed.ended, observed.running = observed.ended, None, False
            observed.current, observed.in_block = None, False
        if ended is None and error is outer:  # so it is at nearly every await
            return position, trap
        try:
            return self.after(position, error, outer, ended), trap
        finally:
            # Their tracebacks have this frame. In such a cycle Python would close the coroutine.
            error = ended = None

    def after(
        self, position: Position | None, error: Error, outer: Error, ended: AssertionError | None
    ) -> Position | None:
        """Where a thread is whose coroutine came to `position`, or to an await, with an `error`.

        `outer` is what was under way around the run; `ended` is a requirement that was not met.
        Errors: `KeyboardInterrupt`.
        """
        if error is not outer and error is not None:
            if interrupt := oldest(KeyboardInterrupt, error, outer):  # also if a `finally` awaits
                raise interrupt
            ended = ended or assertion_in(error, outer)
        if ended:
            return failed_position(ended, tuple(self.sections))
        if position or error is outer or error is None or isinstance(error, CancelledError):
            return position
        return raised_position(self.thread.name, error) if leaves(error, self.frames()) else None

    def at(self, trap: Operation | Choose, frames: list[FrameType]) -> Position:
        """The position in front of a step, of a coroutine that stands in `frames`."""
        site = trap.site if isinstance(trap, Operation) and trap.site else self.line(frames)
        self.last_site = site
        if wrong := self.numbers.wrong(trap) or dropped_result(trap, site):
            self.refuse(*wrong)
        inside, calls, block = tuple(self.sections), tuple(self.calls), self.blocks > 0
        bound = block and self.stepped_in_block
        opens, reduced = block and not bound, bound and self.blocks == self.reduced_blocks
        given = self.key(trap.args if isinstance(trap, Operation) else trap.options)
        return Position(trap, site, inside, bound, opens, None, self.broken, given, calls, reduced)

    def key(self, value: Hashable) -> Hashable:
        """`value` as a key. Errors: `ModelError`, which says where it is no value."""
        try:
            return typed(value)
        except NoValue as error:
            site = self.line()
            self.close()
            raise ModelError(
                f"thread {self.thread.name}, {site.filename}:{site.line}: {error}"
            ) from None

    def mark(self, trap: Trap) -> None:
        """Take note of a mark."""
        match trap:
            case Enter(name):
                self.sections.append(name)
                self.entered.add(name)
                self.entered_now.add(name)
            case Leave(name):
                if name not in self.sections:
                    self.refuse(f"leaves section {name!r}, which it is not inside", "leave it once")
                # The innermost of that name: sections need not be left in the order of a stack.
                del self.sections[~self.sections[::-1].index(name)]
            case BeginAtomic(reduced):
                self.blocks += 1
                self.reduced_blocks += reduced
            case EndAtomic(reduced):
                self.blocks -= 1
                self.reduced_blocks -= reduced
                # A block that follows at once is another one: others may move before it begins.
                self.stepped_in_block &= self.blocks > 0
            case BeginCall(step):
                if self.blocks:
                    says = f"takes {step} in an atomic block, and an algorithm stands for it"
                    self.refuse(says, "an algorithm takes many steps; leave out --lock")
                self.calls.append(step)
            case EndCall():
                self.calls.pop()
            case BeginProcedure(loop, carried):
                # A mark in the history, or what an inner one returned would look like the outer's.
                del self.began[self.depth() - 1 :]
                self.began.append(len(self.history))
                self.history = (*self.history, self.mark_of(carried))
                if loop:  # what a round must leave as it was
                    self.compare("begins a loop", CARRY)
            case EndProcedure(value):
                del self.began[self.depth() :]
                self.history = (*self.history[: self.began.pop()], ("returned", self.key(value)))
                self.compare("ends a procedure", RETURN)
            case NextRound(carried):
                del self.began[self.depth() :]
                if len(self.began) in self.rounds:
                    self.refuse("repeats a round that takes no step", "await an operation in it")
                self.rounds.add(len(self.began))
                # A round that goes on within an atomic block differs from one that begins it.
                inside = ("again",) if self.stepped_in_block else ()
                self.history = (*self.history[: self.began[-1]], self.mark_of(carried), *inside)
                self.compare("ends a round", CARRY)

    def mark_of(self, carried: tuple[Hashable, ...]) -> Hashable:
        """What stands in the history for the begin of a round or a procedure."""
        return mark_of(tuple(map(self.key, carried)))

    def depth(self) -> int:
        """In how many procedures and loops the thread is: an exception may have left some."""
        codes = (getattr(each, "cr_code", None) for each in await_chain(self.coroutine))
        return sum(id(code) in CONSTRUCTS for code in codes)

    def compare(self, does: str, mend: str) -> None:
        """Refuse what is left behind besides the history. Errors: `NotDeterministic`."""
        found = self.left and self.left.differs(self.history, self.coroutine)
        if found:
            site = self.line()
            self.close()
            raise NotDeterministic(
                f"thread {self.thread.name} {does} at or before {site.filename}:{site.line}, "
                f"and the variable {found.name!r} is {found.other} then, but {found.one} in a run "
                f"with the same history: {mend}"
            )

    def check_awaited(self, position: Position | None, trap: Any, warned: Warned) -> None:
        """Refuse what is awaited but no step, a step that is not awaited, and threads made here."""
        for warning in warned:
            if "was never awaited" in str(warning.message):
                self.refuse(str(warning.message), "await it")
        lost = None
        if self.unawaited or observed.made:
            now = trap.step if isinstance(trap, (BeginCall, Instead)) else trap
            self.unawaited = unawaited([*self.unawaited, *observed.made], now)
        if self.unawaited or observed.unentered or observed.abandoned:
            lost = forgotten(self.unawaited, ended=position is not None)
            if lost and not (position and position.failure):
                self.refuse(*lost)
        if observed.threads and not self.makes_threads:
            self.refuse(
                f"makes a thread, {observed.threads[0]}, which never runs",
                "list it in the system, and let it wait for what is to start it",
            )
        if position is None and not isinstance(trap, (Operation, Trap)):
            self.refuse(
                f"awaits {type(trap).__name__}, which is no step of a model",
                "await operations of objects and the constructs of locking.programs only",
            )

    def check_code(self, frame: FrameType) -> None:
        """Refuse code that catches a failed assertion. Errors: `ModelError`."""
        found = swallows(frame.f_code, frame.f_globals)
        if found:
            self.close()
            raise caught(self.thread, found)

    def refuse(self, what: str, mend: str, at: Site | None = None) -> None:
        """Raise the error for a line; if it is not known, for that where the coroutine stands."""
        site = at or self.line()
        self.close()
        where = f"{'' if at else 'at or before '}{site.filename}:{site.line}"
        raise ModelError(f"thread {self.thread.name}: {what} ({where}); {mend}")

    def frames(self) -> list[FrameType]:
        """The model's own frames of the coroutine, outermost first."""
        return models_frames(self.coroutine)

    def line(self, frames: list[FrameType] | None = None) -> Site:
        """The model's line where the coroutine stands; in `frames`, where they are known."""
        frames = self.frames() if frames is None else frames
        if not frames:
            return self.last_site
        return Site(frames[-1].f_code.co_filename, frames[-1].f_lineno)

    def stop(self, reason: str) -> None:
        """Leave the thread where it misused an object: it never goes on."""
        self.position = stopped_position(self.position, reason)

    def close(self) -> None:
        """Drop the coroutine; its `finally` blocks end where they would await."""
        # A run may be closed while another is resumed: what that one did is not to be touched.
        before = dict(vars(observed))
        vars(observed).update(vars(Observed()), closing=True)
        try:
            # What those blocks raise, and what they leave unawaited, is no step of any run.
            with warnings.catch_warnings(), suppress(Exception, Runaway, CancelledError):
                warnings.simplefilter("ignore")
                guarded(self.coroutine.close)
        finally:
            vars(observed).update(before)

    def __del__(self) -> None:
        # Left to itself, Python would resume the `finally` blocks as if they were steps.
        if not sys.is_finalizing() and getattr(getattr(self, "coroutine", None), "cr_frame", None):
            self.close()
