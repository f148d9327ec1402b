"""The file `trace` of tracefs: `TASK-PID [CPU] flags SECONDS: event: arguments`.

Kernel: print_trace_header() and trace_print_context(), kernel/trace/trace_output.c, v6.12. The
header says how many events the buffer has and how many were written, so both a file that was cut
off and a buffer that was overwritten are noticed. `trace_pipe` has no header.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from locking.conformance.recorded_event import LostEvents, RecordedEvent, TraceLine, unreadable
from locking.errors import UsageError

FTRACE_EVENT = re.compile(
    r"\s*(?P<task>\S.*?)-(?P<pid>[0-9]{1,10})\s+(?:\(\s*[-\d]+\)\s+)?\[(?P<cpu>[0-9]{1,6})\]\s+"
    r"(?P<flags>[^\s:]{4,8})\s+(?P<seconds>[0-9]{1,12}\.[0-9]{1,9}): (?P<event>.*)"
)
NAMED = re.compile(r"(?P<name>[\w:.$-]+):(?: (?P<text>.*))?")
"""An event with its arguments."""

FUNCTION = re.compile(r"(?P<name>[\w.$-]+) (?P<text><-.*)")
"""A line of the function tracer."""

FTRACE_LOST = re.compile(r"CPU:\d+ \[LOST (?:\d+ )?EVENTS\]")
HEADER = re.compile(
    r"# entries-in-buffer/entries-written: (?P<kept>[0-9]{1,18})/(?P<written>[0-9]{1,18})"
)


def recognises(first: Sequence[str]) -> bool:
    """Whether these are the first lines of such a file."""
    return any(line.startswith("# tracer:") or FTRACE_EVENT.match(line) for line in first)


def read(lines: Iterable[tuple[int, str]]) -> Iterator[TraceLine]:
    """The events. Errors: `UsageError`, with the line, for what is none, or an end too soon."""
    kept, seen, last = None, 0, 0
    for line, text in lines:
        last = line
        if found := FTRACE_EVENT.match(text):
            seen += 1
            yield ftrace_event(line, text, found)
        elif FTRACE_LOST.match(text):
            yield LostEvents(line, text.strip())
        elif header := HEADER.match(text):
            kept = int(header["kept"])
            if int(header["written"]) > kept:
                yield LostEvents(line, text.strip("# \n"))
        elif text.strip() and not text.startswith("#"):
            raise unreadable(line, text, "an event of ftrace, `TASK-PID [CPU] flags SECONDS: ...`")
    if kept is not None and seen < kept:
        raise UsageError(
            f"line {last}: the file ends after {seen:,} of the {kept:,} events that its header "
            f"promises; it was cut off, so copy it anew"
        )


def ftrace_event(line: int, text: str, found: re.Match[str]) -> RecordedEvent:
    """The event of a line. Errors: `UsageError`, where what was done is missing."""
    what = NAMED.fullmatch(found["event"]) or FUNCTION.fullmatch(found["event"])
    if not what:
        raise unreadable(line, found["event"] or text, "what an event of ftrace says")
    return RecordedEvent(
        line,
        float(found["seconds"]),
        int(found["cpu"]),
        found["task"],
        int(found["pid"]),
        what["name"],
        what["text"] or "",
    )
