"""A limit for code between two awaits: what runs on for ever is stopped, in the line where it is.

What counts is the processor time of the operating system's thread that runs it, so a busy machine
stops nobody. A watchdog looks now and then, and raises `Runaway` there; a stretch that is not
stopped costs two assignments.
"""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import get_ident
from typing import Any, TypeVar

from locking.errors import ModelError
from locking.objects.operation import Site
from locking.programs.frames import raised_at

Returned = TypeVar("Returned")

LIMIT = 3.0
"""Seconds of processor time that code may take from one await to the next."""

OFTEN = 0.25
"""Seconds between two looks of the watchdog, at most."""


class Runaway(BaseException):
    """Raised in code that runs on for ever; no `except Exception` catches it."""


class Endless(ModelError):
    """Code of a model that ran for too long without an await."""


def endless(what: str, error: Runaway, line: Site | None = None) -> Endless:
    """The error for `what` ran on, with the line where it was, or `line` if that can't be told."""
    site = raised_at(error.__cause__ or error)
    if line and not site.line:
        site = line
    limit = LIMIT if watchdog.limit is None else watchdog.limit
    return Endless(
        f"{what} ran for more than {limit:g} seconds of processor time without an await, at "
        f"{site.filename}:{site.line}; see that its loops end, or await an operation in them"
    )


class GuardedCode:
    """Code under way: in which thread, its limit, and its processor time when first looked at.

    `stopped` is whether the watchdog has raised `Runaway` in it.
    """

    begun: float | None = None
    stopped = False

    def __init__(self, limit: float) -> None:
        self.thread = get_ident()
        self.limit = limit


class Watchdog:
    """Looks at the stretch that is `running`; `limit` is that of those to come, if not `LIMIT`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Know of nothing that runs, and of no thread that looks: so it is in a forked process."""
        self.running: GuardedCode | None = None
        self.limit: float | None = None
        self.lock = threading.Lock()
        self.awake = False

    def start(self) -> None:
        """Begin to look, in a thread of its own that ends with the process."""
        self.awake = True
        threading.Thread(target=self.look, name="locking-guard", daemon=True).start()

    def look(self) -> None:
        """Look for ever."""
        while True:
            stretch = self.running
            time.sleep(min(OFTEN, stretch.limit / 4 if stretch else OFTEN))
            if stretch is not None:
                self.stop(stretch)

    def stop(self, stretch: GuardedCode) -> None:
        """Raise `Runaway` in a stretch that is over its limit; again, if that was swallowed."""
        with self.lock:
            if self.running is not stretch:
                return
            now = processor_time(stretch.thread)
            if stretch.begun is None:
                stretch.begun = now
            elif now - stretch.begun > stretch.limit:
                # First this, then the look: whoever ends the stretch does it the other way round.
                stretch.stopped = True
                if self.running is stretch:
                    raise_in(stretch.thread, Runaway)

    def withdraw(self, stretch: GuardedCode) -> None:
        """Let what was raised in a stretch that has ended arrive, should it still be on its way.

        It is raised once more, and caught here: to take it back would leave the interpreter looking
        for it at every call, and CPython 3.11 does not get past that look in a thread that is
        traced.
        """
        with self.lock, suppress(Runaway):
            raise_in(stretch.thread, Runaway)
            while True:
                pass


watchdog = Watchdog()


def processor_time(thread: int) -> float:
    """The seconds of processor time of a thread; of the process, where that can't be told."""
    if hasattr(time, "pthread_getcpuclockid"):
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    return time.process_time()


def raise_in(thread: int, error: type[BaseException]) -> None:
    """Raise `error` in a thread at its next instruction, in place of one that is on its way."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def guarded(call: Callable[..., Returned], *args: Any) -> Returned:
    """What `call(*args)` returns.

    Errors: `Runaway` where it takes too long, whatever the code does about it; never later. Its
    cause is what came out of the code, with the line.
    """
    if not watchdog.awake:
        watchdog.start()
    before = watchdog.running
    stretch = GuardedCode(LIMIT if watchdog.limit is None else watchdog.limit)
    watchdog.running = stretch
    try:
        return call(*args)
    finally:
        watchdog.running = before  # from here on nothing is raised
        if stretch.stopped:
            watchdog.withdraw(stretch)
            raise Runaway from sys.exception()  # the code may have swallowed it, or raised another


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """A context in which code may take so many seconds from one await to the next."""
    before, watchdog.limit = watchdog.limit, seconds
    try:
        yield
    finally:
        watchdog.limit = before


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=watchdog.reset)
