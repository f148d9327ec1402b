"""What ends a command early: Ctrl-C, and SIGTERM, which does the same.

`timeout`, a batch system and a container send SIGTERM; what is known by then is printed too.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """A context in which SIGTERM raises `KeyboardInterrupt`, unless it was ignored or handled."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
