"""The page's document: everything that a check found, as plain data.

Rule of this file: what the page shows is here, and no layout. A reader of another version of it
would read it wrongly, so it has a number.
"""

from collections.abc import Sequence

from locking.page.built import Built
from locking.page.executions import execution_of
from locking.page.places import placement_entry, source_entries
from locking.page.runs import reason_entry, run, saying
from locking.page.table import JsonValue, SharedTables, printable
from locking.page.whatif import what_ifs
from locking.properties.explored import Verdict
from locking.report import sentences
from locking.report.headline import headline, safety_of
from locking.report.matrix import (
    FAILS,
    HOLDS,
    MARKS,
    NEVER,
    UNJUDGED,
    UNKNOWN,
    WRONG,
    Column,
    Matrix,
    Row,
    matrix,
)
from locking.report.sentences import Undone
from locking.scope import memory_of
from locking.traces.replay import replay
from locking.traces.rerun import shown_by
from locking.verdicts import Report, Result

PAGE_VERSION = 3
"""The number of what is said here, and how; another meaning gets another number."""

VERDICT_WORDS = {
    HOLDS: "holds",
    FAILS: "fails",
    UNKNOWN: "unknown",
    NEVER: "never",
    UNJUDGED: "unjudged",
    WRONG: "wrong",
}
"""What the marks of the matrix are called."""


def page_document(reports: Sequence[Report], undone: Sequence[Undone] = ()) -> dict[str, JsonValue]:
    """All of it; what is `undone` is said, or it would look like a pass."""
    shared, built = SharedTables(), Built()
    found = matrix(reports)
    verdicts = [column for column in found.columns if not column.number]
    results = {
        id(each): shared.results.number(result_of(shared, built, report, each, reports))
        for report in reports
        for each in report.results
    }
    return {
        "version": PAGE_VERSION,
        "heading": page_heading(reports, undone, found.rows),
        "scenarios": scenario_entries(reports, found),
        "rows": [row_of(row, found, at) for at, row in enumerate(found.rows)],
        "properties": [property_entry(column.heading, reports) for column in verdicts],
        "cells": [
            [cell_of(row, column, at, results) for column in verdicts]
            for at, row in enumerate(found.rows)
        ],
        "results": shared.results.values,
        "unreached": [printable(line) for line in sentences.never_reached(reports)],
        "undone": [[printable(str(case)), printable(why)] for case, why in undone],
        "notes": kernel_notes(reports),
        "runs": shared.runs.values,
        "systems": shared.systems.values,
        "objects": shared.objects.values,
        "events": shared.events.values,
        "calls": shared.calls.values,
        "places": shared.places.values,
        "holdings": shared.holdings.values,
        "reasons": shared.reasons.values,
        "clauses": shared.clauses.values,
        "files": source_entries(shared),
    }


def page_heading(
    reports: Sequence[Report], undone: Sequence[Undone], rows: Sequence[Row]
) -> dict[str, JsonValue]:
    """What was checked, how completely, what came out, and how much of it is unexpected."""
    case = reports[0].case if reports else undone[0][0]
    results = [result for report in reports for result in report.results]
    return {
        "model": printable(case.model.name),
        "about": printable(case.model.about),
        "headline": printable(headline(rows, [case for case, _ in undone])),
        "scope": [[printable(name), printable(str(value))] for name, value in case.scope.items()],
        "memory": memory_of(case.scope),
        "covers": "execution" if executions_only(reports) else "interleaving",
        "causes": [printable(cause) for cause in sentences.stopped_by(reports)],
        "unjudged": [printable(cause) for cause in sentences.left_unjudged_by(reports)],
        "engines": list(dict.fromkeys(report.engine for report in reports)),
        "searches": len(reports),
        "verdicts": len(results),
        "states": sum(report.states for report in reports),
        "seconds": round(sum(report.seconds for report in reports), 1),
        "unknown": sum(result.verdict is Verdict.UNKNOWN for result in results),
        "unexpected": [[printable(said), path] for said, path in sentences.unexpected(reports)],
    }


