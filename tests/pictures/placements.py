"""The placements of memory hotplug as bars over steps, with the points at which they break.

The verdicts are those of searches of all scenarios with adders and removers alone. A point is where
an adder is when another thread gets in, in the shortest run that breaks a property.
"""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from locking import Placement
from locking.check import check
from locking.models.memory_hotplug import MODEL
from locking.objects.region import Region
from locking.placements.placement import steps_in_order
from locking.traces.replay import Trace
from locking.traces.rerun import rerun
from locking.verdicts import Report, Result
from tests.pictures.drawing import box, line, svg, text

LETTERS = {
    "ADD_SECTIONS": "A",
    "RESIZE_ZONE": "Z",
    "RAISE_HIGHEST": "H",
    "INIT_PAGES": "I",
    "INIT_DEVICE_PAGES": "I'",
    "SET_CONTIGUOUS": "C",
    "SECOND_LOOP": "L2",
}
"""The letters of docs/findings.md; a repaired step has that of the step that it repairs."""

MEANINGS = (
    "A add the sections, Z resize the zone, H raise the highest pfn, I initialise the pages,",
    "I' the same in a single pass, C look whether the zone is contiguous, L2 the second loop",
)

SCENARIOS = ("add-vs-add", "hmm-add-vs-add", "add-vs-remove", "add-in-hole-vs-remove")

NOT_SAFETY = ("data-race", "init-once")
"""Properties that the findings count apart: races by the memory model, and the second pass."""

LEFT, CELL, GAP, BAR = 226, 44, 8, 26
RIGHT = LEFT + 6 * CELL + 3 * GAP
WIDTH = 920
ROW, LINE = 46, 16
LETTERS_A_LINE = 54


class Cell(NamedTuple):
    """A named step of an adder: its letter, how the lock is held, whether it is a repaired one."""

    letter: str
    mode: str
    repaired: bool
    region: int


class Break(NamedTuple):
    """Where another thread gets in: in the step `at`, or in the gap before it; and what breaks."""

    at: int
    inside: bool
    property: str


def cells(placement: Placement) -> Iterator[Cell]:
    """The steps of an adder in order."""
    for number, tree in enumerate(placement.roles["adder"]):
        parts = [("bare", [tree])]
        if isinstance(tree, Region):
            parts = [(tree.mode, tree.body), ("read", tree.lowered)]
        for mode, trees in parts:
            for step in steps_in_order(trees):
                letter = LETTERS[step.variant_of or step.name]
                yield Cell(letter, mode, step.variant_of is not None, number)


def breaks(placement: Placement) -> tuple[list[Break], int]:
    """Where a placement breaks, in the order of its steps, and how many adders are in parallel."""
    shortest: dict[str, tuple[Report, Result]] = {}
    at_once = 1
    for scenario in MODEL.scenarios:
        if scenario.name not in SCENARIOS:
            continue
        report = check(MODEL.case(scenario, placement))
        at_once = max(at_once, *(each.at_once or 1 for each in report.results))
        for result in report.results:
            if result.breaks and result.claim.name not in NOT_SAFETY:
                name, found = result.claim.name, (report, result)
                shortest[name] = min(shortest.get(name, found), found, key=steps)
    return sorted(where(placement, *found) for found in shortest.values()), at_once


def steps(found: tuple[Report, Result]) -> int:
    """The length of the run that a result shows."""
    return len(found[1].choices or ())


def where(placement: Placement, report: Report, result: Result) -> Break:
    """Where the adder is that another thread interrupts first in the run of `result`."""
    trace = rerun(report.case, result.claim.name, result.choices or ()).trace
    thread, taken = interrupted(trace)
    names = [step.name for step in steps_in_order(placement.roles["adder"])]
    entered = {
        name
        for event in trace.events
        if event.thread == thread and event.number <= taken
        for name in event.inside
    }
    now = trace.product.position(thread, trace.states[taken]).inside
    inside = [names.index(name) for name in now if name in names]
    done = sum(name in entered for name in names)
    return Break(inside[0] if inside else done, bool(inside), result.claim.name)


