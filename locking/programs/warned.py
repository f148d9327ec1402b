"""While a coroutine runs: what Python warns of is collected, and only its own is cleared away."""

import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from locking.programs.abandoned import end_abandoned

Warned = list[warnings.WarningMessage]
"""What Python warns of, in order."""


@contextmanager
def collecting_warnings() -> Iterator[Warned]:
    """A context in which a coroutine may run; what Python warns of there is collected.

    A coroutine that something else has left behind, and of which Python warns when it is collected,
    would else be taken for one of the thread that runs just now.
    """
    collecting, hooks = gc.isenabled(), sys.get_asyncgen_hooks()
    gc.disable()
    sys.set_asyncgen_hooks(None, end_abandoned)  # type: ignore[arg-type]  # it is one of Python's
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.resetwarnings()  # so each is collected; to add a filter takes twice as long
            yield warned
    finally:
        sys.set_asyncgen_hooks(*hooks)
        if collecting:
            gc.enable()
