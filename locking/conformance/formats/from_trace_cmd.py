"""What `trace-cmd report` prints: `TASK-PID [CPU] SECONDS: event: arguments`.

Newer versions print the flags of ftrace in front of the time. The function tracer is an event
called `function` there, whose argument begins with the name of the function.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from locking.conformance.recorded_event import LostEvents, RecordedEvent, TraceLine, unreadable

TRACE_CMD_EVENT = re.compile(
    r"\s*(?P<task>\S.*?)-(?P<pid>[0-9]{1,10})\s+\[(?P<cpu>[0-9]{1,6})\]\s+(?:[^\s:]{4,8}\s+)?"
    r"(?P<seconds>[0-9]{1,12}\.[0-9]{1,9}):\s+(?P<name>[\w:.$-]+):(?:\s+(?P<text>.*))?"
)
TRACE_CMD_LOST = re.compile(r"CPU:\d+ \[(?:\d+ )?EVENTS DROPPED\]|CPU:\d+ \[LOST (?:\d+ )?EVENTS\]")
PREAMBLE = re.compile(r"(?:version = \d+|CPU \d+ is empty|cpus=\d+|trace\.dat: .*)")
"""Lines in front of the events."""


def recognises(first: Sequence[str]) -> bool:
    """Whether these are the first lines of such a report."""
    return any(
        re.match(r"cpus=\d+", line) or TRACE_CMD_EVENT.fullmatch(line.rstrip()) for line in first
    )


def read(lines: Iterable[tuple[int, str]]) -> Iterator[TraceLine]:
    """The events. Errors: `UsageError`, with the line, for what is none."""
    for line, text in lines:
        if found := TRACE_CMD_EVENT.fullmatch(text.rstrip("\n")):
            yield trace_cmd_event(line, found)
        elif TRACE_CMD_LOST.match(text):
            yield LostEvents(line, text.strip())
        elif text.strip() and not PREAMBLE.fullmatch(text.strip()):
            wanted = "an event of trace-cmd, `TASK-PID [CPU] SECONDS: event: ...`"
            raise unreadable(line, text, wanted)


def trace_cmd_event(line: int, found: re.Match[str]) -> RecordedEvent:
    """The event of a line; one of the function tracer is called by its function."""
    name, text = found["name"], (found["text"] or "").strip()
    if name == "function" and text:
        name, _, text = text.partition(" ")
    who = (int(found["cpu"]), found["task"], int(found["pid"]))
    return RecordedEvent(line, float(found["seconds"]), *who, name, text.strip())