def interrupted(trace: Trace) -> tuple[int, int]:
    """The first adder whose turn ends before the run does, and the steps of the run until then."""
    turns = [thread for thread, _ in trace.choices]
    for taken, (one, other) in enumerate(pairwise(turns), 1):
        if one != other and not trace.names[one].startswith("remover"):
            return one, taken
    return turns[-1], len(turns)


def place(found: Break, row: Sequence[Cell]) -> str:
    """A point, in words."""
    if found.inside:
        return f"in {row[found.at].letter}"
    if found.at == 0:
        return f"before {row[0].letter}"
    if found.at == len(row):
        return f"after {row[-1].letter}"
    return f"between {row[found.at - 1].letter} and {row[found.at].letter}"


def released(one: Cell, other: Cell) -> bool:
    """Whether the lock is released or taken anew between two steps."""
    return one.region != other.region and {one.mode, other.mode} != {"bare"}


def left_edges(row: Sequence[Cell]) -> list[float]:
    """Where each cell begins, and where the last ends: a gap is where the lock is released."""
    edges, x = [], float(LEFT)
    for at, cell in enumerate(row):
        x += GAP * (at > 0 and released(row[at - 1], cell))
        edges.append(x)
        x += CELL
    return [*edges, x]


def drawn(top: float, placement: Placement) -> tuple[list[str], float, str]:
    """The row of a placement, where it ends, and what it says."""
    row = list(cells(placement))
    found, at_once = breaks(placement)
    by_place: dict[str, list[str]] = {}
    for each in found:
        by_place.setdefault(place(each, row), []).append(each.property)
    told = [f"{at}: {', '.join(names)}" for at, names in by_place.items()]
    lines = [
        part
        for each in told
        for part in textwrap.wrap(each, LETTERS_A_LINE, break_on_hyphens=False)
    ]
    shapes = [text(16, top + 18, placement.name, "strong")]
    edges = left_edges(row)
    for at, cell in enumerate(row):
        kind = {"write": "write", "read": "read"}.get(cell.mode, "bare")
        shapes.append(box(edges[at] + 1, top, CELL - 2, BAR, kind))
        letter = cell.letter + "*" * cell.repaired
        on = "" if kind == "bare" else "on"
        shapes.append(text(edges[at] + CELL / 2, top + 18, letter, f"middle strong {on}"))
    for at, inside in sorted({(each.at, each.inside) for each in found}):
        x = edges[at] + CELL / 2 if inside else edges[at] - GAP / 2 * (0 < at < len(row))
        shapes.append(f'<path class="bad" d="M{x - 6:g} {top + 38:g}h12l-6 -9z"/>')
    shapes.append(text(RIGHT + 24, top + 18, str(at_once), "middle strong"))
    verdict = ("bad", lines) if lines else ("good strong", ["safe"])
    for at, each in enumerate(verdict[1]):
        shapes.append(text(RIGHT + 60, top + 18 + at * LINE, each, verdict[0]))
    end = top + max(ROW, len(lines) * LINE + 22)
    shapes.append(line(16, end - 4, WIDTH - 16, end - 4, "thin"))
    return shapes, end + 8, f"{placement.name}: {'; '.join(told) or 'safe'}; {at_once} in parallel."


def render() -> str:
    """The picture."""
    shapes = [
        box(16, 14, 22, 16, "write"),
        text(44, 27, "lock held for writing"),
        box(196, 14, 22, 16, "read"),
        text(224, 27, "held for reading"),
        box(346, 14, 22, 16, "bare"),
        text(374, 27, "not held"),
        '<path class="bad" d="M452 28h12l-6 -9z"/>',
        text(470, 27, "another thread gets in here, and a property breaks"),
        text(WIDTH - 16, 60, "* repaired step", "muted end"),
        text(16, 60, "placement", "muted"),
        text(LEFT, 60, "steps of a task that adds memory", "muted"),
        text(RIGHT + 24, 60, "in parallel", "muted middle"),
        text(RIGHT + 60, 60, "what breaks", "muted"),
    ]
    top, says = 74.0, []
    for placement in MODEL.placements:
        more, top, told = drawn(top, placement)
        shapes += more
        says.append(told)
    shapes += [text(16, top + 12 + at * 18, each, "muted") for at, each in enumerate(MEANINGS)]
    title = "The placements of the memory hotplug lock, and where each breaks"
    return svg(title, " ".join(says), WIDTH, int(top + 44), shapes)
