"""A check as a person reads it: the matrix, the sentences, and what was not expected.

Rule of this file: all layout is here. Where the columns don't fit beside each other, the matrix is
cut into as few tables as will do, and every table repeats the names of the rows. A path string is
never broken, so that it can be copied.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from locking.model import Model
from locking.properties.explored import Verdict
from locking.report import sentences
from locking.report.matrix import (
    FAILS,
    HOLDS,
    MARKS,
    NEVER,
    PASSES,
    UNJUDGED,
    UNKNOWN,
    WRONG,
    Column,
    Entry,
    Matrix,
    Row,
    matrix,
    scenario_matrix,
    total_seconds,
)
from locking.scope import MEMORY, VARIANT, memory_of
from locking.text.fit import escape, wrapped
from locking.text.words import counted
from locking.verdicts import Report

ENTRY_STYLES = {
    HOLDS: "green",
    FAILS: "red",
    UNKNOWN: "yellow",
    NEVER: "yellow",
    UNJUDGED: "dim",
    WRONG: "bold reverse red",
}

TABLE_GAP = 2
"""Columns between two columns of a table."""

MOST_TABLES = 6
"""Tables that a matrix is cut into before it is turned, so that each property has a row."""

KEY_WIDTH = 11
"""Columns of the titles of a key."""

WIDEST_NAME = 30
"""Characters of a row's name before it is folded."""


def summary(reports: Sequence[Report], console: Console, stopped: str = "") -> str:
    """The last lines; `stopped` says how far the check came, if it did not come to its end."""
    return printed([], [], list(check_summary(reports, stopped, console.width)), console)


def matrix_of_model(reports: Sequence[Report], console: Console, *, titled: bool = False) -> str:
    """What was found of one model: the matrices, and the sentences below them.

    What the model is called is left out where it is `titled` already.
    """
    found = matrix(reports)
    by_scenario = scenario_matrix(found)
    key = matrix_legend(found, reports, console.width)
    title = [] if titled else model_title(reports[0].case.model, console.width)
    above = [*title, *what_was_covered(reports, console.width), *(["", *key] if key else [])]
    matrices = [*([by_scenario] if by_scenario.columns else []), *readable(found, console.width)]
    return printed(above, matrices, ["", *below(found, reports, console.width)], console)


def readable(found: Matrix, width: int) -> list[Matrix]:
    """A matrix; turned, with a row for each property, where it would be cut into many tables."""
    if len(cut_columns(found, width)) <= MOST_TABLES:
        return [found]
    columns = [each for each in found.columns if not each.number]
    turned = Matrix(
        tuple(Row(each.heading, ()) for each in columns),
        tuple(
            Column(row.name, tuple(each.cells[at] for each in columns))
            for at, row in enumerate(found.rows)
        ),
        {},
    )
    figures = tuple(each for each in found.columns if each.number)
    return [turned, replace(found, columns=figures)]


def printed(
    above: Sequence[str], matrices: Sequence[Matrix], under: Sequence[str], console: Console
) -> str:
    """Lines, matrices in tables that fit, and lines again; no spaces at the end of any.

    Nothing that a model says is obeyed by a terminal: neither as markup nor as control characters.
    """
    parts: list[RenderableType] = [Text(escape(line)) for line in above]
    for found in map(escaped, matrices):
        for columns in cut_columns(found, console.width):
            parts += ["", matrix_table(found, columns)]
    parts += [Text(escape(line)) for line in under]
    with console.capture() as capture:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, Text))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def escaped(found: Matrix) -> Matrix:
    """A matrix with what can't be printed written as in a Python string."""
    rows = tuple(Row(escape(row.name), row.reports) for row in found.rows)
    columns = tuple(
        Column(
            escape(column.heading),
            tuple(Entry(escape(cell.text), cell.kind) for cell in column.cells),
            column.number,
        )
        for column in found.columns
    )
    return replace(found, rows=rows, columns=columns)


def check_heading(reports: Sequence[Report], width: int) -> list[str]:
    """What was checked, and how completely."""
    return [*model_title(reports[0].case.model, width), *what_was_covered(reports, width)]


def model_title(model: Model, width: int) -> list[str]:
    """What a model is called, and what it asks."""
    return fill(f"{model.name}: {model.about}", width)


