"""The page of a comparison: two placements drawn, their verdicts, and each run that differs."""

from collections.abc import Iterator, Sequence

from locking.page.studies import TableCell, lines_part, render_study, table_part, trees_part
from locking.properties.explored import Verdict
from locking.report.comparison import apart_in_words, costs, turned, verdicts_by_side
from locking.report.matrix import FAILS, HOLDS, NEVER, UNKNOWN, Entry
from locking.report.sentences import diagnosis
from locking.studies.comparison import FlippedVerdict, Pair

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
    cases = [each.report.case for each in (pairs[0].one, pairs[0].two)]
    placements = [each.placement for each in cases]
    drawn = [(each.name, each) for each in placements if each]
    rows = [
        (row.name, [cell_of_entry(column.cells[at]) for column in verdicts.columns])
        for at, row in enumerate(verdicts.rows)
    ]
    where = [f"{letter} is {name}" for letter, name in verdicts.scenarios.items()]
    parts = [
        *(
            [trees_part("Both placements", drawn)]
            if len(drawn) == 2 and drawn[0] != drawn[1]
            else []
        ),
        table_part("Verdicts", [*names, "differs"], rows),
        lines_part(
            "What differs", [*differing_runs(names, found), *((text, "") for text in alone)]
        ),
        *([lines_part("Scenarios", [(text, "") for text in where])] if where else []),
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
        cases[0].model, " and ".join(names), differing_in_words(names, found), parts
    )


def cell_of_entry(entry: Entry) -> TableCell:
    """A verdict of one side."""
    return TableCell(entry.text, KINDS_OF_MARKS.get(entry.kind, "wrong" if entry.kind else ""))


def differing_in_words(names: Sequence[str], found: Sequence[FlippedVerdict]) -> str:
    """How much differs, and what only one side keeps."""
    if not found:
        return "No verdict differs."
    kept: list[list[str]] = [[], []]
    for each in found:
        sides = (each.flip.before, each.flip.after)
        for side, mine, other in zip(kept, sides, sides[::-1], strict=True):
            kept_here = (mine.verdict, other.verdict) == (Verdict.HOLDS, Verdict.FAILS)
            if kept_here and not mine.claim.wanted:
                side.append(each.flip.after.claim.name)
    said = [
        f"only {name} keeps {', '.join(dict.fromkeys(side))}"
        for name, side in zip(names, kept, strict=True)
        if side
    ]
    properties = {each.flip.after.claim.name for each in found}
    plural = "property differs" if len(properties) == 1 else "properties differ"
    return "; ".join([f"{len(properties)} {plural}", *said]) + "."


def differing_runs(
    names: Sequence[str], found: Sequence[FlippedVerdict]
) -> Iterator[tuple[str, str]]:
    """Every property that flips, and its shortest run on both sides."""
    if not found:
        yield "no verdict differs", ""
    for name in dict.fromkeys(each.flip.after.claim.name for each in found):
        own = [each for each in found if each.flip.after.claim.name == name]
        yield f"{name}: {'; '.join(verdicts_by_side(own))}", ""
        shown = [each for each in own if each.run]
        if shown:
            yield from run_on_both(
                names, min(shown, key=lambda each: len(each.run.choices or ()) if each.run else 0)
            )


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
