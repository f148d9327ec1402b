"""Durations that were measured: from begin and end of steps in a trace to one number a step."""

from collections.abc import Iterable
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from locking.durations.table import Duration, Durations
from locking.errors import UsageError


class Interval(NamedTuple):
    """One time that `task` took `step`: when it began and ended, in seconds."""

    task: str
    step: str
    begin: Fraction
    end: Fraction


def measured_durations(intervals: Iterable[Interval]) -> Durations:
    """The median time of every step, over all tasks. Errors: `UsageError` for an end before begin.

    A median, because one interval that was interrupted must not change the number.
    """
    taken: dict[str, list[Fraction]] = {}
    for each in intervals:
        if each.end < each.begin:
            raise UsageError(
                f"{each.task} ends {each.step} at {float(each.end)} s, before it begins, at "
                f"{float(each.begin)} s"
            )
        taken.setdefault(each.step, []).append(each.end - each.begin)
    return Durations({step: Duration(step, median(times)) for step, times in taken.items()})