def case_line(report: Report, number: int, cases: int, width: int) -> list[str]:
    """What was found of one case of a model, as soon as it is known."""
    case, whole = report.case, f"{cases:,}"
    names = [*([case.placement.reference] if case.placement else []), case.scenario.reference]
    names += [case.variant] if case.variant else []
    text = f"{', '.join(names)}: {sentences.case_outcome(report)}"
    count = f"{number:>{len(whole)},}/{whole}  "
    return wrapped(text, width, count, " " * len(count))


def what_was_covered(reports: Sequence[Report], width: int) -> list[str]:
    """How completely cases were searched, and in which scope."""
    case = reports[0].case
    scope = [
        f"{name}={value}" for name, value in case.scope.items() if name not in (VARIANT, MEMORY)
    ]
    runs = "execution" if reports[0].of_executions else "interleaving"
    stopped, unjudged = sentences.stopped_by(reports), sentences.left_unjudged_by(reports)
    text = f"NOT every {runs} ({', '.join(stopped)})" if stopped else f"every {runs}"
    text += f", but NOT every property ({', '.join(unjudged)})" if unjudged else ""
    text += f", {memory_of(case.scope)}"
    text += "".join(f"; {each}" for each in [" ".join(scope)] if each)
    text += "" if reports[0].of_executions else f"; engine {reports[0].engine}"
    folded = sum(report.folded for report in reports)
    if folded:
        some = "" if folded == len(reports) else f" in {folded} of {len(reports)} searches"
        text += f"; states counted up to symmetry{some}"
    return fill(text, width)


def cut_columns(found: Matrix, width: int) -> list[list[Column]]:
    """The columns in as few tables as fit `width`, of about the same size."""
    room = width - names_width(found)
    tables = packed_columns(found.columns, room)
    for narrower in range(room - 1, 0, -1):
        evener = packed_columns(found.columns, narrower)
        if len(evener) > len(tables):
            break
        tables = evener
    return tables


def packed_columns(columns: Sequence[Column], room: int) -> list[list[Column]]:
    """The columns in tables that take up no more than `room`, each as full as it can be."""
    tables: list[list[Column]] = [[]]
    left = room
    for column in columns:
        needed = TABLE_GAP + column_width(column)
        if needed > left and tables[-1]:
            tables.append([])
            left = room
        tables[-1].append(column)
        left -= needed
    return tables


def column_width(column: Column) -> int:
    """The characters that a column needs: its longest cell, or part of its heading."""
    return max(longest_part(column.heading), *map(len, column.cells))


def longest_part(heading: str) -> int:
    """The length of the longest part of a heading, which may be broken after each hyphen."""
    return max(map(len, heading.replace("-", "- ").split()), default=1)


def names_width(found: Matrix) -> int:
    """The width of the column of the rows' names."""
    words = found.corner.split()
    return max(*map(len, words), 0, min(WIDEST_NAME, max(len(row.name) for row in found.rows)))


def matrix_table(found: Matrix, columns: Sequence[Column]) -> Table:
    """One table: the names of the rows, and some of the columns."""
    drawn = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, TABLE_GAP - 1, 0, 0)
    )
    drawn.add_column(Text(found.corner), width=names_width(found), overflow="fold")
    for column in columns:
        width = column_width(column)
        heading = textwrap.wrap(column.heading, longest_part(column.heading))
        drawn.add_column(
            Text("\n".join(heading)),
            justify="right" if column.number else "left",
            vertical="bottom",
            width=width,
        )
    for at, row in enumerate(found.rows):
        drawn.add_row(Text(row.name), *(styled_entry(column.cells[at]) for column in columns))
    return drawn


def styled_entry(cell: Entry) -> Text:
    """A cell in the colour of what it says."""
    return Text(cell.text, ENTRY_STYLES.get(cell.kind, ""))


