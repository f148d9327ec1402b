"""The columns of a trace: one for each thread, time downwards.

Lines on locks, and on steps that are not shown one by one, go across all columns.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from locking.programs.position import Fault
from locking.text.fit import GAP, escape, folded, middle
from locking.text.styled import Line, Part, joined, padded, plain, styled
from locking.traces.forms.page import Detail, Page
from locking.traces.forms.sections import shared
from locking.traces.forms.terminal.cells import Cells, lock_line, news_of
from locking.traces.forms.terminal.column_widths import Layout, layout
from locking.traces.forms.terminal.folding import Stretch, left_out, stretches, summed_up
from locking.traces.replay import Event, Held, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.wording import failure_in_words, steps_in_words

LINES_OF_A_FOLD = 5
"""Lines that may say what a stretch of steps did."""

NONE = Part("")
"""What stands in the gutter beside all lines but the first of a step."""

Lanes = Mapping[int, Sequence[Line]]
"""For threads that have something to show, the lines of their column."""


def run_table(
    run: ShownRun, needed: Collection[int], page: Page
) -> tuple[list[Line], tuple[str, ...]]:
    """The columns, from the names to the last step, and the sections that they name.

    `needed` is what the failure depends on.
    """
    trace = run.trace
    found = stretches(trace, needed, page.detail)
    events = [event for stretch in found for event in stretch.events if stretch.shown]
    lanes = events if page.detail is Detail.WHY else trace.events
    threads = tuple(sorted({event.thread for event in lanes}))
    if not threads:
        return [], ()
    at = layout(trace, events, threads, page.width)
    names = dict.fromkeys(name for e in trace.events for name in (*e.inside, *e.inside_after))
    cells = Cells(
        at.cell, at.source, at.text, bool(at.one_file), {name: n for n, name in enumerate(names)}
    )
    drawn = Table(trace, at, cells, page.detail, run.round)
    lines = list(drawn.lines(found, needed))
    return lines, tuple(
        name for name in names if page.detail is not Detail.WHY or name in drawn.entered
    )


def for_ever(numbers: range) -> str:
    """The line before the steps that are gone round for ever."""
    return f"{steps_in_words(numbers)} forever: after step {numbers[-1]} all is as it is here"


@dataclass
class Table:
    """What the lines need to know.

    `inside` are the sections of each thread, `entered` all that were shown to be entered, `locks`
    what was said of each lock; they are brought up to date as the stretches are gone through, in
    order.
    """

    trace: Trace
    at: Layout
    cells: Cells
    detail: Detail
    round: range

    def __post_init__(self) -> None:
        self.inside: dict[int, tuple[str, ...]] = {}
        self.entered = set[str]()
        for event in self.trace.events:
            self.inside.setdefault(event.thread, event.inside)
        self.locks: dict[str, Held] = {}

    def lines(self, found: Sequence[Stretch], needed: Collection[int]) -> Iterator[Line]:
        """All lines."""
        yield from self.header()
        start = {lane: self.cells.entered((), self.inside[lane]) for lane in self.at.lanes}
        self.entered.update(name for lane in self.at.lanes for name in self.inside[lane])
        for lanes in [{lane: lines} for lane, lines in start.items()] if self.at.label else [start]:
            yield from self.rows(lanes)
        for stretch, after in pairwise([*found, Stretch((), True)]):
            if self.round and stretch.numbers[0] == self.round[0]:
                yield from self.across(styled(self.folded(f"↻ {for_ever(self.round)}"), "fold"))
            if stretch.shown:
                thread = stretch.events[0].thread
                on = not after.shown and thread in after.threads
                yield from self.step(stretch.events, stretch.numbers[0] in needed, on)
            else:
                yield from self.unshown(stretch)
        yield from self.failures(stopped=True)

    def header(self) -> list[Line]:
        """The names of the columns, and a rule under them."""
        at = self.at
        if at.one_file:
            room = at.width - at.gutter
            file = Part(middle(at.one_file, room).rjust(room), "source")
            return [(Part(" " * at.gutter), file)]
        if at.label:
            return []
        gutter = (Part(" " * at.gutter),)
        names = [(Part(self.name(lane, at.cell), f"name:{lane}"),) for lane in at.lanes]
        rules = [(Part("─" * at.cell, f"thread:{lane}"),) for lane in at.lanes]
        return [
            (*gutter, *joined([padded(name, at.cell) for name in names], GAP)),
            (*gutter, *joined(rules, GAP)),
        ]

    def name(self, thread: int, room: int) -> str:
        """The name of a thread."""
        return middle(escape(self.trace.names[thread]), room)

    def step(self, events: Sequence[Event], needed: bool, on: bool) -> Iterator[Line]:
        """The lines of one step; several events are an atomic block.

        `on` is whether the thread goes on at once, unshown: what it enters may be left by then.
        """
        if self.at.label:
            yield from self.listed(events, needed, on)
            return
        thread, block = events[0].thread, len(events) > 1
        label = Part(str(events[0].number), "needed" if needed else "step")
        if block:
            opening = (*self.cells.bars(events[0].inside), Part("atomic {"))
            yield from self.rows({thread: [opening]}, label)
            label = NONE
        for at, event in enumerate(events):
            lines = self.cells.body(event, GAP if block else "")
            yield from self.rows({thread: lines}, label, self.beside(events, at))
            yield from self.lock_lines(event.held)
            if event is self.trace.events[-1]:
                yield from self.failures(stopped=False)
            label, outer = NONE, event.inside
            if block and event is events[-1]:
                kept = max(shared(events[0].inside, outer), shared(outer, event.inside_after))
                outer = outer[:kept]
                yield from self.moved(thread, event.inside, outer)
                yield from self.rows({thread: [(*self.cells.bars(outer), Part("}"))]})
            kept = shared(outer, event.inside_after) if on else len(event.inside_after)
            yield from self.moved(thread, outer, event.inside_after[:kept])

    def beside(self, events: Sequence[Event], at: int) -> list[Line]:
        """The source of an event of a step; a helper is named once in a block."""
        event = events[at]
        known = at > 0 and events[at - 1].called == event.called
        return self.cells.beside(event.site, None if known else event.called)

    def listed(self, events: Sequence[Event], needed: bool, on: bool) -> Iterator[Line]:
        """The lines of one step where one column is for all threads: as few as there can be.

        An atomic block stands between braces. What becomes of locks and sections stands behind the
        operation where there is room.
        """
        label = Part(str(events[0].number), "needed" if needed else "step")
        for at, event in enumerate(events):
            lines = self.in_block(event, events) if len(events) > 1 else self.cells.body(event, "")
            inside, after = event.inside, event.inside_after
            after = after[: shared(inside, after)] if on else after
            locks = [
                f"· {in_full}"
                for brief, in_full in self.news(event)
                if not self.behind(lines, Part(f"· {brief}", "lock"))
            ]
            marks = joined([(part,) for part in self.cells.marks(inside, after)], GAP)
            fits = bool(marks) and self.behind(lines, *marks)
            yield from self.rows({event.thread: lines}, label, self.beside(events, at))
            yield from self.across(styled(self.folded(GAP.join(locks)) if locks else [], "lock"))
            yield from self.moved(event.thread, after if fits else inside, after)
            if event is self.trace.events[-1]:
                yield from self.failures(stopped=False)
            label = NONE

    def in_block(self, event: Event, events: Sequence[Event]) -> list[Line]:
        """What an event of an atomic block does; the first and the last have the braces."""
        lines = replace(self.cells, width=self.cells.width - len(GAP)).body(event, GAP)
        if event is events[0]:
            bars = len(self.cells.bars(event.inside))
            lines[0] = (*lines[0][:bars], Part("{ "), *lines[0][bars + 1 :])
        if event is events[-1]:
            lines[-1] = (*lines[-1], Part(" }"))
        return lines

    def behind(self, lines: list[Line], *parts: Part) -> bool:
        """Whether parts of a line fit behind the last of some lines; if so they are put there."""
        longer = joined([lines[-1], parts], GAP)
        if len(plain(longer)) > self.cells.width:
            return False
        lines[-1] = longer
        return True

    def news(self, event: Event) -> Iterator[tuple[str, str]]:
        """What has become of locks by an event, as far as its own line does not say that.

        It is said in brief, as it stands behind the operation, and in full.
        """
        for held in event.held:
            before, self.locks[held.name] = self.locks.get(held.name), held
            change = event.change
            told = bool(change and change.object == held.name and not change.is_lock)
            told |= before is not None and before.says == held.says
            who = self.trace.names[event.thread]
            comes = who in held.waiters and not (before and who in before.waiters)
            if comes and not held.holders and held.name != event.target:
                yield f"waits for {held.name}", news_of(held, "", told)
            elif not told or held.waiters:
                yield news_of(held, event.target, told), news_of(held, "", told)

    def unshown(self, stretch: Stretch) -> Iterator[Line]:
        """The lines for a stretch that is not shown, and for what has changed after it."""
        why = self.detail is Detail.WHY
        names, inside = self.trace.names, self.inside[stretch.events[0].thread]
        text = left_out(stretch, names) if why else summed_up(stretch, names, inside)
        yield from self.across(styled(self.folded(f"⋮ {text}"), "fold"))
        after = {event.thread: event.inside_after for event in stretch.events}
        shown = [thread for thread in stretch.threads if thread in self.at.lanes]
        for thread in shown:
            kept = self.inside[thread][: shared(self.inside[thread], after[thread])]
            yield from self.moved(thread, self.inside[thread], kept)
        if not why:
            held = {held.name: held for event in stretch.events for held in event.held}
            yield from self.lock_lines([each for each in held.values() if self.differs(each)])
        for thread in shown:
            yield from self.moved(thread, self.inside[thread], after[thread])
        if stretch.events[-1] is self.trace.events[-1]:
            yield from self.failures(stopped=False)

    def folded(self, text: str) -> list[str]:
        """A text across all columns, in few lines."""
        return folded(text, self.at.width - self.at.gutter, LINES_OF_A_FOLD)

    def differs(self, held: Held) -> bool:
        """Whether a lock is not as it was last said to be; at first, all are free."""
        said = self.locks.get(held.name)
        return held != said if said else bool(held.holders or held.waiters)

    def lock_lines(self, held: Sequence[Held]) -> Iterator[Line]:
        """Who holds and who waits, for each of some locks."""
        for each in held:
            self.locks[each.name] = each
            yield from self.across(lock_line(each, self.at.width - self.at.gutter))

    def across(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Lines beside the gutter."""
        return ((Part(" " * self.at.gutter), *line) for line in lines)

    def moved(self, thread: int, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Line]:
        """The sections that a thread leaves and those that it enters."""
        self.inside[thread] = after
        self.entered.update(after)
        yield from self.rows({thread: self.cells.left(before, after)})
        yield from self.rows({thread: self.cells.entered(before, after)})

    def failures(self, stopped: bool) -> Iterator[Line]:
        """What a thread failed at the end, in its column: what `stopped` it, or all else."""
        thread = self.trace.events[-1].thread
        position = self.trace.product.position(thread, self.trace.end)
        for failure in position.failures:
            if (failure is position.failure) is not stopped:
                continue
            if failure.kind is not Fault.MISUSE and thread in self.at.lanes:
                prefix = self.cells.bars(self.inside[thread])
                room = self.at.cell - len(plain(prefix))
                lines = styled(folded(f"!! {failure_in_words(failure)}", room), "failure")
                site = self.cells.beside(position.site) if stopped else []
                yield from self.rows({thread: [(*prefix, *line) for line in lines]}, source=site)

    def rows(self, lanes: Lanes, label: Part = NONE, source: Sequence[Line] = ()) -> Iterator[Line]:
        """Lines of the table: `lanes` side by side, bars where others are inside sections."""
        height = max(map(len, lanes.values()), default=0)
        for line in range(max(height, len(source)) if height else 0):
            first = label if line == 0 else NONE
            gutter = first._replace(text=first.text.rjust(self.at.gutter - len(GAP)))
            yield joined([(gutter,), *self.row(lanes, line), *source[line : line + 1]], GAP)

    def row(self, lanes: Lanes, line: int) -> Iterator[Line]:
        """What stands in each column of one line."""
        if self.at.label:
            ((thread, lines),) = lanes.items()
            name = self.name(thread, self.at.label) if line == 0 else ""
            yield padded((Part(name, f"name:{thread}"),), self.at.label)
            yield padded(lines[line] if line < len(lines) else (), self.at.cell)
            return
        for lane in self.at.lanes:
            lines = lanes.get(lane, ())
            there = lines[line] if line < len(lines) else self.cells.bars(self.inside[lane])
            yield padded(there, self.at.cell)
