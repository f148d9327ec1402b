"""Loops over packed states that are sorted, word by word, compiled: to search and to merge them."""

import numpy as np

from locking.explore.compiled.kernel import Index, Integers, NumberArray, Words, compiled


def sorting(rows: Words) -> Integers:
    """The positions of rows, in the order in which they are sorted; of equal ones in any order."""
    if rows.shape[1] == 1:
        return np.argsort(rows[:, 0])
    return np.lexsort(rows.T[::-1])


@compiled
def compared(one: Words, at: Index, other: Words, where: Index) -> int:
    """-1, 0 or 1: whether a row is lower than, equal to or higher than another."""
    for word in range(one.shape[1]):
        if one[at, word] < other[where, word]:
            return -1
        if one[at, word] > other[where, word]:
            return 1
    return 0


@compiled
def lower_bounds(rows: Words, bounds: Words, found: Integers) -> None:
    """For each of the sorted `bounds` how many of the sorted `rows` are lower."""
    for at in range(bounds.shape[0]):
        low, high = 0, rows.shape[0]
        while low < high:
            middle = (low + high) // 2
            if compared(rows, middle, bounds, at) < 0:
                low = middle + 1
            else:
                high = middle
        found[at] = low


@compiled
def match(rows: Words, known: Words, found: Integers) -> None:
    """For each of the sorted `rows` its position among the sorted `known`; -1 of one not there."""
    at = 0
    for row in range(rows.shape[0]):
        while at < known.shape[0] and compared(known, at, rows, row) < 0:
            at += 1
        found[row] = -1
        if at < known.shape[0] and compared(known, at, rows, row) == 0:
            found[row] = at


@compiled
def merge(
    one: Words, first: NumberArray, other: Words, second: NumberArray, out: Words, to: NumberArray
) -> tuple[int, int]:
    """Put rows of both, sorted, into `out`, and their numbers into `to`, until one has no more.

    It returns how many it took of each. There is room in `out` for all.
    """
    at = where = 0
    while at < one.shape[0] and where < other.shape[0]:
        end = at + where
        if compared(one, at, other, where) < 0:
            for word in range(one.shape[1]):
                out[end, word] = one[at, word]
            to[end] = first[at]
            at += 1
        else:
            for word in range(one.shape[1]):
                out[end, word] = other[where, word]
            to[end] = second[where]
            where += 1
    return at, where
