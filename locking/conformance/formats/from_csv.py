"""A table of events, with the columns `src_line,ts_s,cpu,task,pid,event,args`.

`src_line` may point into another text from which the table was made; lines of messages are those of
the table itself.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from locking.conformance.recorded_event import RecordedEvent, TraceLine, unreadable

COLUMNS = ["src_line", "ts_s", "cpu", "task", "pid", "event", "args"]

NUMBERS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?,[0-9]{1,6},[0-9]{1,10}")
"""The time, the processor and the pid of a row."""


def recognises(first: Sequence[str]) -> bool:
    """Whether the first line is the head of such a table."""
    return bool(first) and first[0].rstrip("\r\n").split(",") == COLUMNS


def read(lines: Iterable[tuple[int, str]]) -> Iterator[TraceLine]:
    """The events. Errors: `UsageError`, with the line, for a row that is none."""
    for line, text in lines:
        if line == 1:
            if not recognises([text]):
                raise unreadable(line, text, f"the head of the table, {','.join(COLUMNS)}")
        elif text.strip():
            yield row_event(line, text)


def row_event(line: int, text: str) -> RecordedEvent:
    """The event of a row. Errors: `UsageError`."""
    try:
        [row] = csv.reader([text], strict=True)
        _, seconds, cpu, task, pid, name, arguments = row
        if not name or not NUMBERS.fullmatch(f"{seconds},{cpu},{pid}"):
            raise ValueError
        return RecordedEvent(line, float(seconds), int(cpu), task, int(pid), name, arguments)
    except (ValueError, csv.Error):
        raise unreadable(line, text, f"a row of {','.join(COLUMNS)}") from None
