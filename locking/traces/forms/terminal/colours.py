"""A trace in colours, as codes for a terminal: what each style of a part looks like.

Threads and sections have a colour each; what matters most, a failure, is the only thing in red. The
text is that of `to_terminal`, and reads without any of this.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from locking.text.styled import Line

THREADS = ("cyan", "magenta", "yellow", "green", "blue")
"""Colours of threads, in turn."""

SECTIONS = ("bright_blue", "bright_magenta", "bright_cyan", "bright_yellow", "bright_green")
"""Colours of sections, in turn."""

STYLES = {
    "title": "bold",
    "why": "bold",
    "condition": "red",
    "failure": "bold white on red",
    "step": "dim",
    "needed": "bold",
    "old": "strike dim",
    "new": "bold",
    "value": "italic",
    "wait": "italic",
    "lock": "dim yellow",
    "fold": "dim italic",
    "source": "dim",
}
"""What the other styles look like."""


def painted(lines: Sequence[Line]) -> str:
    """The lines, with the codes of the terminal that TERM says stdout is."""
    console = Console(force_terminal=True, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        for line in lines:
            console.print(text_of(line), soft_wrap=True)
    return captured.get()


def text_of(line: Line) -> Text:
    """A line, coloured."""
    text = Text(end="")
    for part in line:
        text.append(part.text, look(part.style))
    text.rstrip()
    return text


def look(style: str) -> str:
    """What a style looks like."""
    kind, _, number = style.partition(":")
    match kind:
        case "thread":
            return THREADS[int(number) % len(THREADS)]
        case "name":
            return f"bold {THREADS[int(number) % len(THREADS)]}"
        case "section":
            return f"bold {SECTIONS[int(number) % len(SECTIONS)]}"
    return STYLES.get(kind, "")
