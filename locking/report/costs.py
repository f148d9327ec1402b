"""What cases cost in time, as a person reads it: tables, one run as bars, its critical path."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from rich.console import Console

from locking.durations.costs import Cost
from locking.durations.makespan import Makespan
from locking.durations.timeline import Bar, Timeline
from locking.report.matrix import UNKNOWN, Column, Entry, Matrix, Row
from locking.report.to_terminal import fill, printed
from locking.scope import chosen_in
from locking.text.fit import GAP, wrapped
from locking.traces.path import letters

FREE = "whoever waits may be next"
QUEUED = "first come, first served"
CHOSEN = "by the rules that were chosen"
"""Which of those that wait is next, in the words of a table."""

NO_RULE = "-"
"""What stands where the locks of a case have no such rule."""

WAITING = "·"
"""What a column of a timeline shows where a thread waits."""

LEGEND = "capitals: on the critical path; ·: it waits; each column is {seconds} s"


def render(costs: Sequence[Cost], console: Console) -> str:
    """Tables of all costs, and of a single one its run as well."""
    width = console.width
    nodes = sorted({each.nodes for each in costs})
    by_nodes = ", by nodes" if nodes != [0] else ""
    heading = f"{costs[0].case.model.reference}: seconds until all threads have ended{by_nodes}"
    parts = [printed(fill(heading, width), [], [], console)]
    tables = list(times_by_rule(costs, nodes))
    for title, table in tables:
        parts.append(printed([f"{title}:"], [table], [], console))
    notes = list(
        chain.from_iterable(fill(note, width) for each in costs for note in notes_of(each))
    )
    if any(
        entry.text == NO_RULE for _, table in tables for col in table.columns for entry in col.cells
    ):
        notes += fill(f"{NO_RULE}: no object of that case may work by this rule", width)
    parts += [printed(notes, [], [], console)] if notes else []
    if len(costs) == 1 and costs[0].run:
        parts.append(printed(list(run_in_words(costs[0], costs[0].run, width)), [], [], console))
    return "\n".join(parts)


def times_by_rule(costs: Sequence[Cost], nodes: Sequence[int]) -> Iterator[tuple[str, Matrix]]:
    """The tables that have some time, each with which of those that wait is next."""
    chosen = any(chosen_in(each.case.scope) for each in costs)
    for title, which in ((CHOSEN if chosen else FREE, free_of), (QUEUED, queued_of)):
        if any(which(each) for each in costs):
            yield title, times_of(costs, nodes, which)


def free_of(cost: Cost) -> Makespan | None:
    """The makespans where any of those that wait may be next."""
    return cost.free


def queued_of(cost: Cost) -> Makespan | None:
    """The makespans where who came first is next."""
    return cost.queued


def times_of(
    costs: Sequence[Cost], nodes: Sequence[int], which: Callable[[Cost], Makespan | None]
) -> Matrix:
    """A row for each case, a column for each number of nodes."""
    names = dict.fromkeys(each.name for each in costs)
    cells = {(each.name, each.nodes): times(each, which(each)) for each in costs}
    return Matrix(
        tuple(Row(name, ()) for name in names),
        tuple(
            Column(
                str(number) if number else "seconds",
                tuple(Entry(cells.get((name, number), "")) for name in names),
                number=True,
            )
            for number in nodes
        ),
        {},
    )


def times(cost: Cost, makespan: Makespan | None) -> str:
    """Best and worst, as one number where they are one."""
    if makespan is None:
        return UNKNOWN if cost.cause else NO_RULE
    if makespan.best is None:
        return "no end"
    best = in_seconds(cost, makespan.best)
    worst = "endless" if makespan.worst is None else in_seconds(cost, makespan.worst)
    return best if best == worst else f"{best}..{worst}"


def in_seconds(cost: Cost, units: int) -> str:
    """A time in seconds, in at most six digits."""
    return f"{cost.seconds(units):.6g}"


def notes_of(cost: Cost) -> Iterator[str]:
    """What the numbers of a case leave out."""
    name = cost.name + (f", {cost.nodes}" if cost.nodes else "")
    if cost.cause:
        yield f"{name}: unknown ({cost.cause})"
    found = [each for each in (cost.free, cost.queued) if each]
    if any(each.stuck for each in found):
        yield f"{name}: in some runs a thread waits forever; they have no time and are left out"
    if any(each.broken for each in found):
        yield f"{name}: some runs break off at what a thread fails; they are left out"


def run_in_words(cost: Cost, run: Timeline, width: int) -> Iterator[str]:
    """One run: its bars, its critical path, and who waits for what."""
    kind = f" of {QUEUED}" if cost.queued else ""
    yield from fill(f"the longest run{kind}: {in_seconds(cost, run.end)} s", width)
    yield ""
    yield from drawn_bars(cost, run, width)
    yield ""
    yield "critical path:"
    yield from critical_path(cost, run, width)
    if run.waits:
        yield ""
        yield "time waited, by lock and thread:"
        yield from in_columns(
            (
                (what, thread, in_seconds(cost, units))
                for (what, thread), units in run.waits.items()
            ),
            width,
        )


def drawn_bars(cost: Cost, run: Timeline, width: int) -> Iterator[str]:
    """A line for each thread, in which a letter stands for what it does, and the letters."""
    names = max(len(each) for each in run.threads)
    room = max(width - len(GAP) - names, 1)
    steps = dict.fromkeys(each.what for each in run.bars if not each.waits)
    signs = {step: letters(at)[-1:] for at, step in enumerate(steps)}
    critical = {link.bar for link in run.critical}
    for thread in run.threads:
        mine = [each for each in run.bars if each.thread == thread]
        drawn = (column(mine, critical, signs, run.end, at, room) for at in range(room))
        yield (thread.ljust(names) + GAP + "".join(drawn)).rstrip()
    yield ""
    yield from fill("; ".join(f"{sign}: {step}" for step, sign in signs.items()), width)
    yield from fill(LEGEND.format(seconds=f"{cost.seconds(run.end) / room:.3g}"), width)


def column(
    bars: Sequence[Bar], critical: set[Bar], signs: dict[str, str], end: int, at: int, room: int
) -> str:
    """The sign of what fills the most of column `at` of `room`; a blank where nothing does."""
    begin, until = end * at / room, end * (at + 1) / room
    share = {each: min(each.end, until) - max(each.begin, begin) for each in bars}
    most = max(share, key=share.__getitem__, default=None)
    if most is None or share[most] <= 0:
        return " "
    if most.waits:
        return WAITING
    return signs[most.what].upper() if most in critical else signs[most.what]


def critical_path(cost: Cost, run: Timeline, width: int) -> Iterator[str]:
    """A line for each link: from when to when, who, what, and what was waited for before."""
    yield from in_columns(
        (
            (
                f"{in_seconds(cost, link.bar.begin)} to {in_seconds(cost, link.bar.end)}",
                link.bar.thread,
                link.bar.what + (f", after it waited for {link.after}" if link.after else ""),
            )
            for link in run.critical
        ),
        width,
    )


def in_columns(lines: Iterable[tuple[str, ...]], width: int) -> Iterator[str]:
    """Lines of texts that stand below each other; the last text of each is folded to `width`."""
    rows = list(lines)
    wide = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for *row, last in rows:
        cells = (cell.ljust(room) for cell, room in zip(row, wide[:-1], strict=True))
        first = GAP + "".join(cell + GAP for cell in cells)
        yield from wrapped(last, width, first, " " * min(len(first), width // 2))
