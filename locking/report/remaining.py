"""What is said of the rest of a walk: how many states there may be, and how long the rest may take.

Both are ranges, rounded outwards: what is shown is no narrower than what is known. What is already
met is no end of a range.
"""

from collections import deque
from collections.abc import Callable
from math import ceil, floor

from locking.explore.expected import expected_states
from locking.explore.level_sizes import LevelSizes

MILLION = 1_000_000

UNITS_OF_TIME = (
    ("s", 1, 100),
    ("min", 60, 100 * 60),
    ("h", 3600, 100 * 3600),
    ("days", 86400, float("inf")),
)
"""Units of time: how many seconds each has, and up to how many it is used."""


class Remaining:
    """What is left of the walks of one search, one after the other.

    What may be left is worked out once for each level. The rate is that of the latest half of the
    states: the first ones were slower, while the walk still learned what threads do.
    """

    def __init__(self) -> None:
        self.expected: tuple[int, int] | None = None
        self.level = (0, 0)
        self.marks: deque[tuple[float, int]] = deque()

    def told(self, levels: LevelSizes, met: int, through: int, now: float) -> str:
        """The range of all states and that of the time left, or nothing where it can't be told.

        So many states were met and gone through by `now`, in seconds.
        """
        rate = self.rate(through, now)
        if self.level != (levels.begin, levels.end):
            self.level = levels.begin, levels.end
            self.expected = expected_states(levels.sizes, levels.before)
        if self.expected is None or not rate:
            return ""
        low, high = outwards(*self.expected)
        if high < met:  # it was wrong
            return ""
        states = (
            f"about {in_millions(low, high)}" if low > met else f"up to about {in_millions(high)}"
        )
        time = time_range((max(low, met) - through) / rate, (high - through) / rate)
        return f" of {states}, {time} left"

    def rate(self, through: int, now: float) -> float:
        """States a second, or 0 before two looks at one walk."""
        if self.marks and through < self.marks[-1][1]:
            self.marks.clear()  # another walk
        self.marks.append((now, through))
        while len(self.marks) > 2 and self.marks[1][1] <= through / 2:
            self.marks.popleft()
        then, before = self.marks[0]
        return (through - before) / (now - then) if now > then else 0


def in_millions(*ends: float) -> str:
    """A number or a range of them, in millions where the last one is."""
    if ends[-1] < MILLION:
        return " to ".join(f"{end:,.0f}" for end in ends)
    return " to ".join(f"{end / MILLION:,g}" for end in ends) + " M"


def time_range(low: float, high: float) -> str:
    """A range of seconds, in units that fit."""
    (first, less), (second, more) = in_unit(low, floor), in_unit(high, ceil)
    if not first:
        return f"up to {second} {more}"
    return f"{first} to {second} {more}" if less == more else f"{first} {less} to {second} {more}"


def in_unit(seconds: float, whole: Callable[[float], int]) -> tuple[int, str]:
    """So much time as a whole number of a unit, made so by `whole`."""
    name, size = next((name, size) for name, size, most in UNITS_OF_TIME if seconds <= most)
    return whole(seconds / size), name


def outwards(low: float, high: float) -> tuple[float, float]:
    """The range from two digits that are no higher to two that are no lower."""
    return two_digits(low, floor), two_digits(high, ceil)


def two_digits(value: float, whole: Callable[[float], int]) -> float:
    """A number with no more than two digits before its zeros, made so by `whole`."""
    step: int = 10 ** max(0, len(str(int(value))) - 2)
    return whole(value / step) * step
