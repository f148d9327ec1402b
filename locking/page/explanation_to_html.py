"""The page of an explanation: a matrix of regions and changes, with the runs that show it."""

from collections.abc import Iterator, Sequence

from locking.page.studies import TableCell, lines_part, render_study, table_part, trees_part
from locking.report.necessity import (
    CHANGE_IN_WORDS,
    NO_RUN_TAKES_IT,
    NOT_TAKEN,
    Where,
    change_in_words,
    closing,
    flips_in_words,
    telling,
    undecided_lines,
)
from locking.report.sentences import diagnosis
from locking.studies.necessity import Flip, RegionUse, Trial
from locking.text.words import counted, listed
from locking.verdicts import Report

UNBROKEN = 10_000
"""A width at which no sentence is broken."""


def render(uses: Sequence[RegionUse], base: Sequence[Report], stopped: str = "") -> str:
    """The whole file; `base` are the reports of the placement as it is."""
    case, where = base[0].case, by_name([report.case.scenario.name for report in base])
    assert case.placement
    columns = list(
        dict.fromkeys(column_of_change(trial, uses) for use in uses for trial in use.trials)
    )
    rows = [(region_name(use), cells_of_region(use, columns, uses, where)) for use in uses]
    said = [(text, "") for text in [*closing(uses, UNBROKEN), *filter(None, [stopped])]]
    parts = [
        table_part("What breaks when a region is changed", columns, rows),
        lines_part("What each region is for", said),
        trees_part("The placement", [(case.placement.name, case.placement)]),
    ]
    return render_study(
        case.model,
        f"What the locks of {case.placement.name} are for",
        redundant_in_words(uses),
        parts,
    )


def by_name(scenarios: Sequence[str]) -> Where:
    """Scenarios by their names; one word where they are all that were checked."""

    def where(names: Sequence[str]) -> str:
        if len(set(scenarios)) < 2:
            return ""
        found = [each for each in dict.fromkeys(scenarios) if each in names]
        whole = len(found) == len(set(scenarios)) > 2
        return f"in all {len(found)} scenarios" if whole else f"in {listed(found)}"

    return where


def redundant_in_words(uses: Sequence[RegionUse]) -> str:
    """Which regions are redundant, and which no run takes."""
    own = [use for use in uses if use.number is not None]
    spare, untaken = [use for use in own if use.redundant], [use for use in own if not use.taken]
    said = [regions_in_words(spare, own, "redundant")] if spare else []
    said += [regions_in_words(untaken, own, NO_RUN_TAKES_IT)] if untaken else []
    return " ".join(said) if spare else " ".join(["No region is known to be redundant.", *said])


def regions_in_words(some: Sequence[RegionUse], every: Sequence[RegionUse], what: str) -> str:
    """How many regions are so, and which."""
    names = [f"region {use.number} of {use.whose}" for use in some]
    verb = "is" if len(some) == 1 else "are"
    return f"{len(some)} of {counted(len(every), 'region')} {verb} {what}: {listed(names)}."


def region_name(use: RegionUse) -> str:
    """What a row is called."""
    return f"{use.whose}, region {use.number}: {use.text}" if use.number else f"every {use.text}"


def column_of_change(trial: Trial, uses: Sequence[RegionUse]) -> str:
    """The column of a change; those of parts are numbered, where regions differ in their parts."""
    part = trial.edit.part
    if not part:
        return CHANGE_IN_WORDS[trial.edit.kind]
    names = {use.parts for use in uses if any(each.edit.part for each in use.trials)}
    return f"without {next(iter(names))[part - 1]}" if len(names) == 1 else f"without part {part}"


def cells_of_region(
    use: RegionUse, columns: Sequence[str], uses: Sequence[RegionUse], where: Where
) -> list[TableCell]:
    """The cells of a region, of which some are empty."""
    by_column = {column_of_change(trial, uses): trial for trial in use.trials}
    return [
        cell_of_change(by_column[each], use, where) if each in by_column else TableCell("")
        for each in columns
    ]


def cell_of_change(trial: Trial, use: RegionUse, where: Where) -> TableCell:
    """What a change does, in a word and a number, and all of it with the run."""
    detail = list(change_details(trial, use, where))
    for flips, verb, kind in (
        (trial.losses, "breaks", "fails"),
        (trial.costs, "takes away", "costs"),
        (trial.undecided, "undecided", "unknown"),
        (trial.gains, "gives", "gains"),
    ):
        if flips:
            return TableCell(f"{verb} {how_many_flip(flips)}", kind, detail)
    return (
        TableCell("✓ nothing", "holds", detail) if use.taken else TableCell(NOT_TAKEN, "", detail)
    )


def how_many_flip(flips: Sequence[object]) -> int:
    """How many properties flip, or how much is undecided."""
    return len({each.after.claim.name if isinstance(each, Flip) else each for each in flips})


def change_details(trial: Trial, use: RegionUse, where: Where) -> Iterator[tuple[str, str]]:
    """The sentences on a change."""
    yield f"{change_in_words(trial, use)} ({trial.edit})", ""
    if not use.taken:
        yield f"{region_name(use)} is {NO_RUN_TAKES_IT}", ""
    for verb, flips in (
        ("breaks", trial.losses), ("takes away", trial.costs), ("gives", trial.gains),
    ):  # fmt: skip
        for text in flips_in_words(flips, where):
            yield f"{verb} {text}", ""
    for text in undecided_lines(trial, where):
        yield f"not decided: {text}", ""
    found = telling(trial.losses)
    if found:
        name, choices = found.after.claim.name, found.after.choices or ()
        why = diagnosis(found.report.case, name, choices)
        yield f"{name}: {why}", found.after.path or ""
