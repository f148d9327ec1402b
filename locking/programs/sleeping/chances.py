"""What may come between: choices of the environment, in the words in which a trace shows them.

A signal and a wake-up for nothing are chosen when a wait begins. Were one open until later, no
thread that may still be woken so would ever count as one that waits for good, and every missed
wake-up would be hidden.
"""

from locking.programs.constructs import choose
from locking.programs.traps import Choose

FOR_NOTHING = "wakes up for nothing"
SIGNAL = "a signal comes"
GOT = "goes on"
WOKEN = "is woken"
TIME = "time is up"
CANCELLED = "is cancelled"


async def wakes_for_nothing() -> bool:
    """Whether this wait is ended by nothing at all."""
    return await choose("sleeps", FOR_NOTHING) == FOR_NOTHING


async def sleep_ends(by: str, otherwise: str) -> bool:
    """Whether a sleep is ended `by` what may come at any time, and not by what it waits for."""
    chosen: str = await Choose((by, otherwise), asleep=True)
    return chosen == by


async def signal_comes() -> bool:
    """Whether this wait may be ended by a signal."""
    return await choose("no signal comes", SIGNAL) == SIGNAL
