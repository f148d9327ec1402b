"""The span of a zone, torn: a resize stores it in two steps, and a task reads it in between.

All values are those of a run that the model has: the one of docs/findings.md.
"""

from collections.abc import Iterator
from typing import NamedTuple

from locking.cli.commands.replay import case_of_path
from locking.objects.operation import Operation
from locking.traces.path import decode
from locking.traces.rerun import rerun
from locking.traces.shown_run import ShownRun, state_at_end
from tests.pictures.drawing import arrow, box, line, svg, text

RUN = "memory_hotplug:add-vs-add:duyck:init-inside-span::b13.a6.b4"
START, SPANNED = "zone.zone_start_pfn", "zone.spanned_pages"

WIDTH, TOP, ROW, BAR = 820, 84, 74, 30
LEFT, PAGE = 360, 100
FIRST_PFN, LAST_PFN = 10, 13


class Span(NamedTuple):
    """The zone's span as memory has it, and what just made it so."""

    start: int
    spanned: int
    after: str

    @property
    def text(self) -> str:
        """The span as an interval of page frame numbers."""
        return f"[{self.start}, {self.start + self.spanned})"


def run() -> ShownRun:
    """The run, replayed."""
    path = decode(RUN)
    return rerun(case_of_path(path), path.property, path.choices)


def spans(shown: ShownRun) -> Iterator[Span]:
    """The span before the last resize of the run, and after each of its two stores."""
    values = {START: 0, SPANNED: 0}
    seen: list[Span] = []
    for event in shown.trace.events:
        if event.change and event.change.object in values:
            values[event.change.object] = int(event.change.new)
            what = f"{shown.trace.names[event.thread]}: {event.call}"
            seen.append(Span(values[START], values[SPANNED], what))
    yield Span(seen[-2].start, seen[-2].spanned, "before")
    yield seen[-1]
    for thread, name in enumerate(shown.trace.names):
        if store := next_store(shown, thread):
            yield Span(values[START], int(str(store.args[0])), f"{name}: {store}")


def next_store(shown: ShownRun, thread: int) -> Operation | None:
    """The store to the span that a thread has still to do at the end of the run."""
    _, step = state_at_end(shown.trace, thread)
    return step if isinstance(step, Operation) and step.target.name == SPANNED else None


def drawn(span: Span, top: float, page: int) -> list[str]:
    """One state of the span, as a bar over the page frame numbers."""
    inside = span.start <= page < span.start + span.spanned
    x = LEFT + (span.start - FIRST_PFN) * PAGE
    return [
        text(16, top + 13, span.after, "mono" if "(" in span.after else "strong"),
        text(16, top + 32, f"span {span.text}", "muted"),
        box(x, top, span.spanned * PAGE, BAR, "write"),
        text(x + span.spanned * PAGE / 2, top + 20, span.text, "middle on strong"),
        *(
            []
            if inside
            else [text(mark(page), top + 20, f"{page} is outside", "bad strong middle")]
        ),
    ]


def mark(page: int) -> float:
    """The middle of a page on the axis."""
    return LEFT + (page - FIRST_PFN + 0.5) * PAGE


def render() -> str:
    """The picture."""
    shown = run()
    operands = dict(shown.finding.operands)
    page = int(operands["pfn"])
    states = list(spans(shown))
    bottom = TOP + ROW * len(states)
    shapes = [
        text(16, 30, "A resize stores the span of a zone in two steps", "strong"),
        text(16, 50, f"page {page} is in the zone all the time", "muted"),
        box(LEFT + (page - FIRST_PFN) * PAGE, 62, PAGE, bottom - 62 + 12, "box"),
    ]
    for pfn in range(FIRST_PFN, LAST_PFN):
        shapes.append(text(mark(pfn), 78, f"page {pfn}", "muted middle"))
    for at, span in enumerate(states):
        shapes += drawn(span, TOP + 12 + at * ROW, page)
        if at:
            shapes.append(line(16, TOP + at * ROW - 2, WIDTH - 16, TOP + at * ROW - 2, "thin"))
    torn = TOP + 12 + ROW
    reader = shown.trace.names[shown.trace.events[-1].thread]
    shapes += [
        text(WIDTH - 130, torn + 13, reader, "bad strong"),
        text(WIDTH - 130, torn + 30, f"reads {states[1].text},", "bad"),
        text(WIDTH - 130, torn + 47, "and stops", "bad"),
        arrow(WIDTH - 136, torn + 9, mark(page) + 46, torn + 15),
    ]
    says = " ".join(
        f"{each.after}: the span is {each.text}, page {page} is "
        f"{'inside' if each.start <= page < each.start + each.spanned else 'outside'}."
        for each in states
    )
    return svg("The span of a zone, torn in two stores", says, WIDTH, bottom + 20, shapes)
