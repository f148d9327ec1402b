"""The page's document: everything that a check found, as plain data.

Rule of this file: what the page shows is here, and no layout. A reader of another version of it
would read it wrongly, so it has a number.
"""

from collections.abc import Sequence

from locking.page.built import Built
from locking.page.places import sources, tree
from locking.page.runs import run, said, shown
from locking.page.table import Json, Shared, text
from locking.page.whatif import what_if
from locking.properties.explored import Verdict
from locking.report import sentences
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
from locking.traces.replay import replay
from locking.traces.rerun import shown_by
from locking.verdicts import Report, Result

VERSION = 1
"""The number of what is said here, and how; another meaning gets another number."""

KINDS = {
    HOLDS: "holds",
    FAILS: "fails",
    UNKNOWN: "unknown",
    NEVER: "never",
    UNJUDGED: "unjudged",
    WRONG: "wrong",
}
"""What the marks of the matrix are called."""


def document(reports: Sequence[Report], undone: Sequence[Undone] = ()) -> dict[str, Json]:
    """All of it; what is `undone` is said, or it would look like a pass."""
    shared, built = Shared(), Built()
    found = matrix(reports)
    verdicts = [column for column in found.columns if not column.number]
    results = {
        id(each): shared.results.number(result_of(shared, built, report, each, reports))
        for report in reports
        for each in report.results
    }
    return {
        "version": VERSION,
        "heading": heading(reports, undone),
        "scenarios": scenarios(reports, found),
        "rows": [row_of(row, found, at) for at, row in enumerate(found.rows)],
        "properties": [described(column.heading, reports) for column in verdicts],
        "cells": [
            [cell_of(row, column, at, results) for column in verdicts]
            for at, row in enumerate(found.rows)
        ],
        "results": shared.results.values,
        "unreached": [text(line) for line in sentences.never_reached(reports)],
        "undone": [[text(str(case)), text(why)] for case, why in undone],
        "notes": notes(reports),
        "runs": shared.runs.values,
        "systems": shared.systems.values,
        "objects": shared.objects.values,
        "events": shared.events.values,
        "calls": shared.calls.values,
        "places": shared.places.values,
        "holdings": shared.holdings.values,
        "reasons": shared.reasons.values,
        "files": sources(shared),
    }


def heading(reports: Sequence[Report], undone: Sequence[Undone]) -> dict[str, Json]:
    """What was checked, how completely, and how much of it is as declared."""
    case = reports[0].case if reports else undone[0][0]
    results = [result for report in reports for result in report.results]
    causes = dict.fromkeys(report.cause for report in reports if report.cause)
    return {
        "model": text(case.model.name),
        "about": text(case.model.about),
        "scope": [[text(name), text(str(value))] for name, value in case.scope.items()],
        "causes": [text(cause) for cause in causes],
        "engines": list(dict.fromkeys(report.engine for report in reports)),
        "searches": len(reports),
        "verdicts": len(results),
        "states": sum(report.states for report in reports),
        "seconds": round(sum(report.seconds for report in reports), 1),
        "unknown": sum(result.verdict is Verdict.UNKNOWN for result in results),
        "unexpected": [[text(said), path] for said, path in sentences.unexpected(reports)],
    }


def scenarios(reports: Sequence[Report], found: Matrix) -> list[Json]:
    """The scenarios that were searched, with their letters."""
    letters = {name: letter for letter, name in found.scenarios.items()}
    seen = {report.case.scenario.reference: report.case.scenario for report in reports}
    return [
        {"name": text(name), "letter": letters.get(name, ""), "about": text(each.about)}
        for name, each in seen.items()
    ]


def notes(reports: Sequence[Report]) -> Json:
    """What sections and steps stand for in the kernel."""
    models = [report.case.model for report in reports[:1]]
    return {text(name): text(note) for model in models for name, note in model.notes.items()}


def row_of(row: Row, found: Matrix, at: int) -> Json:
    """A row: its name, the sentence on it, its figures, and its placement."""
    case = row.reports[0].case
    says, path = sentences.sentence(row)
    figures = [column for column in found.columns if column.number]
    return {
        "name": text(row.name),
        "reference": text(case.placement.reference if case.placement else row.name),
        "about": text(case.placement.about if case.placement else case.scenario.about),
        "says": text(says),
        "path": path,
        "figures": [[column.heading, column.cells[at].text] for column in figures],
        "tree": tree(case.placement) if case.placement else None,
    }


def described(name: str, reports: Sequence[Report]) -> Json:
    """A property: its name, what it says, and whether it wants a witness."""
    claims = [each.claim for report in reports for each in report.results]
    claim = next(each for each in claims if each.name == name)
    return {"name": text(name), "about": text(claim.about), "wanted": claim.wanted}


def cell_of(row: Row, column: Column, at: int, results: dict[int, int]) -> Json:
    """A cell: its text, its kind, and the results behind it."""
    cell = column.cells[at]
    judged = [results[id(result)] for _, result in row.results(column.heading)]
    return [cell.text, KINDS[cell.kind], judged]


def result_of(
    shared: Shared, built: Built, report: Report, result: Result, reports: Sequence[Report]
) -> dict[str, Json]:
    """A verdict, and the run that shows it; what there is nothing of is left out."""
    declared = result.declared
    found: dict[str, Json] = {
        "scenario": text(report.case.scenario.reference),
        "verdict": KINDS[MARKS[result.verdict]],
        "expected": declared.verdict.value if declared else Verdict.HOLDS.value,
        "because": text(declared.because) if declared else "",
        "wrong": result.wrong,
        "unasked": not result.asked,
        "at_once": result.at_once,
        "cause": text(result.cause or ""),
        "run": run_of(shared, built, report, result, reports),
    }
    return {name: value for name, value in found.items() if said(value)}


def run_of(
    shared: Shared, built: Built, report: Report, result: Result, reports: Sequence[Report]
) -> Json:
    """The run that shows a verdict, replayed, and what becomes of it elsewhere."""
    if result.choices is None:
        return None
    claim = built.property(report.case, result.claim.name)
    trace = replay(built.product(report.case), result.choices)
    again = shown_by(report.case, claim, result.choices, trace)
    assert again  # or the check would have refused the run
    breaks = result.verdict is Verdict.FAILS
    return {
        "path": result.path or "",
        "run": run(shared, trace),
        **shown(again, shared),
        "whatif": what_if(shared, built, report, result, reports) if breaks else None,
    }
