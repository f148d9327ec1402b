"""Stepping through a path: before each step, Python's debugger in the thread's own coroutine.

A coroutine that waits for its step is suspended, and the debugger is shown its frames as they are.
What it is told to do there is done once the coroutine goes on: only then is anything traced, and
only the model's own frames. Coroutines that are merely learned from are not.
"""

import io
import os
import pdb
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from types import CoroutineType, FrameType
from typing import Any

from locking.errors import UsageError
from locking.explore.graph import Choice
from locking.explore.product import Product
from locking.programs.frames import is_models
from locking.programs.run import Run
from locking.text.file_names import line_of
from locking.text.fit import printable
from locking.traces.replay import Replay, ahead

HOOK = "PYTHONBREAKPOINT"
"""The variable that says what `breakpoint()` calls; where it is 0, nothing is to stop."""


def stepped(product: Product, choices: Sequence[Choice]) -> str:
    """Why and in front of which step the debugger was left; nothing if it saw the whole run.

    Errors: `UsageError` where there is no input at all, `NotDeterministic` where a thread was
    changed in the debugger and so does what it can't do.
    """
    if os.environ.get(HOOK) == "0":
        return ""
    if sys.stdin is None:
        raise UsageError("--step reads what to do from its input, and has none")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    running = Stepping(product)
    try:
        for number, choice in enumerate(choices, 1):
            running.stop(number, len(choices), choice)
            if not running.debugger.left:
                running.step(number, choice)
            if running.debugger.left:
                return f"{running.debugger.left} at step {number} of {len(choices)}"
    finally:
        running.close()
    return ""


@contextmanager
def undisturbed() -> Iterator[None]:
    """A context in which a `breakpoint()` of the model stops only a run that is stepped."""
    hook = sys.breakpointhook
    if HOOK not in os.environ:
        sys.breakpointhook = lambda *_, **__: None
    try:
        yield
    finally:
        sys.breakpointhook = hook


class Stepping(Replay):
    """A replay whose coroutines are resumed under a debugger."""

    def __init__(self, product: Product) -> None:
        super().__init__(product)
        self.debugger = Debugger()

    def stop(self, number: int, steps: int, choice: Choice) -> None:
        """Stop in front of a step, below a line that says which, and which locks changed before."""
        thread, outcome = choice
        run = self.runs[thread]
        what = f"{ahead(run.position, outcome)}, {line_of(run.position.site)}"
        locks = dict(
            lock for event in self.events if event.number == number - 1 for lock in event.locks
        )
        title = f"Step {number} of {steps}, {run.thread.name}: {what}"
        self.debugger.message(
            "; ".join([title, *(f"{name}: {text}" for name, text in locks.items())])
        )
        self.debugger.show(frames_shown(run))

    def operate(self, number: int, thread: int, outcome: int) -> int:
        """Take one operation; this alone is what the debugger watches."""
        with self.debugger.watching():
            return super().operate(number, thread, outcome)


def frames_shown(run: Run) -> list[FrameType]:
    """The frames to show of a coroutine that waits for its step, outermost first.

    In front of a lock that a placement takes it is in none of the model: then the placement's own.
    """
    if frames := run.frames():
        return frames
    innermost: Any = run.coroutine
    while isinstance(innermost.cr_await, CoroutineType):
        innermost = innermost.cr_await
    return [innermost.cr_frame]


def of_the_model(frame: FrameType) -> bool:
    """Whether a frame is of the model: neither of Python nor of the harness, and from a file."""
    module = frame.f_globals.get("__name__", "")
    if module.startswith("locking.") and not module.startswith("locking.models."):
        return False
    return is_models(frame) and not frame.f_code.co_filename.startswith("<")


class Debugger(pdb.Pdb):
    """Pdb in frames that wait or are under way; `left` says why it was left, if it was.

    It stops at lines of the model alone, at no call or return: a coroutine returns and is called
    again at each step. `n` leads to the next line of any of the thread's frames, from the current
    one outwards. Leaving it raises nothing, so what is under way comes to its next step.
    """

    def __init__(self) -> None:
        super().__init__(nosigint=True)
        self.left = ""
        self.frames: list[FrameType] = []
        self.botframe = sys._getframe()
        """Stands for no frame: to be stopping there is to go on."""

    def show(self, frames: list[FrameType]) -> None:
        """Stop in the last of `frames`, which all wait."""
        self.frames = frames
        self.interaction(frames[-1], None)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """A context in which the model is traced, as far as there is anything to stop for."""
        hook = sys.breakpointhook
        if HOOK not in os.environ:
            sys.breakpointhook = self.reached
        self.trace()
        try:
            yield
        finally:
            sys.settrace(None)
            sys.breakpointhook = hook

    def trace(self) -> None:
        """Trace from here on, if there is anything to stop for."""
        if not self.left and (self.stopframe is not self.botframe or self.breaks):
            sys.settrace(self.trace_dispatch)

    def reached(self, *_: object, **__: object) -> None:
        """Stop at a `breakpoint()` of the model."""
        if not self.left:
            self.interaction(sys._getframe(1), None)
            self.trace()

    def get_stack(self, f: FrameType | None, t: object) -> tuple[list[tuple[FrameType, int]], int]:
        """The thread's frames, outermost first, with their lines; from now on they are traced."""
        if f is not self.frames[-1] or f.f_back:
            under_way = takewhile(lambda each: each.f_globals["__name__"] != __name__, callers(f))
            self.frames = [each for each in under_way if each is f or of_the_model(each)][::-1]
        for frame in self.frames:
            frame.f_trace = self.trace_dispatch
        return [(frame, frame.f_lineno) for frame in self.frames], len(self.frames) - 1

    def stop_here(self, frame: FrameType) -> bool:
        """Whether to stop at a line of `frame`."""
        to = self.stopframe
        if to is self.botframe or not of_the_model(frame):
            return False
        if to is None or not of_the_model(to):
            return True
        if frame is to:
            return 0 <= self.stoplineno <= frame.f_lineno
        return frame in takewhile(lambda each: each is not to, self.frames)

    def set_quit(self) -> None:
        """Leave the debugger."""
        self.left = self.left or "left"
        self.set_continue()
        sys.settrace(None)

    def do_EOF(self, arg: str) -> bool | None:
        """Leave the debugger: there is nothing more to read."""
        self.left = "the input ended"
        return super().do_EOF(arg)

    def do_run(self, arg: str) -> None:
        """Say that there is no going back."""
        self.error("a path is run once; begin the command anew")

    do_restart = do_run

    def user_call(self, frame: FrameType, argument_list: None) -> None:
        """Don't stop at a call."""

    def user_return(self, frame: FrameType, return_value: Any) -> None:
        """Don't stop at a return."""

    def message(self, msg: str, end: str = "\n") -> None:
        """Print a message that may have control characters in it: they are spelled out."""
        print(printable(msg), end=end, file=self.stdout)

    def error(self, msg: str) -> None:
        """Print what went wrong."""
        self.message(f"*** {msg}")


def callers(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame, and those that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back
