"""A trace as plain text: a column a thread, time downwards, and at the end why it ends so.

    step number | what each thread does, in its own column | line of the model

`┌ NAME` and `└ NAME` are where a thread enters and leaves a section; the bar between them says that
it is still inside. `·` begins a line on a lock: who holds it now and who waits for it. Threads that
take no step have no column. Where the columns would be too narrow there is one for all, with names.
No colours: the text is the same on a screen and in a file.
"""

import ast
import linecache
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise

from locking.objects.operation import Site
from locking.programs.run import Failure
from locking.programs.traps import Choice as Choosing
from locking.properties.deadlock import blocked_in
from locking.properties.explored import Finding, Property
from locking.properties.failing import NeverFails
from locking.traces.explain import diagnose, line_of, listed
from locking.traces.fitting import GAP, columns, cut, escape, folded, middle
from locking.traces.replay import Event, Trace

NARROWEST = 40
"""Columns below which the width is not followed."""

CELL_BESIDE, CELL_UNDER, CELL_WITH_TEXT = 24, 14, 34
"""Least width of a thread's column with source lines beside it and under; most, with the text."""

DEEPEST = 4
"""Bars that a column shows at most."""

Inside = dict[int, tuple[str, ...]]
"""The sections of each thread."""

Lanes = Mapping[int, Sequence[str]]
"""For threads that have something to show, the lines of their column."""


@dataclass(frozen=True)
class Layout:
    """Widths. `label` is the column of names, 0 where every thread has its own column.

    `source` is the column of source lines, 0 where they stand under the operation; `text` says
    whether it shows the model's text too.
    """

    width: int
    gutter: int
    lanes: tuple[int, ...]
    cell: int
    label: int = 0
    source: int = 0
    text: bool = False


def render(
    trace: Trace,
    property_: Property,
    finding: Finding,
    path: str,
    width: int = 80,
    notes: Mapping[str, str] | None = None,
    command: str = "locking replay",
) -> str:
    """The text of a run that shows `finding`; only the line that replays it may be wider.

    `notes` say what a section or a step stands for in the kernel. Without a `path`, there is no
    line that says how `command` replays it.
    """
    width = max(width, NARROWEST)
    parts = [
        heading(trace, property_, width),
        table(trace, layout(trace, width)) if trace.events else [],
        legend(trace, notes or {}, width),
        ends(trace, width),
        folded(f"Why: {diagnose(trace, finding, property_)}", width, limit=0),
        condition(trace, property_, finding, width),
        [f"Replay: {escape(f'{command} {path}')}"] if path else [],
    ]
    lines = [line.rstrip() for part in parts if part for line in ["", *part]]
    return "\n".join(lines[1:]) + "\n"


def heading(trace: Trace, property_: Property, width: int) -> list[str]:
    """The property, whether it fails or is witnessed, and the length of the run."""
    steps = [event.thread for _, (event, *_) in by_step(trace)]
    switches = sum(one != other for one, other in pairwise(steps))
    says = "is witnessed" if property_.wanted else "fails"
    text = (
        f"{escape(property_.name)} {says} after {counted(len(steps), 'step')}, "
        f"{counted(switches, 'context switch', 'es')}"
    )
    return folded(text, width)


def by_step(trace: Trace) -> list[tuple[int, list[Event]]]:
    """The events of each step."""
    return [(number, list(group)) for number, group in groupby(trace.events, lambda e: e.number)]


