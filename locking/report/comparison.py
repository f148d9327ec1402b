"""Two placements side by side, as a person reads them."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from locking.properties.explored import Verdict
from locking.report.matrix import Column, Entry, Matrix, Row, matrix, rows_of
from locking.report.sentences import diagnosis
from locking.report.to_terminal import check_heading, fill, matrix_legend, pointed, printed
from locking.studies.comparison import FlippedVerdict, Measured
from locking.verdicts import Report

FLIPS = "<>"
"""What stands beside a property of which some verdict differs."""

NOTHING = "-"
"""What stands where there is no number."""


def render(
    one: Sequence[Measured],
    two: Sequence[Measured],
    found: Sequence[FlippedVerdict],
    console: Console,
) -> str:
    """The whole text: verdicts, what each scenario costs, and every flip with its run."""
    reports = [each.report for each in (*one, *two)]
    verdicts = turned(matrix(reports), found)
    marks = [f"{'':<11}{FLIPS} differs"] if found else []
    under = [
        "",
        *matrix_legend(verdicts, console.width),
        *marks,
        "",
        *flipped(found, console.width),
    ]
    above = check_heading(reports, console.width)
    return printed(above, [verdicts, costs(one, two)], under, console)


def turned(found: Matrix, differences: Sequence[FlippedVerdict]) -> Matrix:
    """The matrix on its side: a row for each property, a column for each placement."""
    flips = {each.flip.after.claim.name for each in differences}
    properties = [column for column in found.columns if not column.number]
    rows = tuple(Row(column.heading, ()) for column in properties)
    columns = [
        Column(row.name, tuple(column.cells[at] for column in properties))
        for at, row in enumerate(found.rows)
    ]
    marks = tuple(Entry(FLIPS if row.name in flips else "") for row in rows)
    return Matrix(rows, (*columns, Column("", marks)), found.scenarios)


def costs(one: Sequence[Measured], two: Sequence[Measured]) -> Matrix:
    """What each scenario costs: states, threads at once, the critical path."""
    rows = tuple(Row(each.report.case.scenario.name, ()) for each in one)
    columns = [
        Column(f"{name} {figure_name}", tuple(Entry(figure(each)) for each in side), number=True)
        for figure_name, figure in FIGURES.items()
        for name, side in zip(names_of(one, two), (one, two), strict=True)
    ]
    return Matrix(rows, tuple(columns), {})


def states_count(each: Measured) -> str:
    """How many states there are."""
    return f"{each.report.states:,}{'+' if each.report.cause else ''}"


def at_once(each: Measured) -> str:
    """The greatest number of threads at once that some property counts."""
    counted = [result.at_once for result in each.report.results if result.at_once is not None]
    return str(max(counted)) if counted else NOTHING


def critical_path_length(each: Measured) -> str:
    """The length of the critical path."""
    return f"{each.rounds:,}" if each.rounds is not None else NOTHING


FIGURES = {"states": states_count, "at once": at_once, "critical path": critical_path_length}
"""What is counted of each scenario, by the heading."""


def names_of(one: Sequence[Measured], two: Sequence[Measured]) -> list[str]:
    """What the two placements are called."""
    return [row.name for row in rows_of([each.report for each in (*one, *two)])]


def flipped(found: Sequence[FlippedVerdict], width: int) -> Iterator[str]:
    """Every property that flips, in which scenarios, and its shortest run under both placements."""
    if not found:
        yield "no verdict differs"
    for name in dict.fromkeys(each.flip.after.claim.name for each in found):
        own = [each for each in found if each.flip.after.claim.name == name]
        yield from fill(f"{name}: {'; '.join(verdicts_by_placement(own))}", width)
        yield from shortest_run(own, width)


def shortest_run(found: Sequence[FlippedVerdict], width: int) -> Iterator[str]:
    """The shortest run that one of them has, and what becomes of it under the other placement."""
    runs = [(len(each.run.choices or ()), at) for at, each in enumerate(found) if each.run]
    if not runs:
        return
    each = found[min(runs)[1]]
    assert each.run
    why = diagnosis(each.of.case, each.run.claim.name, each.run.choices or ())
    yield from pointed(f"{placement_name(each.of)}: {why}", each.run.path or "", width, "  ")
    yield from fill(f"{placement_name(each.other)}: {each.stopped}.", width, "  ")


def placement_name(report: Report) -> str:
    """The name of a report's placement."""
    return report.case.placement.name if report.case.placement else ""


def verdicts_by_placement(found: Sequence[FlippedVerdict]) -> Iterator[str]:
    """What the verdict is under each placement, with the scenarios in which it is so."""
    grouped: dict[str, list[str]] = {}
    for each in found:
        flip = each.flip
        text = (
            f"{verdict_or_count(flip.before.verdict, flip.before.at_once)} -> "
            + verdict_or_count(flip.after.verdict, flip.after.at_once)
        )
        grouped.setdefault(text, []).append(each.of.case.scenario.name)
    for text, scenarios in grouped.items():
        yield f"{text} in {', '.join(scenarios)}"


def verdict_or_count(verdict: Verdict, at_once: int | None) -> str:
    """A verdict, or how many at once."""
    return f"{at_once} at once" if at_once is not None else verdict.value
