"""The same model for other tools: a case, searched to its end, as a file of theirs.

Each format is a file, `to_NAME.py`, with `text(tables)`; all are written from the same tables.
"""

from collections.abc import Sequence
from dataclasses import replace

from locking.check import Limits, Options, Progress, Report, check
from locking.errors import UsageError
from locking.export.checks import checks_of
from locking.export.tables import Check, Numbering, Tables, tables_of
from locking.model import Case
from locking.properties.explored import Explored

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
    progress: Progress | None = None,
) -> tuple[Tables, Report]:
    """The tables of a case with the properties called `names` (none named: all), and our verdicts.

    Every step of every thread is in them, whatever reductions a check may use; `merged` is whether
    local states with the same future are one.

    Errors: `UsageError`, where the search did not come to its end.
    """
    # The tables are those of the reference engine, which fills them step by step.
    options = Options("reference", minimise=merged, limits=limits or Limits(), strict=False)
    found: list[Explored] = []
    report = check(case, names, options, progress, found.append)
    if report.cause:
        raise UsageError(
            f"{case}: not exported, because not all is known: {report.cause}; "
            f"a smaller scope, or a higher limit, lets the search come to its end"
        )
    numbering = Numbering(found[0])
    checks, left_out = checks_of(numbering, [result.claim for result in report.results])
    tables = tables_of(numbering, str(case), checks, left_out)
    closed = Check(CLOSED, "the file says what happens in every state", tables.unlisted)
    return replace(tables, checks=(*checks, closed)), report
