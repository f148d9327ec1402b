"""A report as JSON: one object for each property."""

import json
from collections.abc import Iterator

from locking.properties.races import Race
from locking.report.execution_to_terminal import as_entry
from locking.text.file_names import line_of
from locking.verdicts import Report, Result


def lines(report: Report) -> Iterator[str]:
    """One line of JSON for each result."""
    for result in report.results:
        scope = {"cause": result.cause, "scope": dict(report.case.scope)}
        yield json.dumps({**found(report, result), **search_entry(report), **scope})


def found(report: Report, result: Result) -> dict[str, object]:
    """What is judged, and how; the placement is named as `--placement` takes it."""
    case = report.case
    return {
        "model": case.model.reference,
        "scenario": case.scenario.reference,
        "placement": case.placement.reference if case.placement else None,
        "property": result.claim.name,
        "verdict": result.verdict.value,
        "expected": result.declared.verdict.value if result.declared else None,
        "at_once": result.at_once,
        "asked": result.asked,
        "path": result.path,
        "races": [race_entry(race) for race in result.races],
        **({"execution": as_entry(result.execution)} if result.execution else {}),
    }


def race_entry(race: Race) -> dict[str, object]:
    """Two accesses to a cell, each with its line."""
    return {
        "cell": race.cell,
        "accesses": [{"access": way, "line": line_of(site)} for site, way in race.accesses],
    }


def search_entry(report: Report) -> dict[str, object]:
    """The search behind it: all of them are of one report."""
    return {
        "states": report.states,
        "transitions": report.transitions,
        "depth": report.depth,
        "interleavings": interleavings_text(report),
        "engine": report.engine,
        "reduction": report.reduction,
        "seconds": round(report.seconds, 6),
        "disk": report.on_disk,
    }


def interleavings_text(report: Report) -> str | None:
    """The number in digits, or `infinite`; None where they were not counted, or not all."""
    if report.cause is not None or not report.counted:
        return None
    return "infinite" if report.interleavings is None else str(report.interleavings)
