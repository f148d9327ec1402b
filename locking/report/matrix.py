"""The verdicts of many reports as rows, columns and cells; no layout.

A row is a placement over all its scenarios, or a scenario of a model that has no placements. The
scenarios are lettered, and a cell names those in which its property fails.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from locking.properties.explored import Verdict
from locking.traces.path import letters
from locking.verdicts import Report, Result

HOLDS, FAILS, UNKNOWN, NEVER, UNJUDGED, WRONG = "ok", "fails", "?", "∅", "·", "!"


PASSES = "-"
"""What stands in the place of a scenario in which the property holds."""

MARKS = {
    Verdict.HOLDS: HOLDS,
    Verdict.FAILS: FAILS,
    Verdict.UNKNOWN: UNKNOWN,
    Verdict.NEVER_EVALUATED: NEVER,
}
"""What stands for a verdict in a cell."""


@dataclass(frozen=True)
class Row:
    """Reports that belong together, under a name."""

    name: str
    reports: tuple[Report, ...]

    def results(self, name: str) -> Iterator[tuple[Report, Result]]:
        """The results of the property called `name`, in the order of the scenarios."""
        for report in self.reports:
            for result in report.results:
                if result.claim.name == name:
                    yield report, result


@dataclass(frozen=True)
class Entry:
    """A text and what it says, for those who see colours: `kind` is one of the marks above."""

    text: str
    kind: str = ""

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class Column:
    """A heading over one cell a row; `number` tells figures, which stand to the right."""

    heading: str
    cells: tuple[Entry, ...]
    number: bool = False


@dataclass(frozen=True)
class Matrix:
    """The rows, the columns, and the scenarios by their letters (none, if the rows are they).

    `lettered` is what has letters, where that is something else. `corner` stands above the names.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    scenarios: dict[str, str]
    lettered: str = "scenario"
    corner: str = ""


def matrix(reports: Sequence[Report]) -> Matrix:
    """The matrix of reports of one model."""
    rows = rows_of(reports)
    names = list(dict.fromkeys(report.case.scenario.reference for report in reports))
    lettered = len(rows) > 0 and reports[0].case.placement is not None and len(names) > 1
    letter = {name: letters(at) if lettered else "" for at, name in enumerate(names)}

    def lettering(report: Report) -> str:
        return letter[report.case.scenario.reference]

    verdicts = [
        Column(name, tuple(cell(row, name, lettering, list(letter.values())) for row in rows))
        for name in property_names(reports)
    ]
    scenarios = {short: name for name, short in letter.items() if short}
    return Matrix(rows, (*verdicts, *figures(rows)), scenarios)


def scenario_matrix(found: Matrix) -> Matrix:
    """The rows of `found` again, with a column for each scenario: how many properties fail there.

    It has no column where the rows are the scenarios.
    """
    columns = [
        Column(letter, tuple(scenario_cell(row, name) for row in found.rows))
        for letter, name in found.scenarios.items()
    ]
    return Matrix(found.rows, tuple(columns), found.scenarios, corner=FAILING)


FAILING = "properties that fail"
"""What the cells of a scenario matrix count."""


def scenario_cell(row: Row, scenario: str) -> Entry:
    """How many properties fail in a scenario, or the mark of what is so of them instead.

    One that wants a witness counts only where its verdict is not the expected one.
    """
    own = (each for each in row.reports if each.case.scenario.reference == scenario)
    results = [result for report in own for result in report.results]
    if not results:
        return Entry(UNJUDGED, UNJUDGED)
    judged = [result for result in results if result.wrong or not result.claim.wanted]
    seen = {result.verdict for result in judged}
    failing = sum(result.verdict is Verdict.FAILS for result in judged)
    mark = UNKNOWN if Verdict.UNKNOWN in seen else NEVER if Verdict.NEVER_EVALUATED in seen else ""
    text = f"{failing}{mark}" if failing else mark or HOLDS
    if any(result.wrong for result in results):
        return Entry(WRONG + text, WRONG)
    return Entry(text, FAILS if failing else mark or HOLDS)


def letters_of(reports: Sequence[Report]) -> dict[str, str]:
    """A letter for every scenario; empty ones where there is nothing to tell apart by them."""
    names = list(dict.fromkeys(report.case.scenario.name for report in reports))
    lettered = bool(reports) and reports[0].case.placement is not None and len(names) > 1
    return {name: letters(at) if lettered else "" for at, name in enumerate(names)}


def rows_of(reports: Sequence[Report]) -> tuple[Row, ...]:
    """The reports in rows, in their order."""
    grouped: dict[str, list[Report]] = {}
    for report in reports:
        placement, scenario = report.case.placement, report.case.scenario
        reference = placement.reference if placement else scenario.reference
        grouped.setdefault(with_variant(reference, report), []).append(report)
    names = [label(group[0]) for group in grouped.values()]
    return tuple(
        Row(name if names.count(name) == 1 else reference, tuple(group))
        for name, (reference, group) in zip(names, grouped.items(), strict=True)
    )


