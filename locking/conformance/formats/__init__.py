"""The formats in which a trace is read, one file each.

The file of a format has `recognises`, which is given the first lines of a file, and `read`, which
is given all its lines with their numbers.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import NamedTuple

from locking.conformance.recorded_event import TraceLine
from locking.errors import unknown

TRACE_FORMATS = {
    "csv": "a table with the columns src_line, ts_s, cpu, task, pid, event and args",
    "ftrace": "the file `trace` of tracefs: the function tracer, kprobes, events",
    "trace-cmd": "what `trace-cmd report` prints",
    "perf": "what `perf script` prints",
}
"""The formats, in the order in which they are tried, and what each is."""

Lines = Iterable[tuple[int, str]]


class TraceFormat(NamedTuple):
    """What the file of a format has."""

    recognises: Callable[[Sequence[str]], bool]
    read: Callable[[Lines], Iterator[TraceLine]]


def trace_format(name: str) -> TraceFormat:
    """The format called `name`. Errors: `UsageError`, where there is none."""
    if name not in TRACE_FORMATS:
        raise unknown("format of a trace", name, TRACE_FORMATS)
    module = import_module(f"{__name__}.from_{name.replace('-', '_')}")
    return TraceFormat(module.recognises, module.read)
