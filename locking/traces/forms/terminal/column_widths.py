"""How wide the columns of a trace are: the widest of the layouts that fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from locking.text.file_names import file_name, line_of
from locking.text.fit import GAP, escape
from locking.traces.forms.terminal.cells import unlimited_text
from locking.traces.replay import Event, Trace

CELL_BESIDE, CELL_UNDER, CELL_WITH_TEXT = 24, 14, 34
"""Least width of a thread's column with source lines beside it and under; most, with the text."""

SITE_IN_A_LIST = 16
"""Most columns of source lines where one column is for all threads."""

LINE_ONLY = len("line 1234")
"""Columns of source lines there, if all are of one file, which is named above them."""

MANY_THREADS = 3
"""Threads from which on one column for all is better than columns in which lines must be broken."""

TEXT_WIDTH = 40
"""Columns of the model's text that are enough: what is left may make a thread's column wider."""


@dataclass(frozen=True)
class Layout:
    """Widths. `label` is the column of names, 0 where every thread has its own column.

    `source` is the column of source lines, 0 where they stand under the operation; `text` says
    whether it shows the model's text too, `one_file` is the file of all of them if its name is only
    shown above.
    """

    width: int
    gutter: int
    lanes: tuple[int, ...]
    cell: int
    label: int = 0
    source: int = 0
    text: bool = False
    one_file: str = ""


def layout(trace: Trace, shown: Sequence[Event], lanes: tuple[int, ...], width: int) -> Layout:
    """The layout in which the events that are `shown` one by one are to stand."""
    gutter = max(2, len(str(trace.events[-1].number))) + len(GAP)
    sites = min(max((len(line_of(event.site)) for event in shown), default=0), width // 4)
    natural = max(
        *(len(escape(trace.names[lane])) for lane in lanes),
        *(min(len(f"!! {event.misuse}"), CELL_WITH_TEXT) for event in shown),
        *(len(line) for event in shown for line in unlimited_text(event)),
    )
    fitting = partial(Layout, width, gutter, lanes)
    roomy = (width - gutter - sites - TEXT_WIDTH) // len(lanes) - len(GAP)
    texted = min(natural, max(CELL_WITH_TEXT, roomy))
    rest = width - gutter - len(lanes) * (texted + len(GAP))
    if width >= 120 and rest >= sites + 18:
        return fitting(texted, source=rest, text=True)
    beside = (width - gutter - sites) // len(lanes) - len(GAP)
    crowded = len(trace.names) >= MANY_THREADS and natural > beside
    if beside >= min(CELL_BESIDE, natural) and not crowded:
        return fitting(min(natural, beside), source=sites)
    under = (width - gutter + len(GAP)) // len(lanes) - len(GAP)
    if under >= CELL_UNDER and not crowded:
        return fitting(under)
    label = min(max(len(escape(trace.names[lane])) for lane in lanes), width // 4)
    files = {event.site.filename for event in trace.events}
    one_file = file_name(files.pop()) if len(files) == 1 else ""
    sites = LINE_ONLY if one_file else min(sites, SITE_IN_A_LIST)
    cell = width - gutter - label - sites - 2 * len(GAP)
    return fitting(cell, label=label, source=sites, one_file=one_file)