def label(report: Report) -> str:
    """What the row of a report is called, if no other is called so."""
    case = report.case
    if case.placement:
        return with_variant(case.placement.name, report)
    alone = case.model.scenarios == (case.scenario,)
    return with_variant(case.model.name if alone else case.scenario.reference, report)


def with_variant(name: str, report: Report) -> str:
    """The name of a row, and of which variant it is."""
    return f"{name}, {report.case.variant}" if report.case.variant else name


def property_names(reports: Sequence[Report]) -> list[str]:
    """Every property that was judged, each before those that follow it in its own report."""
    names: list[str] = []
    for report in reports:
        own = [result.claim.name for result in report.results]
        for at, name in enumerate(own):
            if name not in names:
                later = [names.index(other) for other in own[at:] if other in names]
                names.insert(min(later, default=len(names)), name)
    return names


def cell(row: Row, name: str, letter: Callable[[Report], str], letters: Sequence[str]) -> Entry:
    """The cell of the property called `name`; `letter` is that of a report's scenario."""
    judged = list(row.results(name))
    if not judged:
        return Entry(UNJUDGED, UNJUDGED)
    text, kind = count_at_once(judged) or verdicts(judged, letter, letters)
    if any(result.wrong for _, result in judged):
        return Entry(WRONG + text, WRONG)
    return Entry(text, kind)


def count_at_once(judged: list[tuple[Report, Result]]) -> tuple[str, str] | None:
    """The greatest number at once, for a property that counts; `2+` if there may be more."""
    numbers = [result.at_once for _, result in judged if result.at_once is not None]
    if not numbers:
        return None
    more = "+" if any(report.cause for report, _ in judged) else ""
    return f"{max(numbers)}{more}", HOLDS if max(numbers) > 1 else FAILS


def verdicts(
    judged: list[tuple[Report, Result]], letter: Callable[[Report], str], letters: Sequence[str]
) -> tuple[str, str]:
    """One place for each scenario of `letters`; one word, where all that are judged are alike."""
    seen = {result.verdict for _, result in judged}
    if len(seen) == 1:
        [verdict] = seen
        text = MARKS[verdict]
        return text, text
    found = {letter(report): result.verdict for report, result in judged}
    text = "".join(strip_mark(each, found.get(each)) for each in letters)
    kinds = {Verdict.FAILS: FAILS, Verdict.UNKNOWN: UNKNOWN, Verdict.NEVER_EVALUATED: NEVER}
    return text, next(kind for verdict, kind in kinds.items() if verdict in seen)


def strip_mark(letter: str, verdict: Verdict | None) -> str:
    """What stands for one scenario in its place of a strip: its letter, if the property fails."""
    if verdict is Verdict.FAILS:
        return letter
    sign = UNJUDGED if verdict is None else PASSES if verdict is Verdict.HOLDS else MARKS[verdict]
    return sign * len(letter)


def figures(rows: Sequence[Row]) -> Iterator[Column]:
    """What the searches of each row counted and took."""
    of_executions = all(report.of_executions for row in rows for report in row.reports)
    for heading, figure in FIGURES_OF_EXECUTIONS if of_executions else FIGURES:
        yield Column(heading, tuple(Entry(figure(row.reports)) for row in rows), number=True)


def total_states(reports: Sequence[Report]) -> str:
    """The states of all the reports together."""
    more = "+" if any(report.cause for report in reports) else ""
    return f"{sum(report.states for report in reports):,}{more}"


def most_interleavings(reports: Sequence[Report]) -> str:
    """The interleavings of the scenario that has the most."""
    if not all(report.counted for report in reports):
        return "left out"
    if any(report.cause is None and report.interleavings is None for report in reports):
        return "endless"
    if any(report.cause for report in reports):
        return UNKNOWN
    return short_number(max(report.interleavings or 0 for report in reports))


def short_number(number: int) -> str:
    """A whole number of any size in few characters, rounded down: `4.5e6`."""
    if number < 10_000:
        return f"{number:,}"
    exponent = len(str(number)) - 1
    first, second = divmod(number // 10 ** (exponent - 1), 10)
    return f"{first}.{second}e{exponent}"


def total_seconds(reports: Sequence[Report]) -> str:
    """The time that the reports took together."""
    return f"{sum(report.seconds for report in reports):.1f}s"


FIGURES: tuple[tuple[str, Callable[[Sequence[Report]], str]], ...] = (
    ("states", total_states),
    ("inter-leavings", most_interleavings),
    ("time", total_seconds),
)
"""What is counted of a search, each with its heading."""

FIGURES_OF_EXECUTIONS = (("executions", total_states), ("time", total_seconds))
"""What is counted if executions are gone through."""
