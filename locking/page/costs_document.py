"""The document of the page of costs: tables of makespans, and runs as bars, as plain data.

Rule of this file: times are in seconds, and those that are read are worded here.
"""

from collections.abc import Sequence

from locking.durations.costs import Cost
from locking.durations.timeline import Bar, Timeline
from locking.page.table import JsonValue, printable
from locking.report.costs import CHOSEN, FREE, QUEUED, in_seconds, notes_of, times_by_rule
from locking.report.matrix import Matrix
from locking.scope import chosen_in
from locking.traces.path import letters

COSTS_VERSION = 1
"""The number of what is said here, and how; another meaning gets another number."""


def costs_document(costs: Sequence[Cost]) -> dict[str, JsonValue]:
    """All of it: `tables` by rows and columns, whose cells are those of `costs` by their number."""
    model = costs[0].case.model
    nodes = sorted({each.nodes for each in costs})
    numbers = {(each.name, each.nodes): at for at, each in enumerate(costs)}
    return {
        "version": COSTS_VERSION,
        "model": printable(model.reference),
        "about": printable(model.about),
        "columns": [str(each) if each else "seconds" for each in nodes],
        "counted": nodes != [0],
        "numbers": [
            [numbers.get((name, each)) for each in nodes]
            for name in dict.fromkeys(each.name for each in costs)
        ],
        "tables": [table_entry(title, table) for title, table in times_by_rule(costs, nodes)],
        "notes": [printable(note) for each in costs for note in notes_of(each)],
        "costs": [cost_entry(each) for each in costs],
    }


def table_entry(title: str, table: Matrix) -> JsonValue:
    """A table: its title, and for each row its name and its cells."""
    return {
        "title": title,
        "rows": [
            [printable(row.name), [column.cells[at].text for column in table.columns]]
            for at, row in enumerate(table.rows)
        ],
    }


def cost_entry(cost: Cost) -> JsonValue:
    """A case: its name, and its runs on one scale of seconds."""
    runs = shown_runs(cost)
    return {
        "name": printable(cost.name),
        "nodes": cost.nodes,
        "cause": printable(cost.cause),
        "until": max((cost.seconds(run.end) for run in runs.values()), default=0),
        "runs": [run_entry(cost, title, run) for title, run in runs.items()],
    }


def shown_runs(cost: Cost) -> dict[str, Timeline]:
    """The runs that are shown, by what they are; one where best and worst are one."""
    order = CHOSEN if chosen_in(cost.case.scope) else FREE
    best, worst = cost.shortest, cost.longest
    kinds: dict[str, Timeline | None]
    if best and worst and best.end == worst.end:
        kinds = {f"{order}: a run; all that end take as long": worst}
    else:
        kinds = {f"{order}: a shortest run": best, f"{order}: a longest run": worst}
    kinds[f"{QUEUED}: a longest run"] = cost.longest_queued
    return {kind: run for kind, run in kinds.items() if run}


def run_entry(cost: Cost, title: str, run: Timeline) -> JsonValue:
    """A run: bars by thread, the letters of steps, the critical path, and what is waited for."""
    critical = {link.bar for link in run.critical}
    steps = dict.fromkeys(each.what for each in run.bars if not each.waits)
    return {
        "title": title,
        "says": in_seconds(cost, run.end),
        "letters": [[letters(at), printable(step)] for at, step in enumerate(steps)],
        "threads": [
            [
                printable(thread),
                [
                    bar_entry(cost, each, critical, list(steps))
                    for each in run.bars
                    if each.thread == thread
                ],
            ]
            for thread in run.threads
        ],
        "critical": [
            [
                *interval(cost, link.bar),
                *map(printable, (link.bar.thread, link.bar.what, link.after)),
            ]
            for link in run.critical
        ],
        "waits": [
            [printable(what), printable(thread), in_seconds(cost, units)]
            for (what, thread), units in run.waits.items()
        ],
    }


def bar_entry(cost: Cost, bar: Bar, critical: set[Bar], steps: Sequence[str]) -> JsonValue:
    """A bar: from when to when, in numbers and in words, and which of the steps, or for what."""
    return {
        "begin": cost.seconds(bar.begin),
        "end": cost.seconds(bar.end),
        "said": list(interval(cost, bar)),
        "step": None if bar.waits else steps.index(bar.what),
        "waits": printable(bar.what) if bar.waits else "",
        "critical": bar in critical,
    }


def interval(cost: Cost, bar: Bar) -> tuple[str, str]:
    """From when to when, in seconds."""
    return in_seconds(cost, bar.begin), in_seconds(cost, bar.end)
