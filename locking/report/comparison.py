"""Two sides of a comparison beside each other, as a person reads them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from rich.console import Console

from locking.placements.placement import Placement
from locking.properties.explored import Verdict
from locking.report.brackets import drawn_roles
from locking.report.execution_to_terminal import reason_in_words
from locking.report.matrix import (
    UNJUDGED,
    UNKNOWN,
    Column,
    Entry,
    Matrix,
    Row,
    cell,
    property_names,
)
from locking.report.sentences import diagnosis
from locking.report.to_terminal import (
    KEY_WIDTH,
    check_heading,
    fill,
    matrix_legend,
    pointed,
    printed,
)
from locking.studies.comparison import FlippedVerdict, Measured, Pair
from locking.studies.following import Apart
from locking.studies.necessity import result_pairs
from locking.traces.path import letters

FLIPS = "<>"
"""What stands beside a property of which some verdict differs."""

NO_NAME = "the case"
"""What the one pair is called that has no name apart from its sides."""


def render(
    names: Sequence[str],
    pairs: Sequence[Pair],
    found: Sequence[FlippedVerdict],
    alone: Sequence[str],
    console: Console,
) -> str:
    """The whole text: verdicts, what each pair costs, and every flip with its run.

    `names` are those of the two sides, `alone` says what only one of them has.
    """
    verdicts = turned(names, pairs, found)
    figures = costs(names, pairs)
    both = replace(verdicts, columns=(*verdicts.columns, *figures.columns))
    reports = [side.report for each in pairs for side in (each.one, each.two)]
    key = matrix_legend(both, reports, console.width)
    key += [f"{'':<{KEY_WIDTH}}{FLIPS} differs"] if found else []
    above = [*headings(pairs, console.width), *(["", *key] if key else [])]
    under = [
        "",
        *(line for text in alone for line in fill(text, console.width)),
        *flipped(names, found, console.width, shared=any(map(judged_on_both, pairs))),
    ]
    return printed(above, [verdicts, figures], under, console)


def headings(pairs: Sequence[Pair], width: int) -> list[str]:
    """What was checked, and how completely; twice where that is two models."""
    return [*what_was_checked(pairs, width), *placements_apart(pairs, width)]


def placements_apart(pairs: Sequence[Pair], width: int) -> Iterator[str]:
    """Two placements of one model, drawn: their roles that are not the same.

    A role that only one of them has is the model's own in the other.
    """
    one, two = pairs[0].one.report.case, pairs[0].two.report.case
    if not one.placement or not two.placement or one.model is not two.model:
        return
    apart = differing_roles(one.placement, two.placement)
    for own in (one.placement, two.placement) if apart else ():
        roles = {role: own.roles[role] for role in apart if role in own.roles}
        yield from ["", f"{own.name}:", *drawn_roles(roles, width, "  ")]
        missing = [role for role in apart if role not in roles]
        if missing:
            yield from fill(f"{', '.join(missing)} as in the model", width, "  ")


def differing_roles(one: Placement, two: Placement) -> list[str]:
    """The roles for which two placements say something else, or of which only one says anything."""
    roles = dict.fromkeys([*one.roles, *two.roles])
    return [each for each in roles if one.roles.get(each) != two.roles.get(each)]


def what_was_checked(pairs: Sequence[Pair], width: int) -> list[str]:
    """The heading of a check; of two models, both."""
    sides = [[each.one.report for each in pairs], [each.two.report for each in pairs]]
    if sides[0][0].case.model is sides[1][0].case.model:
        return check_heading([*sides[0], *sides[1]], width)
    return [line for side in sides for line in check_heading(side, width)]


def turned(
    names: Sequence[str], pairs: Sequence[Pair], differences: Sequence[FlippedVerdict]
) -> Matrix:
    """The verdicts: a row for each property, a column for each side."""
    sides = [[each.one.report for each in pairs], [each.two.report for each in pairs]]
    wheres = [each.where for each in pairs]
    letter = {where: letters(at) if len(pairs) > 1 else "" for at, where in enumerate(wheres)}
    of = {
        id(each): letter[where] for side in sides for each, where in zip(side, wheres, strict=True)
    }
    flips = {each.flip.after.claim.name for each in differences}
    rows = tuple(Row(name, ()) for name in property_names([*sides[0], *sides[1]]))
    columns = [
        Column(
            name,
            tuple(
                cell(
                    Row(name, tuple(side)), row.name, lambda each: of[id(each)], [*letter.values()]
                )
                for row in rows
            ),
        )
        for name, side in zip(names, sides, strict=True)
    ]
    marks = tuple(Entry(FLIPS if row.name in flips else "") for row in rows)
    told = {short: where for where, short in letter.items() if short}
    scenarios = {each.one.report.case.scenario.reference for each in pairs}
    kind = "scenario" if scenarios == set(wheres) else "case"
    return Matrix(rows, (*columns, Column("", marks)), told, kind)


def costs(names: Sequence[str], pairs: Sequence[Pair]) -> Matrix:
    """What each pair costs: states, threads at once, the critical path."""
    rows = tuple(Row(each.where or NO_NAME, ()) for each in pairs)
    sides = [[each.one for each in pairs], [each.two for each in pairs]]
    columns = [
        Column(f"{name} {figure_name}", tuple(Entry(figure(each)) for each in side), number=True)
        for figure_name, figure in figures_of(pairs).items()
        for name, side in zip(names, sides, strict=True)
    ]
    return Matrix(rows, tuple(columns), {})


def states_count(each: Measured) -> str:
    """How many states there are."""
    return f"{each.report.states:,}{'+' if each.report.cause else ''}"


def at_once(each: Measured) -> str:
    """The greatest number of threads at once that some property counts."""
    counted = [result.at_once for result in each.report.results if result.at_once is not None]
    return f"{max(counted)}{'+' if each.report.cause else ''}" if counted else UNJUDGED


def critical_path_length(each: Measured) -> str:
    """The length of the critical path, if the search ended and some run comes to its end."""
    if each.report.cause:
        return UNKNOWN
    return f"{each.rounds:,}" if each.rounds is not None else "none"


def figures_of(pairs: Sequence[Pair]) -> Mapping[str, Callable[[Measured], str]]:
    """What is counted of each pair, by the heading."""
    return EXECUTIONS_COUNTED if pairs[0].one.report.of_executions else FIGURES


FIGURES = {"states": states_count, "in parallel": at_once, "critical path": critical_path_length}
"""What is counted of a search, by the heading."""

EXECUTIONS_COUNTED = {"executions": states_count}
"""What is counted if executions are gone through."""


def judged_on_both(pair: Pair) -> bool:
    """Whether there is a property that could differ."""
    return any(result_pairs(pair.one.report, pair.two.report))


def flipped(
    names: Sequence[str], found: Sequence[FlippedVerdict], width: int, *, shared: bool
) -> Iterator[str]:
    """Every property that flips, in which pairs, and its shortest run on both sides.

    `shared` is whether there is any that could.
    """
    if not shared:
        yield "no property is judged on both sides"
    elif not found:
        yield "no verdict differs"
    for name in dict.fromkeys(each.flip.after.claim.name for each in found):
        own = [each for each in found if each.flip.after.claim.name == name]
        yield from fill(f"{name}: {'; '.join(verdicts_by_side(own))}", width)
        yield from shortest_run(names, own, width)


def shortest_run(
    names: Sequence[str], found: Sequence[FlippedVerdict], width: int
) -> Iterator[str]:
    """The shortest run that one side has, and what becomes of it on the other."""
    runs = [(len(each.run.choices or ()), at) for at, each in enumerate(found) if each.run]
    if not runs:
        yield from fill(" ".join(execution_sentences(names, found)), width, "  ")
        return
    each = found[min(runs)[1]]
    assert each.run
    here, there = reversed(names) if each.second else names
    why = diagnosis(each.of.case, each.run.claim.name, each.run.choices or ())
    yield from pointed(f"{here}: {why}", each.run.path or "", width, "  ")
    yield from fill(f"{there}: {each.stopped}.", width, "  ")
    if each.apart:
        yield from fill(f"they go apart in {apart_in_words(each.apart, here, there)}.", width, "  ")


def execution_sentences(names: Sequence[str], found: Sequence[FlippedVerdict]) -> Iterator[str]:
    """Why the first execution does what fails, where executions were gone through."""
    for each in found:
        result = each.by_execution
        if result and result.execution:
            why = reason_in_words(result.claim, result.finding, result.execution)
            yield f"{names[each.second]}: {why}."
            return


def apart_in_words(apart: Apart, here: str, there: str) -> str:
    """Where two runs go apart: the step, and what the thread does on each side."""
    other = f"it does {apart.there}" if apart.there else "it does nothing more"
    return f"step {apart.step}, {apart.thread}: {here} does {apart.here}; {there}: {other}"


def verdicts_by_side(found: Sequence[FlippedVerdict]) -> Iterator[str]:
    """What the verdict is on each side, with the pairs in which it is so."""
    grouped: dict[str, list[str]] = {}
    for each in found:
        flip = each.flip
        text = (
            f"{verdict_or_count(flip.before.verdict, flip.before.at_once)} -> "
            + verdict_or_count(flip.after.verdict, flip.after.at_once)
        )
        grouped.setdefault(text, []).append(each.where)
    for text, wheres in grouped.items():
        yield f"{text} in {', '.join(wheres)}" if any(wheres) else text


def verdict_or_count(verdict: Verdict, at_once: int | None) -> str:
    """A verdict, or how many at once."""
    return f"{at_once} in parallel" if at_once is not None else verdict.value
