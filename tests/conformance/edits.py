"""Edits of the table of a real trace. Times stay where they are, so that they give nothing away."""

import re
from collections.abc import Callable, Sequence

Lines = list[str]
Row = list[str]

HEAD = 1
"""Lines before the first event."""


def row(line: str) -> Row:
    """The columns of a line; the last has the arguments, with their quotes."""
    return line.rstrip("\n").split(",", 6)


def text(columns: Row) -> str:
    """The line of some columns."""
    return ",".join(columns) + "\n"


def event(line: str) -> str:
    """The event of a line."""
    return row(line)[5]


def task(line: str) -> str:
    """The pid of a line."""
    return row(line)[4]


def find(lines: Sequence[str], name: str, number: int = 0, after: int = 0) -> int:
    """Where the event called so stands for the time `number` from `after` on."""
    return [at for at in range(after, len(lines)) if event(lines[at]) == name][number]


def next_of_task(lines: Sequence[str], at: int) -> int:
    """Where the next event stands of the task of a line."""
    return next(n for n in range(at + 1, len(lines)) if task(lines[n]) == task(lines[at]))


def with_contents(lines: Sequence[str], contents: Sequence[str]) -> Lines:
    """The times of `lines`, with what is done as in `contents`."""
    assert len(lines) == len(contents)
    pairs = zip(lines[HEAD:], contents[HEAD:], strict=True)
    return [lines[0], *(text(row(old)[:2] + row(new)[2:]) for old, new in pairs)]


def swapped(lines: Sequence[str], one: int, other: int) -> Lines:
    """Two events in each other's place."""
    contents = list(lines)
    contents[one], contents[other] = contents[other], contents[one]
    return with_contents(lines, contents)


def moved(lines: Sequence[str], at: int, to: int) -> Lines:
    """The event at `at`, so that it stands at `to`."""
    contents = [line for number, line in enumerate(lines) if number != at]
    contents.insert(to, lines[at])
    return with_contents(lines, contents)


def dropped(lines: Sequence[str], *ats: int) -> Lines:
    """The lines without some."""
    return [line for number, line in enumerate(lines) if number not in ats]


def doubled(lines: Sequence[str], at: int, to: int) -> Lines:
    """The event at `at` once more, in front of the line at `to`."""
    copy = text(row(lines[to])[:2] + row(lines[at])[2:])
    return [*lines[:to], copy, *lines[to:]]


def changed(lines: Sequence[str], at: int, column: int, value: str) -> Lines:
    """A line with another value in a column."""
    columns = row(lines[at])
    columns[column] = value
    return [*lines[:at], text(columns), *lines[at + 1 :]]


def with_argument(lines: Sequence[str], at: int, name: str, value: str) -> Lines:
    """A line with another value of an argument."""
    arguments = re.sub(rf"\b{name}=\w+", f"{name}={value}", row(lines[at])[6])
    return changed(lines, at, 6, arguments)


Edit = Callable[[Lines], tuple[Lines, int]]
"""An edit: the new lines, and where in them the first event stands that no run shows."""
