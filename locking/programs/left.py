"""What rounds of a loop and procedures leave behind: nothing that the history does not say.

A node of a learned thread is a history in which a procedure counts by what it returned, and a round
that has ended not at all. Many runs come to one node, and one of them speaks for all: the thread is
resumed from it alone. The proof is by induction over the steps of runs.

1. What a coroutine does next, and what it is then, follows from where its frames stand and from
   what they hold: their variables, the cells of those, what lies on their stacks, and all that is
   reached from there. Besides, it follows from what the thread shares, which does not change
   (`shared.py`), and from time and chance, which a thread must not use.
2. Two runs of one history that hold the same, in this sense, do the same up to the next mark, and
   hold the same there: values are compared up to which objects they are, with all that tells two
   places apart that hold one object (`snapshot.py`).
3. Histories of different runs become one only at a mark: where a procedure returns, or a round
   ends. There, every run that comes to a history is compared with the first that did. A loop's
   begin is such an arrival too, so a round is compared with what was held before the first.
4. So all runs that come to one history hold the same, wherever they stand.

Frames of the library's own constructs are compared by what they were called with: where they stand
is the mark itself, and the value that a loop carries is in the history.
"""

from collections.abc import Hashable, Mapping
from typing import Any

from locking.programs.snapshot import Difference, Snapshot, first_difference, snapshot

RETURN = "a procedure may tell the rest of its thread nothing but what it returns; return it"

CARRY = (
    "a round may leave nothing behind for the next, or for what follows the loop; "
    "use `await retry_with(start, attempt)`, which hands a value on, or return it"
)

History = tuple[Hashable, ...]


class Left:
    """What runs of one thread held where they came to a history first; what is `shared` apart."""

    def __init__(self, shared: Mapping[int, Any]) -> None:
        self.shared = shared
        self.first: dict[History, Snapshot] = {}

    def differs(self, history: History, coroutine: Any) -> Difference | None:
        """How what a coroutine holds differs from what the first held that came to `history`."""
        now = snapshot(coroutine, self.shared)
        return first_difference(self.first.setdefault(history, now), now)
