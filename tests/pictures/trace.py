"""A trace as the terminal shows it, with a note on each of its parts."""

from typing import NamedTuple

from locking.catalogue import model
from locking.check import check
from locking.traces.forms import to_text
from locking.traces.forms.page import Page
from locking.traces.rerun import rerun
from tests.pictures.drawing import box, mono, svg, text

MODEL, PROPERTY = "textbook.lost_update", "sum"


class Note(NamedTuple):
    """What is said of a part of the text: of `part`, in the first line that begins with `line`."""

    line: str
    part: str
    says: tuple[str, ...]


NOTES = (
    Note("sum fails", "2 context switches", ("the shortest run, with the", "fewest switches")),
    Note("    first", "second", ("a column for each thread,", "time downwards")),
    Note(" 1", "seen = 0", ("the local variable that", "this step changed")),
    Note(" 3", "0 -> 1", ("the change of the", "shared object")),
    Note(" 4", "lost_update.py:15", ("the line of the model",)),
    Note("Why", "Lost update", ("the usual name of the bug,", "and who changed what")),
    Note("Violated", "both additions count", ("the property, and the", "values that break it")),
    Note("Replay", "a1.b2.a1", ("the whole run, to print it", "again anywhere")),
)

LETTER, LINE, LEFT, TOP = 7.4, 18.5, 16, 24
ASIDE = 650
WIDTH = 850


def trace() -> list[str]:
    """The lines of the trace, on a terminal of 80 columns."""
    case = model(MODEL).case("only", None)
    [result] = check(case, [PROPERTY]).results
    assert result.choices is not None
    text_ = to_text.render(rerun(case, PROPERTY, result.choices), Page(80))
    return text_.rstrip("\n").split("\n")


def noted(lines: list[str], number: int, note: Note, y_of_note: float) -> list[str]:
    """A note: a frame around its part, its words beside the trace, and a number at both."""
    row = next(at for at, each in enumerate(lines) if each.startswith(note.line))
    x = LEFT + lines[row].index(note.part) * LETTER - 3
    y = TOP + row * LINE - 13
    width = len(note.part) * LETTER + 6
    return [
        box(x, y, width, 18, "call", 4),
        *badge(x + width + 4, y, number),
        *badge(ASIDE, y_of_note - 4, number),
        *(text(ASIDE + 18, y_of_note + at * 16, each) for at, each in enumerate(note.says)),
    ]


def badge(x: float, y: float, number: int) -> list[str]:
    """A number in a disc."""
    return [box(x - 8, y - 8, 16, 16, "bad", 8), text(x, y + 4.5, str(number), "on middle strong")]


def render() -> str:
    """The picture."""
    lines = trace()
    shapes = [mono(LEFT, TOP + at * LINE, each, LETTER) for at, each in enumerate(lines) if each]
    height = TOP + len(lines) * LINE
    step = (height - 20) / len(NOTES)
    for at, note in enumerate(NOTES):
        shapes += noted(lines, at + 1, note, 28 + at * step)
    says = "; ".join(f"{each.part}: {' '.join(each.says)}" for each in NOTES)
    return svg("How to read a trace", says, WIDTH, int(height), shapes)
