"""The last events of a trace as columns, one for each task, as every run is drawn.

`┌ NAME` and `└ NAME` are where a task enters and leaves a region or a named step; the bar between
them says that it is still inside. `·` begins a line on a lock, `!!` the event that no run shows.
"""

from collections.abc import Iterator, Mapping, Sequence

from locking.conformance.judged import FollowedEvent, Judged
from locking.conformance.recording import ObservedEvent
from locking.conformance.role_paths import Whereabouts
from locking.objects.operation import Holding
from locking.text.fit import GAP, escape, folded, middle
from locking.text.styled import Line, Part, joined, padded, styled

NARROWEST_COLUMN = 18
"""Characters of a column below which one is for all tasks, with their names."""


Holders = Mapping[str, tuple[Holding, ...]]
"""Who holds each lock."""


def sections_around(places: Sequence[Whereabouts]) -> tuple[str, ...]:
    """The regions and the step around a task, as far as they are the same wherever it may be."""
    each = [(*place.inside, *([place.step] if place.step else [])) for place in places]
    found: list[str] = []
    for names in zip(*each, strict=False):
        if len(set(names)) > 1:
            break
        found.append(names[0])
    return tuple(found)


def drawn(judged: Judged, width: int) -> list[Line]:
    """The last events that were followed, and the one that no run shows."""
    offence = judged.offence
    events = [shown.observed for shown in judged.last] + ([offence.at] if offence else [])
    tasks = list(dict.fromkeys(each.event.who for each in events))
    gutter = len(str(events[-1].event.line)) if events else 0
    room = (width - gutter) // max(len(tasks), 1) - len(GAP)
    columns = tasks if room >= NARROWEST_COLUMN else []
    cell = min(room, 40) if columns else width - gutter - 2 * len(GAP)
    made = Columns(columns, gutter, cell)
    lines = list(made.header())
    for number, shown in enumerate(judged.last):
        before = judged.last[number - 1] if number else shown
        lines += made.event(shown)
        holders = judged.rules.holders
        lines += made.locks(holders(before.states), holders(shown.states), width)
    if offence:
        lines += made.offence(offence.at)
    return lines


class Columns:
    """The columns of some tasks; `tasks` is empty where one column is for all."""

    def __init__(self, tasks: Sequence[str], gutter: int, cell: int) -> None:
        self.tasks = list(tasks)
        self.gutter = gutter
        self.cell = cell
        self.inside: dict[str, tuple[str, ...]] = {}

    def header(self) -> Iterator[Line]:
        """The names of the tasks, and a rule under them."""
        if self.tasks:
            names = [
                padded((Part(middle(escape(task), self.cell), f"name:{number}"),), self.cell)
                for number, task in enumerate(self.tasks)
            ]
            rules = [(Part("─" * self.cell, f"thread:{n}"),) for n in range(len(self.tasks))]
            yield from (joined([(Part(" " * self.gutter),), *each], GAP) for each in (names, rules))

    def event(self, shown: FollowedEvent) -> Iterator[Line]:
        """What one event did."""
        task = shown.observed.event.who
        before, after = sections_around(shown.before), sections_around(shown.places)
        self.inside.setdefault(task, before)
        yield self.row(task, event_text(shown.observed), shown.observed.event.line)
        kept = 0
        while kept < min(len(before), len(after)) and before[kept] == after[kept]:
            kept += 1
        for depth in range(len(before) - 1, kept - 1, -1):
            self.inside[task] = before[:depth]
            yield self.row(task, f"└ {before[depth]}")
        for depth in range(kept, len(after)):
            self.inside[task] = after[:depth]
            yield self.row(task, f"┌ {after[depth]}")
        self.inside[task] = after

    def locks(self, before: Holders, after: Holders, width: int) -> Iterator[Line]:
        """Who holds what, where that has changed."""
        for lock, holders in after.items():
            if holders != before.get(lock):
                who = ", ".join(f"{each.mode} {each.thread}" for each in holders) or "free"
                for line in folded(f"· {lock}: {who}", width - self.gutter):
                    yield joined([(Part(" " * self.gutter),), (Part(line, "lock"),)], GAP)

    def offence(self, observed: ObservedEvent) -> Iterator[Line]:
        """The event that no run shows."""
        yield self.row(
            observed.event.who, f"!! {event_text(observed)}", observed.event.line, "failure"
        )

    def row(self, task: str, text: str, line: int = 0, style: str = "") -> Line:
        """One line, in the column of its task."""
        number = Part((str(line) if line else "").rjust(self.gutter), "step")
        if not self.tasks:
            name = f"{escape(task)}: " if line else " " * (len(escape(task)) + 2)
            what = middle(name + "│" * len(self.inside.get(task, ())) + escape(text), self.cell)
            return joined([(number,), (Part(what, style),)], GAP)
        cells: list[Line] = []
        for column, each in enumerate(self.tasks):
            bars = "│" * len(self.inside.get(each, ()))
            bars += " " if bars and text[0] not in "┌└" else ""
            shown = middle(bars + escape(text), self.cell) if each == task else bars
            part = Part(shown, style or f"thread:{column}" if each == task else "")
            cells.append(padded((part,), self.cell))
        return joined([(number,), *cells], GAP)


def event_text(observed: ObservedEvent) -> str:
    """An event by its names, with what it is about."""
    about = "" if observed.about is None else f" {observed.about}"
    return " or ".join(observed.names) + about


def sentence_lines(text: str, width: int, style: str = "") -> list[Line]:
    """A sentence, in lines."""
    return styled(folded(text, width, limit=0), style)
