"""What `perf script` prints: `TASK PID [CPU] SECONDS: group:event: arguments`.

Call chains below an event are read over. An event goes by its name without its group, for the group
of a kprobe is whatever the person called it who made the probe.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from locking.conformance.recorded_event import LostEvents, RecordedEvent, TraceLine, unreadable

PERF_EVENT = re.compile(
    r"\s*(?P<task>\S.*?)\s+(?:\d+/)?(?P<pid>[0-9]{1,10})\s+\[(?P<cpu>[0-9]{1,6})\]\s+(?P<seconds>[0-9]{1,12}\.[0-9]{1,9}):\s+"
    r"(?:\d+\s+)?(?:[\w-]+:)?(?P<name>[\w.$-]+):(?:\s+(?P<text>.*))?"
)
PERF_LOST = re.compile(r".*\bPERF_RECORD_LOST\b.*|\s*lost \d+ events?\b.*", re.IGNORECASE)
FRAME = re.compile(r"\s+[0-9a-f]+ \S.*")
"""A line of a call chain."""


def recognises(first: Sequence[str]) -> bool:
    """Whether these are the first lines of such a script."""
    return any(PERF_EVENT.fullmatch(line.rstrip()) for line in first)


def read(lines: Iterable[tuple[int, str]]) -> Iterator[TraceLine]:
    """The events. Errors: `UsageError`, with the line, for what is none."""
    for line, text in lines:
        if found := PERF_EVENT.fullmatch(text.rstrip("\n")):
            who = (int(found["cpu"]), found["task"], int(found["pid"]))
            arguments = (found["text"] or "").strip()
            yield RecordedEvent(line, float(found["seconds"]), *who, found["name"], arguments)
        elif PERF_LOST.fullmatch(text.rstrip("\n")):
            yield LostEvents(line, text.strip())
        elif text.strip() and not text.startswith("#") and not FRAME.fullmatch(text.rstrip("\n")):
            wanted = "an event of perf script, `TASK PID [CPU] SECONDS: event: ...`"
            raise unreadable(line, text, wanted)
