"""The page of a study: a conclusion, and parts that are tables, bars, plots and placements.

Rule of this file: what a part looks like is here, as plain data; what is in it says its study. A
detail is what is shown of a cell or a point that is chosen.
"""

from collections.abc import Sequence
from typing import NamedTuple

from locking.model import Model
from locking.page.origin import origin
from locking.page.places import placement_entry
from locking.page.table import JsonValue, printable
from locking.page.to_html import page
from locking.placements.placement import Placement

STUDY_VERSION = 1
"""The number of what is said here, and how; another meaning gets another number."""

STUDY_SCRIPTS = ("element", "theme", "heads", "foot", "placement", "strip", "parts", "study")
"""The parts of the script of these pages, in order."""


class TableCell(NamedTuple):
    """A text, what kind of verdict it stands for, if any, and the lines that tell more of it.

    With `squares` it is a strip of them, each with the kind of its verdict and what it says; the
    text is then for those who don't see them.
    """

    text: str
    kind: str = ""
    detail: Sequence[tuple[str, str]] = ()
    squares: Sequence[tuple[str, str]] = ()


class Bar(NamedTuple):
    """What is counted, in words, and its length, from 0 to 1."""

    name: str
    says: str
    length: float


class Point(NamedTuple):
    """A point of a plot, by two numbers, with the number that stands at it."""

    across: int
    up: int
    name: str


def table_part(
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[TableCell]]],
    squares: Sequence[str] = (),
) -> JsonValue:
    """A table; a cell with a detail is a button; `squares` are what those of a strip stand for."""
    return {
        "kind": "table",
        "title": printable(title),
        "columns": [printable(each) for each in columns],
        "rows": [[printable(name), [cell_entry(each) for each in cells]] for name, cells in rows],
        "squares": [printable(each) for each in squares],
    }


def cell_entry(cell: TableCell) -> JsonValue:
    """A cell; a line of its detail is a text and a path, which may be empty."""
    squares = [[kind, printable(says)] for kind, says in cell.squares]
    return [printable(cell.text), cell.kind, line_entries(cell.detail), squares]


def line_entries(lines: Sequence[tuple[str, str]]) -> JsonValue:
    """Lines, each with the path of a run that shows it, or an empty one."""
    return [[printable(text), printable(path)] for text, path in lines]


def bars_part(title: str, rows: Sequence[Bar]) -> JsonValue:
    """Bars, one below the other."""
    return {
        "kind": "bars",
        "title": printable(title),
        "rows": [[printable(each.name), printable(each.says), each.length] for each in rows],
    }


def plot_part(title: str, across: str, up: str, points: Sequence[Point]) -> JsonValue:
    """Points over two axes."""
    return {
        "kind": "plot",
        "title": title,
        "across": across,
        "up": up,
        "points": [*map(list, points)],
    }


def trees_part(
    title: str, placements: Sequence[tuple[str, Placement]], only: Sequence[str] | None = None
) -> JsonValue:
    """Placements, drawn: all their roles, or those that they differ in."""
    drawn = [[printable(name), placement_entry(each, only)] for name, each in placements]
    return {"kind": "trees", "title": printable(title), "items": drawn}


def lines_part(title: str, found: Sequence[tuple[str, str]]) -> JsonValue:
    """Sentences, each with the path of its run, or an empty one."""
    return {"kind": "lines", "title": printable(title), "lines": line_entries(found)}


def groups_part(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> JsonValue:
    """Sentences in groups, each under its own title."""
    found = [[printable(name), line_entries(lines)] for name, lines in groups]
    return {"kind": "groups", "title": printable(title), "groups": found}


def render_study(model: Model, title: str, headline: str, parts: Sequence[JsonValue]) -> str:
    """The whole file."""
    return page(
        {
            "version": STUDY_VERSION,
            "title": printable(title),
            "about": printable(f"{model.reference}: {model.about}"),
            "headline": printable(headline),
            "parts": parts,
            "made": origin(model.build),
        },
        STUDY_SCRIPTS,
    )