def executions_only(reports: Sequence[Report]) -> bool:
    """Whether executions were gone through, and no states."""
    return bool(reports) and all(report.of_executions for report in reports)


def scenario_entries(reports: Sequence[Report], found: Matrix) -> list[JsonValue]:
    """The scenarios that were searched, with their letters."""
    letters = {name: letter for letter, name in found.scenarios.items()}
    seen = {report.case.scenario.reference: report.case.scenario for report in reports}
    return [
        {"name": printable(name), "letter": letters.get(name, ""), "about": printable(each.about)}
        for name, each in seen.items()
    ]


def kernel_notes(reports: Sequence[Report]) -> JsonValue:
    """What sections and steps stand for in the kernel."""
    models = [report.case.model for report in reports[:1]]
    return {
        printable(name): printable(note) for model in models for name, note in model.notes.items()
    }


def row_of(row: Row, found: Matrix, at: int) -> JsonValue:
    """A row: its name, the sentence on it, its figures, and its placement."""
    case = row.reports[0].case
    says, path = sentences.row_sentence(row)
    figures = [column for column in found.columns if column.number]
    safety = safety_of(row)
    return {
        "safety": VERDICT_WORDS[MARKS[safety]] if safety else "",
        "name": printable(row.name),
        "reference": printable(case.placement.reference if case.placement else row.name),
        "about": printable(case.placement.about if case.placement else case.scenario.about),
        "says": printable(says),
        "path": path,
        "figures": [[column.heading, column.cells[at].text] for column in figures],
        "tree": placement_entry(case.placement) if case.placement else None,
    }


def property_entry(name: str, reports: Sequence[Report]) -> JsonValue:
    """A property: its name, what it says, and whether it wants a witness."""
    claims = [each.claim for report in reports for each in report.results]
    claim = next(each for each in claims if each.name == name)
    return {"name": printable(name), "about": printable(claim.about), "wanted": claim.wanted}


def cell_of(row: Row, column: Column, at: int, results: dict[int, int]) -> JsonValue:
    """A cell: its text, its kind, and the results behind it."""
    cell = column.cells[at]
    judged = [results[id(result)] for _, result in row.results(column.heading)]
    return [cell.text, VERDICT_WORDS[cell.kind], judged]


def result_of(
    shared: SharedTables, built: Built, report: Report, result: Result, reports: Sequence[Report]
) -> dict[str, JsonValue]:
    """A verdict, and the run that shows it; what there is nothing of is left out."""
    declared = result.declared
    found: dict[str, JsonValue] = {
        "scenario": printable(report.case.scenario.reference),
        "verdict": VERDICT_WORDS[MARKS[result.verdict]],
        "expected": declared.verdict.value if declared else Verdict.HOLDS.value,
        "because": printable(declared.because) if declared else "",
        "wrong": result.wrong,
        "unasked": not result.asked,
        "at_once": result.at_once,
        "cause": printable(result.cause or ""),
        "run": run_of(shared, built, report, result, reports),
        "execution": execution_of(result),
    }
    return saying(found)


def run_of(
    shared: SharedTables, built: Built, report: Report, result: Result, reports: Sequence[Report]
) -> JsonValue:
    """The run that shows a verdict, replayed, and what becomes of it elsewhere."""
    if result.choices is None:
        return None
    claim = built.property(report.case, result.claim.name)
    trace = replay(built.product(report.case), result.choices)
    again = shown_by(report.case, claim, result.choices, trace)
    assert again  # or the check would have refused the run
    breaks = result.verdict is Verdict.FAILS
    return saying(
        {
            "path": result.path or "",
            "run": run(shared, again.trace),
            **reason_entry(again, shared),
            "whatif": what_ifs(shared, built, report, result, reports) if breaks else None,
        }
    )
