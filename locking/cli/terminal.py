"""The terminal: how wide it is, and what it can draw."""

import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from locking.text.file_names import local
from locking.text.fit import GAP, printable, wrapped

if TYPE_CHECKING:
    from rich.console import Console

ASCII = str.maketrans("─│┌┐┬└·⋮", "-|++++.:")
"""What is drawn instead, where an encoding has no lines."""

NARROWEST_TERMINAL = 60
"""Columns below which output does not get narrower."""

LONGEST_MESSAGE = 4_000
"""Characters of a message; the middle of a longer one is left out."""


def width() -> int:
    """The columns of the terminal, or COLUMNS; 80 on a pipe."""
    return max(NARROWEST_TERMINAL, shutil.get_terminal_size((80, 24)).columns)


def terminal_width(stream: TextIO) -> int:
    """The columns of the terminal that a stream is, or COLUMNS; 80 where nothing says how many."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or 80
    return 80


def print_message(text: str) -> None:
    """Print what is no result: on stderr, in lines of its terminal, if it is one."""
    said = f"locking: {text}".split("\n")
    if sys.stderr.isatty():
        said = [
            line for each in said for line in lines_of_message(each, terminal_width(sys.stderr))
        ]
    print(*said, sep="\n", file=sys.stderr)


def lines_of_message(text: str, width: int) -> list[str]:
    """One line of a message, in lines of `width`; a long word, such as a path, stays whole."""
    indent = " " * (len(text) - len(text.lstrip()))
    return wrapped(text, width, later=indent + GAP) or [""]


def drawable(text: str) -> str:
    """The text, its lines and dots drawn in ASCII where stdout has no others."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    return text if encoding.startswith("utf") else text.translate(ASCII)


def coloured() -> bool:
    """Whether stdout is a terminal that shows colours, and nobody asked it not to."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", "unknown")
    return sys.stdout.isatty() and not plain


def console() -> "Console":
    """What tables are drawn on: nothing in names and texts is taken for markup."""
    from rich.console import Console  # slow to import, and not needed by every command

    return Console(width=width(), highlight=False, markup=False, emoji=False)


def error_text(error: Exception) -> str:
    """What an error says, fit for a terminal: what a model or a file is called may be anything."""
    text = printable(local(str(error)))
    if len(text) <= LONGEST_MESSAGE:
        return text
    return f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
