"""The numbers of packed states, on disk: runs of sorted rows, no row in two of them.

A new run is written as it comes. The last two are merged as long as the older of them is not much
longer. So there are few runs, and a row is written again a few times only.

After: O'Neil, Cheng, Gawlick and O'Neil, The log-structured merge-tree (Acta Informatica 33, 1996).
Differs: nothing is ever deleted or replaced, and rows are asked for many at a time, sorted.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from locking.explore.compiled import sorted_rows
from locking.explore.compiled.kernel import Integers, NumberArray, Words
from locking.explore.compiled.row_files import has_room, row_file
from locking.explore.deadline import look

FENCE = 1 << 12
"""Rows of a run from one of which the first is in memory to the next."""

FENCES = 1 << 7
"""Such stretches that are read at once."""

LONGER = 2
"""How many times as long a run is as the next, if the two are not merged."""


class SortedRun:
    """Sorted rows in one file, and their numbers in another. Errors: `OSError`."""

    def __init__(self, folder: Path, words: int) -> None:
        self.rows = row_file(folder, np.uint64, words)
        self.numbers = row_file(folder, np.uint32, 1)
        self.firsts: list[Words] = []

    @property
    def length(self) -> int:
        """How many rows it has."""
        return self.rows.length

    @property
    def size(self) -> int:
        """The bytes of both files."""
        return self.rows.size + self.numbers.size

    def append(self, rows: Words, numbers: NumberArray) -> None:
        """Add rows that are higher than all that are there."""
        self.firsts.append(rows[-self.length % FENCE :: FENCE].copy())
        self.rows.append(rows)
        self.numbers.append(numbers)

    def read(self, start: int, stop: int) -> tuple[Words, NumberArray]:
        """The rows from `start` to `stop`, and their numbers."""
        stop = min(stop, self.length)
        return self.rows.read(start, stop), self.numbers.read(start, stop)[:, 0]

    def look_up(self, rows: Words, found: Integers) -> None:
        """Put the numbers of those of the sorted `rows` that it has into `found`."""
        for start, stop, some in self.stretches(rows):
            look()
            known, numbers = self.read(start, stop)
            at = np.empty(len(rows[some]), np.int64)
            sorted_rows.match(rows[some], known, at)
            has = at >= 0
            found[some][has] = numbers[at[has]]

    def stretches(self, rows: Words) -> Iterator[tuple[int, int, slice]]:
        """The parts of the run, first and end, in which some of the sorted `rows` may be.

        With each come those that may be there. Where none may be, nothing is read.
        """
        fences = np.concatenate(self.firsts)
        cuts = np.empty(len(fences) + 1, np.int64)
        sorted_rows.lower_bounds(rows, fences, cuts[:-1])
        cuts[0], cuts[-1] = 0, len(rows)
        wanted = np.flatnonzero(np.diff(cuts))
        breaks = np.flatnonzero(np.diff(wanted) > 1) + 1
        for each in np.split(wanted, breaks):
            for at in range(0, len(each), FENCES):
                first, last = int(each[at]), int(each[at : at + FENCES][-1]) + 1
                yield first * FENCE, last * FENCE, slice(cuts[first], cuts[last])


class SortedRuns:
    """Runs of rows of `words` in a folder. Errors: `OSError`, `OutOfTime`."""

    def __init__(self, folder: Path, words: int) -> None:
        self.folder = folder
        self.words = words
        self.runs: list[SortedRun] = []

    @property
    def length(self) -> int:
        """How many rows there are."""
        return sum(run.length for run in self.runs)

    @property
    def size(self) -> int:
        """The bytes of all runs."""
        return sum(run.size for run in self.runs)

    def numbers(self, rows: Words) -> Integers:
        """The numbers of the sorted `rows`; -1 of one that was not added."""
        found = np.full(len(rows), -1, np.int64)
        for run in self.runs:
            if len(rows):
                run.look_up(rows, found)
        return found

    def add(self, rows: Words, numbers: NumberArray) -> None:
        """Add sorted rows, none of which was added before."""
        if not len(rows):
            return
        run = self.new()
        run.append(rows, numbers)
        self.runs = [*self.runs, run]
        while len(self.runs) > 1 and self.runs[-2].length <= LONGER * self.runs[-1].length:
            *others, older, younger = self.runs
            if not has_room(self.folder, older.size + younger.size):
                break
            self.runs = [*others, self.merged(older, younger)]

    def new(self) -> SortedRun:
        """A run without rows."""
        return SortedRun(self.folder, self.words)

    def merged(self, one: SortedRun, other: SortedRun) -> SortedRun:
        """A run of the rows of both."""
        made, at, where = self.new(), 0, 0
        while at < one.length and where < other.length:
            look()
            ours = one.read(at, at + FENCE * FENCES)
            theirs = other.read(where, where + FENCE * FENCES)
            most = len(ours[0]) + len(theirs[0])
            out, to = np.empty((most, self.words), np.uint64), np.empty(most, np.uint32)
            took, took_there = sorted_rows.merge(*ours, *theirs, out, to)
            made.append(out[: took + took_there], to[: took + took_there])
            at, where = at + took, where + took_there
        for run, start in ((one, at), (other, where)):
            ends = [*range(start, run.length, FENCE * FENCES), run.length]
            for first, last in pairwise(ends):
                made.append(*run.read(first, last))
        return made
