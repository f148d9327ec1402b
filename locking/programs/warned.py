"""While a coroutine runs: what Python warns of is collected, and only its own is cleared away."""

import gc
import sys
import warnings
from typing import Any

from locking.programs.abandoned import end_abandoned

Warned = list[warnings.WarningMessage]
"""What Python warns of, in order."""


class CollectingWarnings:
    """A context in which a coroutine may run; what Python warns of there is collected.

    A coroutine that something else has left behind, and of which Python warns when it is collected,
    would else be taken for one of the thread that runs just now. This is no generator, as every
    step of a run enters one.
    """

    __slots__ = ("caught", "collecting", "hooks")

    def __enter__(self) -> Warned:
        self.collecting, self.hooks = gc.isenabled(), sys.get_asyncgen_hooks()
        gc.disable()
        sys.set_asyncgen_hooks(None, end_abandoned)  # type: ignore[arg-type]  # one of Python's
        self.caught = warnings.catch_warnings(record=True)
        warned = self.caught.__enter__()
        warnings.resetwarnings()  # so each is collected; to add a filter takes twice as long
        return warned

    def __exit__(self, *raised: Any) -> None:
        self.caught.__exit__(*raised)
        sys.set_asyncgen_hooks(*self.hooks)
        if self.collecting:
            gc.enable()
