"""A file of a trace, as its events: opened, its format recognised, its order of time checked.

A file whose name ends in `.gz` is read through gzip. Lines are read as they are needed.
"""

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path

from locking.conformance.formats import TRACE_FORMATS, TraceFormat, trace_format
from locking.conformance.recorded_event import SHOWN, RecordedEvent, TraceLine
from locking.errors import UsageError
from locking.text.fit import cut, escape

FIRST_LINES = 50
"""Lines by which a format is recognised."""

NO_TEXT = {
    b"\x17\x08Dtracing": "a trace.dat; give what `trace-cmd report FILE` prints",
    b"PERFILE2": "a perf.data; give what `perf script -i FILE` prints",
    b"\x1f\x8b": "packed by gzip; give it a name that ends in .gz",
}
"""How files begin that are no text, and what to do."""


def read_trace(file: str, form: str = "") -> Iterator[TraceLine]:
    """The events of `file` in order, read as the format called `form`, else as it looks.

    Errors: `UsageError`, with the line, for a file that can't be read, is of no known format, is
    cut off, or whose time goes back.
    """
    with blamed_on(file), opened_trace(file) as source:
        lines = numbered_lines(source)
        first = list(islice(lines, FIRST_LINES))
        if not first:
            raise UsageError("it is empty; nothing was traced")
        found = trace_format(form) if form else recognised(first)
        events = 0
        for event in in_order_of_time(found.read(chain(first, lines))):
            events += 1
            yield event
        if not events:
            raise UsageError(f"line {first[-1][0]}: it ends without any event")


@contextmanager
def blamed_on(file: str) -> Iterator[None]:
    """A context in which errors name the file. Errors: `UsageError`."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"trace {file}: {error}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UsageError(f"trace {file}: its gzip data are damaged or cut off") from None
    except OSError as error:
        raise UsageError(f"trace {file}: it can't be read: {error.strerror or error}") from None


def opened_trace(file: str) -> gzip.GzipFile | BufferedReader:
    """The file, unpacked if its name says that it is packed."""
    return gzip.open(file, "rb") if file.endswith(".gz") else Path(file).open("rb")


def numbered_lines(source: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """The lines as text, with their numbers.

    Errors: `UsageError` for what is no text, or for a last line that does not end.
    """
    for number, line in enumerate(source, 1):
        for begins, what in NO_TEXT.items():
            if number == 1 and line.startswith(begins):
                raise UsageError(f"line 1: it is {what}")
        if b"\0" in line:
            raise UsageError(f"line {number}: it is no text, for it has a zero byte")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise UsageError(f"line {number}: it is no text, for it is no UTF-8") from None
        if not text.endswith("\n"):
            shown = cut(escape(text.strip()), SHOWN)
            raise UsageError(f"line {number}: {shown!r} does not end; the file was cut off")
        yield number, text


def recognised(first: list[tuple[int, str]]) -> TraceFormat:
    """The format whose first lines these are. Errors: `UsageError`."""
    texts = [text for _, text in first]
    for name in TRACE_FORMATS:
        found = trace_format(name)
        if found.recognises(texts):
            return found
    line, text = next((each for each in first if each[1].strip()), first[0])
    known = ", ".join(TRACE_FORMATS)
    raise UsageError(
        f"line {line}: {cut(escape(text.strip()), SHOWN)!r} begins none of the formats {known}"
    )


def in_order_of_time(events: Iterable[TraceLine]) -> Iterator[TraceLine]:
    """The events as they are. Errors: `UsageError` where time goes back."""
    now = -math.inf
    for event in events:
        if isinstance(event, RecordedEvent):
            if event.seconds < now:
                raise UsageError(
                    f"line {event.line}: time goes back from {now:.6f} to {event.seconds:.6f}; "
                    f"sort the events by time, or take the trace by one clock for all processors"
                )
            now = event.seconds
        yield event
