"""Exports: a case, searched to its end, as a file for another tool.

Each format is a file, `to_NAME.py`, with `render(tables)`; all are written from the same tables.
"""

from collections.abc import Sequence
from dataclasses import replace

from locking.check import check
from locking.errors import NotAllKnown
from locking.explore.graph import INTERRUPTED
from locking.export.checks import checks_of
from locking.export.tables import (
    Check,
    ExportedCase,
    Numbering,
    RunCheck,
    WayCheck,
    tables_of,
)
from locking.model import Case
from locking.properties.explored import Explored, Verdict
from locking.verdicts import Limits, Options, Report

FORMATS = {
    "promela": "Promela, for SPIN",
    "tla": "TLA+, for TLC",
    "murphi": "Murphi, for rumur",
    "dot": "a picture of the threads, for Graphviz",
}
"""The formats by name; `locking.export.to_NAME` writes each."""


CLOSED = "nothing-unlisted"
"""The check that every file has: no state is met in which it does not say what a thread does."""


def exported(
    case: Case,
    names: Sequence[str] = (),
    *,
    merged: bool = False,
    limits: Limits | None = None,
) -> tuple[ExportedCase, Report]:
    """The tables of a case with the properties called `names` (none named: all), and our verdicts.

    Every step of every thread is in them, whatever reductions a check may use; `merged` is whether
    local states with the same future are one. A property that we don't know of is left out: what
    another tool does not find would be taken for true, where it is open whom a wake-up wakes.

    Errors: `NotAllKnown`, where the search did not come to its end.
    """
    explored, report = export_case(case, names, merged=merged, limits=limits)
    numbering = Numbering(explored)
    known = [each.claim for each in report.results if each.verdict is not Verdict.UNKNOWN]
    made, left_out = checks_of(numbering, known)
    left_out += tuple(
        f"{each.claim.name}: we can't judge it: {each.cause}"
        for each in report.results
        if each.verdict is Verdict.UNKNOWN
    )
    checks = tuple(each for each in made if isinstance(each, Check))
    tables = replace(
        tables_of(numbering, str(case), checks, left_out),
        run_checks=tuple(each for each in made if isinstance(each, RunCheck)),
        way_checks=tuple(each for each in made if isinstance(each, WayCheck)),
    )
    closed = Check(CLOSED, "the file says what happens in every state", tables.unlisted)
    return replace(tables, checks=(*checks, closed)), report


def export_case(
    case: Case,
    names: Sequence[str] = (),
    *,
    merged: bool,
    limits: Limits | None = None,
) -> tuple[Explored, Report]:
    """Everything that a case can do, and our verdicts.

    Errors: `NotAllKnown`, where the search did not come to its end; `KeyboardInterrupt`, where that
    was for Ctrl-C.
    """
    reduction = "merge" if merged else "none"
    options = Options(limits=limits or Limits(), reduction=reduction)
    found: list[Explored] = []
    report = check(case, names, options, look=found.append)
    if report.cause == INTERRUPTED:
        raise KeyboardInterrupt
    if report.cause:
        raise NotAllKnown(
            f"{case}: nothing is written, because not all is known: {report.cause}; "
            f"a smaller scope, or a higher limit, lets the search come to its end"
        )
    return found[0], report
