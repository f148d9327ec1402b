"""What ends a command early: Ctrl-C, and SIGTERM, which does the same.

`timeout`, a batch system and a container send SIGTERM; what is known by then is printed too.
"""

import signal
import sys
from typing import Any

AGAIN = 0.01
"""Seconds after which a signal is noticed again, if Python dropped what it raised."""


def stop_at_signals() -> None:
    """Let SIGTERM raise `KeyboardInterrupt`, unless whoever started the process has it ignored.

    Python drops what is raised in a `__del__` and in the callback of a weak reference. A signal
    that comes there raises `KeyboardInterrupt` again a moment later.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        sys.unraisablehook = come_again


def come_again(dropped: Any) -> None:
    """Have a dropped `KeyboardInterrupt` raised again; anything else is printed, as Python does."""
    if issubclass(dropped.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    else:
        sys.__unraisablehook__(dropped)


def comes_of_signal(error: BaseException | None) -> bool:
    """Whether an error was raised for `KeyboardInterrupt`.

    Python 3.11 makes a `RuntimeError` of all that is raised in a `__set_name__`; each class of enum
    members has some, so a file that is imported then can't be.
    """
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def ignore_signals() -> None:
    """Let neither Ctrl-C nor SIGTERM do anything any more. Python keeps that to its own end."""
    for name in ("SIGINT", "SIGTERM", "SIGALRM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