def counted(count: int, noun: str, plural: str = "s") -> str:
    """A number with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def layout(trace: Trace, width: int) -> Layout:
    """The widest of the layouts that fit."""
    lanes = tuple(sorted({event.thread for event in trace.events}))
    gutter = max(2, len(str(trace.events[-1].number))) + len(GAP)
    sites = min(max(len(line_of(event.site)) for event in trace.events), width // 4)
    natural = max(
        *(len(escape(trace.names[lane])) for lane in lanes),
        *(len(line) for event in trace.events for line in alone(event)),
    )
    fitting = partial(Layout, width, gutter, lanes)
    texted = min(natural, CELL_WITH_TEXT)
    rest = width - gutter - len(lanes) * (texted + len(GAP))
    if width >= 120 and rest >= sites + 18:
        return fitting(texted, source=rest, text=True)
    beside = (width - gutter - sites) // len(lanes) - len(GAP)
    if beside >= min(CELL_BESIDE, natural):
        return fitting(min(natural, beside), source=sites)
    under = (width - gutter + len(GAP)) // len(lanes) - len(GAP)
    if under >= CELL_UNDER:
        return fitting(under)
    label = min(max(len(escape(trace.names[lane])) for lane in lanes), width // 4)
    return fitting(width - gutter - label - sites - 2 * len(GAP), label=label, source=sites)


def alone(event: Event) -> list[str]:
    """What an event shows, were there all the room for it."""
    first, *others = pieces(event)
    text = bars(event.inside) + GAP * 2 + GAP.join([first, *others])
    return [
        text,
        f"!! {event.misuse}"[:CELL_WITH_TEXT],
        *left(event.inside, (), 1000),
        *entered((), event.inside_after, 1000),
    ]


def table(trace: Trace, at: Layout) -> list[str]:
    """The columns, from the names to the last step."""
    names = {lane: escape(trace.names[lane]) for lane in at.lanes}
    inside: Inside = {}
    for event in trace.events:
        inside.setdefault(event.thread, event.inside)
    table = Table(at, names, inside)
    start = {lane: entered((), inside[lane], at.cell) for lane in at.lanes}
    together = [{lane: lines} for lane, lines in start.items()] if at.label else [start]
    lines = [*header(names, at), *(line for lanes in together for line in table.rows(lanes))]
    for number, events in by_step(trace):
        lines += table.step(number, events)
    return [*lines, *table.failures(trace)]


def header(names: Mapping[int, str], at: Layout) -> list[str]:
    """The names of the columns, and a rule under them."""
    if at.label:
        return []
    shown = [middle(names[lane], at.cell) for lane in at.lanes]
    gutter = " " * at.gutter
    rule = GAP.join("─" * at.cell for _ in at.lanes)
    return [gutter + GAP.join(name.ljust(at.cell) for name in shown), gutter + rule]


@dataclass(frozen=True)
class Table:
    """What lines of the columns need: `names` of the threads, and the sections they are `inside`.

    `inside` is brought up to date as the steps are gone through, in order.
    """

    at: Layout
    names: Mapping[int, str]
    inside: Inside

    def step(self, number: int, events: list[Event]) -> Iterator[str]:
        """The lines of one step; several events are an atomic block."""
        thread, block = events[0].thread, len(events) > 1
        label = str(number)
        if block:
            yield from self.rows({thread: [bars(events[0].inside) + "atomic {"]}, label)
            label = ""
        for event in events:
            lines = body(event, self.at, GAP if block else "")
            yield from self.rows({thread: lines}, label, beside(event.site, self.at))
            yield from lock_lines(event, self.at)
            label, outer = "", event.inside
            if block and event is events[-1]:
                kept = max(shared(events[0].inside, outer), shared(outer, event.inside_after))
                outer = outer[:kept]
                yield from self.moved(thread, event.inside, outer)
                yield from self.rows({thread: [bars(outer) + "}"]})
            yield from self.moved(thread, outer, event.inside_after)

    def moved(self, thread: int, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
        """The sections that a thread leaves and those that it enters."""
        self.inside[thread] = after
        yield from self.rows({thread: left(before, after, self.at.cell)})
        yield from self.rows({thread: entered(before, after, self.at.cell)})

    def failures(self, trace: Trace) -> Iterator[str]:
        """What a thread failed at the end, in its column."""
        thread = trace.events[-1].thread
        position = trace.product.position(thread, trace.end)
        for failure in position.failures:
            if failure.name != "misuse":
                prefix = bars(self.inside[thread])
                lines = folded(f"!! {failed(failure)}", self.at.cell - len(prefix))
                site = beside(position.site, self.at) if position.failure else []
                yield from self.rows({thread: [prefix + line for line in lines]}, "", site)

    def rows(self, lanes: Lanes, label: str = "", source: Sequence[str] = ()) -> Iterator[str]:
        """Lines of the table: `lanes` side by side, bars where others are inside sections."""
        at = self.at
        height = max(map(len, lanes.values()), default=0)
        for line in range(max(height, len(source)) if height else 0):
            gutter = (label if line == 0 else "").rjust(at.gutter - len(GAP)) + GAP
            cells = GAP.join(self.cells(lanes, line))
            yield gutter + GAP.join([cells, *source[line : line + 1]])

    def cells(self, lanes: Lanes, line: int) -> Iterator[str]:
        """What stands in each column of one line."""
        if self.at.label:
            ((thread, lines),) = lanes.items()
            name = middle(self.names[thread], self.at.label) if line == 0 else ""
            yield name.ljust(self.at.label)
            yield (lines[line] if line < len(lines) else "").ljust(self.at.cell)
            return
        for lane in self.at.lanes:
            lines = lanes.get(lane, ())
            text = lines[line] if line < len(lines) else bars(self.inside[lane])
            yield text.ljust(self.at.cell)


def bars(inside: Sequence[str]) -> str:
    """One bar for each section that a thread is inside."""
    return "│" * min(len(inside), DEEPEST) + " " if inside else ""


def left(before: Sequence[str], after: Sequence[str], width: int) -> list[str]:
    """The ends of the sections that are left, innermost first."""
    depths = range(len(before) - 1, shared(before, after) - 1, -1)
    return [mark("└", before, depth, width) for depth in depths]


def entered(before: Sequence[str], after: Sequence[str], width: int) -> list[str]:
    """The beginnings of the sections that are entered, outermost first."""
    return [mark("┌", after, depth, width) for depth in range(shared(before, after), len(after))]


def mark(corner: str, inside: Sequence[str], depth: int, width: int) -> str:
    """The line at which the section at `depth` begins or ends."""
    return middle("│" * min(depth, DEEPEST - 1) + corner + " " + escape(inside[depth]), width)


def shared(before: Sequence[str], after: Sequence[str]) -> int:
    """How many sections, from the outermost, are the same."""
    pairs = zip(before, after, strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after))
    )


def body(event: Event, at: Layout, indent: str) -> list[str]:
    """What an event does, in its column."""
    prefix = bars(event.inside) + indent
    room = at.cell - len(prefix)
    call, *others = pieces(event)
    lines = folded(call, room)
    for piece in others:
        joined = lines[-1] + GAP + piece
        if len(joined) <= room:
            lines[-1] = joined
        else:
            lines += ["  " + line for line in folded(piece, room - 2)]
    if event.misuse:
        lines += folded(f"!! misuse: {escape(event.misuse)}", room)
    if not at.source:
        lines.append("  " + middle(line_of(event.site), room - 2))
    return [prefix + line for line in lines]


def pieces(event: Event) -> list[str]:
    """The call with its result, and what came of it: change and variables."""
    found = [escape(event.call + result(event))]
    if event.queued:
        found.append("waits in the queue")
    if event.change and not event.change.is_lock and not event.queued:
        found.append(f"{escape(event.change.old)} -> {escape(event.change.new)}")
    return found + [f"{escape(name)} = {escape(text)}" for name, text in event.locals]


def result(event: Event) -> str:
    """What an operation returned, or which option was chosen."""
    if event.call == "choose":
        return f" -> {event.result!r}"
    return f" = {event.result!r}" if event.gave else ""


def lock_lines(event: Event, at: Layout) -> Iterator[str]:
    """Who holds and who waits, for every lock where that is now otherwise."""
    for name, text in event.locks:
        for line in folded(f"· {escape(name)}: {escape(text)}", at.width - at.gutter):
            yield " " * at.gutter + line


def beside(site: Site, at: Layout) -> list[str]:
    """The column of source lines."""
    if not at.source:
        return []
    text = line_of(site)
    if at.text:
        text += GAP + escape(linecache.getline(site.filename, site.line).strip())
        return [cut(text, at.source)]
    return [middle(text, at.source)]


def legend(trace: Trace, notes: Mapping[str, str], width: int) -> list[str]:
    """What the sections of this run stand for."""
    seen = dict.fromkeys(
        name for event in trace.events for name in (*event.inside, *event.inside_after)
    )
    shown = [(name, notes[name]) for name in seen if notes.get(name)]
    return columns("In the kernel:", shown, width)


def ends(trace: Trace, width: int) -> list[str]:
    """Where every thread is at the end."""
    found = [(name, whereabouts(trace, thread)) for thread, name in enumerate(trace.names)]
    return columns("At the end:", found, width)


def whereabouts(trace: Trace, thread: int) -> str:
    """Where a thread is at the end: inside which sections, and what it would do next."""
    position = trace.product.position(thread, trace.end)
    where = f" at {line_of(position.site)}"
    inside = f", inside {listed(list(position.inside))}" if position.inside else ""
    waits = blocked_in(trace.product, thread, trace.end)
    if position.failure:
        return f"stopped, {failed(position.failure)}{where}{inside}"
    if position.next is None:
        return "ended"
    if waits:
        return f"waits in {waits}{where}{inside}"
    call = "choose" if isinstance(position.next, Choosing) else position.next
    return f"next {call}{where}{inside}"


def failed(failure: Failure) -> str:
    """What a thread failed, in a few words."""
    known = {"assertion": "assertion false", "misuse": "misuse"}
    return known.get(failure.name or "", f"requirement {failure.name} not met")


def condition(trace: Trace, property_: Property, finding: Finding, width: int) -> list[str]:
    """The condition that is violated or shown, and the values of what it speaks of.

    What it says of threads stands under their names already.
    """
    title = "Shown" if property_.wanted else "Violated"
    says = property_.about or finding.says or property_.name
    values = [f"{name} = {value}" for name, value in finding.operands if name not in trace.names]
    lines = [*filter(None, source_of_failure(trace, property_)), *values]
    return [
        *folded(f"{title}: {says}", width),
        *(GAP + part for line in lines for part in folded(line, width - len(GAP))),
    ]


def source_of_failure(trace: Trace, property_: Property) -> list[str]:
    """The statement of the model at which a thread broke off, where that is what failed."""
    if not isinstance(property_, NeverFails) or property_.cause == "misuse":
        return []
    positions = (trace.product.position(at, trace.end) for at in range(len(trace.names)))
    return [statement(position.site) for position in positions if position.failure]


def statement(site: Site) -> str:
    """The statement that a line of a model belongs to, as one line."""
    lines = linecache.getlines(site.filename)
    try:
        nodes = list(ast.walk(ast.parse("".join(lines))))
    except SyntaxError:
        return ""
    found = [
        node
        for node in nodes
        if isinstance(node, (ast.Assert, ast.Expr, ast.Raise))
        and node.lineno <= site.line <= (node.end_lineno or node.lineno)
    ]
    if not found:
        return linecache.getline(site.filename, site.line).strip()
    return ast.unparse(found[-1])
