"""A recorded trace, as its events: a table with the columns that `TRACE_HEAD` names.

A file whose name ends in `.gz` is unpacked.
"""

import csv
import gzip
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, NamedTuple

from locking.errors import UsageError
from locking.text.fit import cut, escape

TRACE_HEAD = "src_line,ts_s,cpu,task,pid,event,args"
ARGUMENT = re.compile(r'([A-Za-z_]\w*)=("[^"]*"|\S*)')

LONGEST_SHOWN = 60
"""Characters of a line that a message repeats."""


class TracedEvent(NamedTuple):
    """One event: the line of the file, when, the task and its pid, its name and its arguments."""

    line: int
    seconds: float
    task: str
    pid: int
    name: str
    text: str

    @property
    def who(self) -> str:
        """The task, as traces write it: `bindA-182`."""
        return f"{self.task}-{self.pid}"


def read_events(file: str, where: Mapping[str, Mapping[str, str]]) -> list[TracedEvent]:
    """The events of `file` in their order, without those whose arguments are not as in `where`.

    Errors: `UsageError`, with the line, for what can't be read or is no such table.
    """
    try:
        with opened_trace(file) as source:
            rows = in_order_of_time(rows_of_trace(source))
            events = [each for each in rows if is_wanted(each, where)]
    except UsageError as error:
        raise UsageError(f"trace {file}: {error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"trace {file}: it is no text, for it is no UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UsageError(f"trace {file}: its gzip data are damaged or cut off") from None
    except OSError as error:
        raise UsageError(f"trace {file}: it can't be read: {error.strerror or error}") from None
    if not events:
        raise UsageError(f"trace {file}: it has no event; record one as `record.sh` does")
    return events


def opened_trace(file: str) -> IO[str]:
    """The file as text, unpacked if its name says that it is packed."""
    if file.endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return Path(file).open(encoding="utf-8", newline="")


def rows_of_trace(source: IO[str]) -> Iterator[TracedEvent]:
    """The rows below the head. Errors: `UsageError`, with the line, for one that is no event."""
    for line, text in enumerate(source, 1):
        shown = cut(escape(text.strip()), LONGEST_SHOWN)
        if line == 1 and text.strip() != TRACE_HEAD:
            raise UsageError(f"line 1: {shown!r} is not the head of the table, {TRACE_HEAD}")
        if not text.endswith("\n"):
            raise UsageError(f"line {line}: {shown!r} does not end; the file was cut off")
        if line > 1:
            yield event_of_row(line, text, shown)


def event_of_row(line: int, text: str, shown: str) -> TracedEvent:
    """The event of a row. Errors: `UsageError`."""
    try:
        [[_, seconds, cpu, task, pid, name, arguments]] = csv.reader([text], strict=True)
        if not name or int(cpu) < 0 or not math.isfinite(float(seconds)):
            raise ValueError
        return TracedEvent(line, float(seconds), task, int(pid), name, arguments)
    except (ValueError, csv.Error):
        raise UsageError(f"line {line}: {shown!r} is not a row of {TRACE_HEAD}") from None


def in_order_of_time(events: Iterable[TracedEvent]) -> Iterator[TracedEvent]:
    """The events as they are. Errors: `UsageError` where time goes back."""
    now = -math.inf
    for event in events:
        if event.seconds < now:
            raise UsageError(
                f"line {event.line}: time goes back from {now:.6f} to {event.seconds:.6f}; sort "
                f"the events, or take the trace by one clock for all processors"
            )
        now = event.seconds
        yield event


def is_wanted(event: TracedEvent, where: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the arguments of an event match those in `where`; one that is missing is empty."""
    wanted = where.get(event.name)
    if not wanted:
        return True
    given = {name: value.strip('"') for name, value in ARGUMENT.findall(event.text)}
    return all(fnmatchcase(given.get(name, ""), pattern) for name, pattern in wanted.items())
