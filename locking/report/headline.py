"""The conclusion of a check, in one sentence: what is safe, what fails, what is unexpected."""

from collections.abc import Sequence

from locking.model import Case
from locking.properties.explored import Verdict
from locking.report.matrix import Row
from locking.text.words import counted, listed

FEW_NAMES = 3
"""Rows that a sentence names one by one."""

ORDER = (Verdict.FAILS, Verdict.UNKNOWN, Verdict.NEVER_EVALUATED, Verdict.HOLDS)
"""Verdicts, the one that decides first."""


def safety_of(row: Row) -> Verdict | None:
    """The verdict on all that a row must keep: the worst; None where it must keep nothing."""
    found = {r.verdict for each in row.reports for r in each.results if not r.claim.wanted}
    return next((verdict for verdict in ORDER if verdict in found), None)


def headline(rows: Sequence[Row], undone: Sequence[Case] = ()) -> str:
    """The sentence on `rows`; a row of which a case is `undone` is not known to be safe."""
    if not rows:
        return "Nothing was searched to its end."
    if all(safety_of(row) is None for row in rows):
        return f"{wanted_clause(rows)}."
    missing = {of_row(case) for case in undone}
    safe = [
        row
        for row in rows
        if safety_of(row) in (Verdict.HOLDS, None) and of_row(row.reports[0].case) not in missing
    ]
    fail = [row for row in rows if safety_of(row) is Verdict.FAILS]
    open_ = [row for row in rows if row not in safe and row not in fail]
    clauses = [
        safe_clause(safe, rows, "known to be safe" if open_ else "safe"),
        fail_clause(fail, rows),
        open_clause(open_, rows),
        unexpected_clause(rows),
    ]
    return f"{'; '.join(filter(None, clauses))}."


def wanted_clause(rows: Sequence[Row]) -> str:
    """What is possible and what is not, where nothing must hold."""
    results = [r for row in rows for report in row.reports for r in report.results]
    if not results:
        return "No property was judged"
    possible = sum(r.verdict is Verdict.HOLDS for r in results)
    names = {r.claim.name for r in results}
    if len(names) == 1 and possible == len(results):
        return f"{results[0].claim.name} is possible"
    return f"{possible:,} of {len(results):,} searches for a witness found one"


def of_row(case: Case) -> tuple[str, str]:
    """What tells the row of a case from other rows."""
    of = case.placement or case.scenario
    return of.reference, case.variant


def safe_clause(safe: Sequence[Row], rows: Sequence[Row], word: str) -> str:
    """How many rows are safe, as `word` says it, where, and which."""
    number = len(safe)
    if len(rows) == 1:
        return f"{rows[0].name} is safe{everywhere(rows)}{in_parallel(rows[0])}" if safe else ""
    verb = "are" if number > 1 else "is"
    text = f"{number or 'None'} of {len(rows)} {noun_of(rows)}s {verb} {word}{everywhere(rows)}"
    if number == 1:
        return f"{text}: {safe[0].name}{in_parallel(safe[0])}"
    named = [each.name + in_parallel(each, " ({})") for each in safe[:FEW_NAMES]]
    more = [f"{number - FEW_NAMES} more"] if number > FEW_NAMES else []
    return f"{text}: {listed([*named, *more])}" if named else text


def open_clause(open_: Sequence[Row], rows: Sequence[Row]) -> str:
    """How many rows are not known to be safe."""
    if not open_:
        return ""
    return f"{rows[0].name} is not known to be safe" if len(rows) == 1 else f"{len(open_)} unknown"


def fail_clause(fail: Sequence[Row], rows: Sequence[Row]) -> str:
    """How many rows fail, and whether that was expected."""
    if not fail:
        return ""
    wrong = [row for row in fail if any(is_wrong_failure(row))]
    if not wrong:
        says = "as expected" if len(fail) == 1 else "each as expected"
    elif len(fail) == len(wrong):
        says = "which is unexpected" if len(fail) == 1 else "all of them unexpected"
    else:
        says = f"{len(wrong)} of them unexpected"
    text = (
        f"{fail[0].name} fails {listed(failing_names(fail[0]))}"
        if len(rows) == 1
        else f"{len(fail)} {'fails' if len(fail) == 1 else 'fail'}"
    )
    return f"{text}, {says}"


def is_wrong_failure(row: Row) -> list[bool]:
    """For every safety property of a row that fails, whether that is unexpected."""
    return [
        r.wrong
        for report in row.reports
        for r in report.results
        if r.verdict is Verdict.FAILS and not r.claim.wanted
    ]


def failing_names(row: Row) -> list[str]:
    """The safety properties that fail, each once; where they are many, how many are not named."""
    names = list(
        dict.fromkeys(
            r.claim.name
            for report in row.reports
            for r in report.results
            if r.verdict is Verdict.FAILS and not r.claim.wanted
        )
    )
    more = len(names) - FEW_NAMES
    return names if more <= 0 else [*names[:FEW_NAMES], f"{more} more"]


def unexpected_clause(rows: Sequence[Row]) -> str:
    """How many verdicts are unexpected."""
    results = [r for row in rows for report in row.reports for r in report.results if r.wrong]
    if len(rows) == 1 and all(r.breaks for r in results):
        return ""  # that this is unexpected is said
    wrong = len(results)
    return f"{counted(wrong, 'verdict')} unexpected" if wrong else ""


def noun_of(rows: Sequence[Row]) -> str:
    """What the rows are."""
    return "placement" if rows[0].reports[0].case.placement else "case"


def everywhere(rows: Sequence[Row]) -> str:
    """In how many scenarios, where rows are placements and have several."""
    number = max(len({each.case.scenario.reference for each in row.reports}) for row in rows)
    if number < 2:
        return ""
    return " in both scenarios" if number == 2 else f" in all {number} scenarios"


def in_parallel(row: Row, form: str = ", {}") -> str:
    """How many threads do in parallel what is wanted, where it is counted, in a `form`."""
    numbers = [r.at_once for report in row.reports for r in report.results if r.at_once is not None]
    if not numbers:
        return ""
    return form.format(f"{max(numbers)} in parallel" if max(numbers) > 1 else "never in parallel")
