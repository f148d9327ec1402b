"""While a coroutine runs: what Python warns of is collected, and only its own is cleared away."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from locking.programs.abandoned import ending_generators

Warned = list[warnings.WarningMessage]
"""What Python warns of, in order."""


@contextmanager
def collecting_warnings() -> Iterator[Warned]:
    """A context in which a coroutine may run; what Python warns of there is collected.

    A coroutine that something else has left behind, and of which Python warns when it is collected,
    would else be taken for one of the thread that runs just now.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings(record=True) as warned, ending_generators():
            warnings.resetwarnings()  # so each is collected; to add a filter takes twice as long
            yield warned
    finally:
        if collecting:
            gc.enable()
