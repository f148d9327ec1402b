"""How many states a breadth-first walk may come to, from the sizes of its levels so far.

Levels grow and shrink about like a bell: the logarithm of their sizes is near a parabola, and so
the logarithm of the growth from one level to the next is near a line that falls. A line is fitted
to the latest third of the levels, to the latest half and to all of them. Each is carried on to
where no state is left. They are more wrong the more is left, so the range is made wider by that.

Nothing is said while levels still grow: an early hump looks like the whole bell. What is known of
the error was measured on walks of models (docs/how-to-search.md), and is no proof.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log
from statistics import linear_regression

FEWEST_LEVELS = 8
"""Levels below which nothing is said."""

FITTED_PARTS = (1 / 3, 1 / 2, 1)
"""The parts of the levels, the latest ones, that a line is fitted to."""

FEWEST_POINTS = 4
"""Points that a line is fitted to, at least."""

LATEST_LEVELS = 500
"""Levels that are looked at, at most: more would cost more than they tell."""

TIMES_AS_FAR = 4
"""How many times as many levels as are looked at a line is carried on, at most."""

BEYOND_ANY = 1e15
"""States that are more than any walk comes to."""

FEWEST_STATES = 1_000
"""States below which nothing is said."""

PAST_PEAK = 0.95
"""The part of the largest level that the latest must not exceed."""

HIGHER, LOWER = 1.8, 0.6
"""Powers of the growth that is foreseen, for the high and the low end of the range."""

TAIL = 0.05
"""The part of the states gone through by which the range is wider at each end."""


def expected_states(sizes: Sequence[int], before: int = 0) -> tuple[int, int] | None:
    """The range in which the number of all states may lie, or None where nothing can be said.

    `sizes` are those of the levels that are known, the latest not gone through yet; `before` is how
    many states there were before the first of them.
    """
    met = before + sum(sizes)
    latest = sizes[-LATEST_LEVELS:]
    if len(latest) < FEWEST_LEVELS or met < FEWEST_STATES or latest[-1] > PAST_PEAK * max(sizes):
        return None
    growth = [log(after / size) for size, after in pairwise(latest)]
    gone = met - latest[-1]
    times = []
    for part in FITTED_PARTS:
        points = max(FEWEST_POINTS, round(part * len(growth)))
        left = states_left(latest[-1], growth[-points:])
        if left is None:
            return None
        times.append((met + left) / gone)
    low, high = min(times) ** LOWER - TAIL, max(times) ** HIGHER + TAIL
    return max(met, round(gone * low)), round(gone * high)


def states_left(latest: int, growth: Sequence[float]) -> float | None:
    """The states beyond the latest level, where the line through `growth` is carried on.

    None where it does not fall, or where no end is in sight.
    """
    slope, now = linear_regression(range(1 - len(growth), 1), growth)
    if slope >= 0:
        return None
    total, size = 0.0, float(latest)
    for level in range(1, TIMES_AS_FAR * LATEST_LEVELS):
        size *= exp(now + slope * level)
        total += size
        if size < 1 or total > BEYOND_ANY:
            break
    return total if size < 1 else None
