"""The page of a comparison: two placements drawn, their verdicts, and each run that differs."""

from collections.abc import Iterator, Sequence

from locking.model import Case
from locking.page.studies import (
    TableCell,
    groups_part,
    lines_part,
    render_study,
    table_part,
    trees_part,
)
from locking.page.table import JsonValue
from locking.properties.explored import Verdict
from locking.report.comparison import (
    apart_in_words,
    costs,
    differing_roles,
    execution_sentences,
    turned,
    verdicts_by_side,
)
from locking.report.matrix import FAILS, HOLDS, MARKS, NEVER, UNKNOWN, Entry, Matrix
from locking.report.sentences import diagnosis
from locking.studies.comparison import FlippedVerdict, Pair
from locking.verdicts import Report, Result

KINDS_OF_MARKS = {HOLDS: "holds", FAILS: "fails", UNKNOWN: "unknown", NEVER: "never"}
"""What the page calls the marks of a matrix."""


def render(
    names: Sequence[str],
    pairs: Sequence[Pair],
    found: Sequence[FlippedVerdict],
    alone: Sequence[str],
) -> str:
    """The whole file; `names` are those of the two sides, `alone` what only one of them has."""
    verdicts, numbers = turned(names, pairs, found), costs(names, pairs)
    sides = [[each.one.report for each in pairs], [each.two.report for each in pairs]]
    squares = [each.where for each in pairs] if len(pairs) > 1 else []
    rows = [
        (row.name, cells_of_property(row.name, at, verdicts, sides, squares))
        for at, row in enumerate(verdicts.rows)
    ]
    parts = [
        *both_drawn(sides[0][0].case, sides[1][0].case),
        table_part("Verdicts", [*names, "differs"], rows, squares),
        *differing_parts(names, found, alone),
        table_part(
            "What each case costs",
            [column.heading for column in numbers.columns],
            [
                (row.name, [TableCell(column.cells[at].text) for column in numbers.columns])
                for at, row in enumerate(numbers.rows)
            ],
        ),
    ]
    return render_study(
        sides[0][0].case.model, " and ".join(names), differing_in_words(names, sides, found), parts
    )


def both_drawn(one: Case, two: Case) -> list[JsonValue]:
    """The roles of two placements that are not the same, drawn, if two placements are compared."""
    if not one.placement or not two.placement or one.model is not two.model:
        return []
    both = [(each.name, each) for each in (one.placement, two.placement)]
    apart = differing_roles(one.placement, two.placement)
    return [trees_part("Both placements", both, apart)] if apart else []


def cells_of_property(
    name: str, at: int, verdicts: Matrix, sides: Sequence[Sequence[Report]], squares: Sequence[str]
) -> list[TableCell]:
    """The verdicts of one property on both sides, and whether they differ."""
    *both, differs = (column.cells[at] for column in verdicts.columns)
    cells = [
        cell_of_side(entry, [result_in(report, name) for report in side], squares)
        for entry, side in zip(both, sides, strict=True)
    ]
    return [*cells, TableCell(differs.text)]


def result_in(report: Report, name: str) -> Result | None:
    """The result of a property, if the report has one."""
    return next((each for each in report.results if each.claim.name == name), None)


def cell_of_side(
    entry: Entry, results: Sequence[Result | None], squares: Sequence[str]
) -> TableCell:
    """The verdicts of one side: a square for each, if there are several and none is a number."""
    kind = KINDS_OF_MARKS.get(entry.kind, "wrong" if entry.kind else "")
    judged = [each for each in results if each]
    if not squares or not judged or any(each.at_once is not None for each in judged):
        return TableCell(entry.text, kind)
    said = [square(each, where) for each, where in zip(results, squares, strict=True)]
    return TableCell("; ".join(words for _, words in said), kind, squares=said)


def square(result: Result | None, where: str) -> tuple[str, str]:
    """What a square is, and what it says."""
    if result is None:
        return "none", f"{where}: not judged"
    kind = KINDS_OF_MARKS[MARKS[result.verdict]]
    said = f"{where}: {result.verdict.value}"
    return (f"{kind} wrong", f"{said}, unexpected") if result.wrong else (kind, said)


def differing_in_words(
    names: Sequence[str], sides: Sequence[Sequence[Report]], found: Sequence[FlippedVerdict]
) -> str:
    """How much differs, what only one side keeps, and what both fail, in other cases."""
    if not found:
        return "No verdict differs."
    claims = {each.flip.after.claim.name: each.flip.after.claim for each in found}
    safety = [name for name, claim in claims.items() if not claim.wanted]
    seen = {name: [verdicts_in(side, name) for side in sides] for name in safety}
    said = [
        f"only {name} keeps {', '.join(kept)}"
        for name, mine, other in ((names[0], 0, 1), (names[1], 1, 0))
        if (
            kept := [
                each
                for each in safety
                if seen[each][mine] == {Verdict.HOLDS} and Verdict.FAILS in seen[each][other]
            ]
        )
    ]
    failed = [each for each in safety if all(Verdict.FAILS in side for side in seen[each])]
    if failed:
        said.append(f"both fail {', '.join(failed)}, but not in the same cases")
    plural = "property differs" if len(claims) == 1 else "properties differ"
    return "; ".join([f"{len(claims)} {plural}", *said]) + "."


def verdicts_in(reports: Sequence[Report], name: str) -> set[Verdict]:
    """The verdicts of a property in some reports."""
    return {result.verdict for report in reports if (result := result_in(report, name))}


def differing_parts(
    names: Sequence[str], found: Sequence[FlippedVerdict], alone: Sequence[str]
) -> Iterator[JsonValue]:
    """Every property that flips, with its shortest run on both sides, and what one side lacks."""
    groups = [
        (name, list(differing_runs(names, found, name)))
        for name in dict.fromkeys(each.flip.after.claim.name for each in found)
    ]
    if groups:
        yield groups_part("What differs", groups)
    if alone:
        yield lines_part("What only one side has", [(text, "") for text in alone])


def differing_runs(
    names: Sequence[str], found: Sequence[FlippedVerdict], name: str
) -> Iterator[tuple[str, str]]:
    """Where a property flips, and its shortest run on both sides."""
    own = [each for each in found if each.flip.after.claim.name == name]
    yield from ((text, "") for text in verdicts_by_side(own))
    shown = [each for each in own if each.run]
    if shown:
        yield from run_on_both(
            names, min(shown, key=lambda each: len(each.run.choices or ()) if each.run else 0)
        )
    else:
        yield from ((text, "") for text in execution_sentences(names, own))


def run_on_both(names: Sequence[str], each: FlippedVerdict) -> Iterator[tuple[str, str]]:
    """A run that one side has, and what becomes of it on the other."""
    assert each.run
    here, there = reversed(names) if each.second else names
    yield (
        f"{here}: {diagnosis(each.of.case, each.run.claim.name, each.run.choices or ())}",
        each.run.path or "",
    )
    apart = f" They go apart in {apart_in_words(each.apart, here, there)}." if each.apart else ""
    yield f"{there}: {each.stopped}.{apart}", ""
