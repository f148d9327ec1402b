"""Lines of text of which each part says what it is, for a screen that has colours.

Only here and in `to_ansi` are styles known; the text is the same with them and without.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """A piece of a line. `style` is a word of `to_ansi`; with a number, it tells threads apart."""

    text: str
    style: str = ""


Line = tuple[Part, ...]


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(part.text for part in line)


def padded(line: Line, width: int) -> Line:
    """A line with spaces up to `width`."""
    missing = width - sum(len(part.text) for part in line)
    return (*line, Part(" " * missing)) if missing > 0 else line


def joined(lines: Iterable[Line], gap: str) -> Line:
    """Lines one after the other, with `gap` between them."""
    parts: list[Part] = []
    for number, line in enumerate(lines):
        parts += [Part(gap), *line] if number else line
    return tuple(parts)


def styled(lines: Sequence[str], style: str = "") -> list[Line]:
    """Lines that are of one style throughout."""
    return [(Part(line, style),) for line in lines]