def matrix_legend(found: Matrix, reports: Sequence[Report], width: int) -> list[str]:
    """What letters and marks mean, of those that are there, and why something is not known."""
    cells = {cell for column in found.columns for cell in column.cells}
    figures = {cell for column in found.columns for cell in column.cells if column.number}
    texts = {cell.text for cell in cells - figures}
    bare = {text.removeprefix(WRONG) for text in texts}
    lettered = any(
        text not in (HOLDS, FAILS) and any(each in text for each in found.scenarios)
        for text in bare
    )
    means = {
        f"{HOLDS} holds": HOLDS in bare,
        f"{FAILS} in every {found.lettered}": FAILS in bare and found.scenarios,
        f"a letter: fails in that {found.lettered}": lettered,
        f"{PASSES} holds there": any(PASSES in text for text in bare),
        "2 threads in parallel": any(text[:1].isdigit() for text in bare),
        "+ or more": any(cell.text.endswith("+") for cell in cells),
        f"{UNJUDGED} not judged": any(UNJUDGED in text for text in bare),
        f"{UNKNOWN} unknown": any(UNKNOWN in cell.text for cell in cells),
        f"{NEVER} never evaluated": any(NEVER in text for text in bare),
        f"{WRONG} not as expected": bare != texts,
    }
    named = [f"{letter} {name}" for letter, name in found.scenarios.items()]
    marks = [text for text, wanted in means.items() if wanted]
    return [
        *flowing(f"{found.lettered}s", named, width),
        *flowing("marks", marks, width),
        *(line for text in reasons(reports) for line in fill(text, width, " " * KEY_WIDTH)),
    ]


def reasons(reports: Sequence[Report]) -> Iterator[str]:
    """Why properties are unknown or never evaluated: each cause, with what it is the cause of."""
    for verdict in (Verdict.UNKNOWN, Verdict.NEVER_EVALUATED):
        names: dict[str, dict[str, None]] = {}
        for report, result in ((each, result) for each in reports for result in each.results):
            if result.verdict is verdict:
                cause = result.cause or report.cause or "no reason is known"
                names.setdefault(cause, {})[result.claim.name] = None
        for cause, own in names.items():
            yield f"{MARKS[verdict]} {', '.join(own)}: {cause}"


def flowing(title: str, items: Sequence[str], width: int) -> list[str]:
    """Items behind a title, broken only between them; nothing, if there are none."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 3 <= width:
            lines[-1] += f"   {item}"
        else:
            lines.append(f"{'' if lines else title:<{KEY_WIDTH}}{item}")
    return lines


def below(found: Matrix, reports: Sequence[Report], width: int) -> Iterator[str]:
    """The sentences, what came to ever new states, and the lines that no run reached."""
    for row in found.rows:
        text, path = sentences.row_sentence(row)
        if text:
            yield from pointed(f"{row.name}: {text}", path, width, "")
    for text in sentences.growing(reports):
        yield from fill(text, width)
    for text in sentences.on_disk(reports):
        yield from fill(text, width)
    lines = sentences.never_reached(reports)
    if lines:
        yield ""
        yield "never reached by any run:"
        for line in lines:
            yield from fill(line, width, "  ")


def pointed(text: str, path: str, width: int, indent: str) -> Iterator[str]:
    """A sentence, and below it the command that shows what it says."""
    yield from fill(text, width, indent)
    if path:
        yield f"{' ' * len(indent)}    locking replay {path}"


def check_summary(reports: Sequence[Report], stopped: str, width: int) -> Iterator[str]:
    """How much was judged, and at the very end what is not as it was declared."""
    results = [result for report in reports for result in report.results]
    wrong = list(sentences.unexpected(reports))
    unknown = sum(result.verdict is Verdict.UNKNOWN for result in results)
    yield ""
    if stopped:
        yield stopped
    never = sum(result.verdict is Verdict.NEVER_EVALUATED for result in results)
    outcome = [f"{unknown:,} unknown"] if unknown else []
    outcome += [f"{never:,} never evaluated"] if never else []
    if wrong:
        outcome.append(f"{len(wrong):,} NOT AS EXPECTED:")
    elif unknown + never < len(results):
        outcome.append("all others as expected" if outcome else "all as expected")
    yield from fill(
        f"{counted(len(results), 'verdict')} of {counted(len(reports), 'search', 'es')}, "
        f"{total_seconds(reports)}: {', '.join(outcome)}",
        width,
    )
    for text, path in wrong:
        yield from pointed(text, path, width, f"  {WRONG} ")


def fill(text: str, width: int, indent: str = "") -> list[str]:
    """The text in lines, those after the first further in; words are not broken at hyphens."""
    return wrapped(text, width, indent, " " * len(indent) + "    ")
