"""Text fitted into a width: folded, cut short, set in columns, and made fit to be printed."""

import textwrap
from collections.abc import Iterable

GAP = "  "
"""What stands between columns, and in front of continued lines."""

PROSE = 100
"""Characters of a line of sentences at most: a longer one is hard to follow."""

LINES = 4
"""Lines that one value or name may fill before it is cut short."""

SIGNS = "(,._/:"
"""Characters after which a long name may be broken."""


def columns(
    title: str, found: Iterable[tuple[str, str]], width: int, limit: int = LINES
) -> list[str]:
    """Names and texts in two columns, under a title; a text has at most `limit` lines, if set."""
    shown = [(escape(name), text) for name, text in found]
    if not shown:
        return []
    room = min(max(len(name) for name, _ in shown), width * 2 // 5)
    lines = [title]
    for name, text in shown:
        first = middle(name, room).ljust(room)
        for line in folded(text, width - room - 2 * len(GAP), limit):
            lines.append(GAP + first + GAP + line)
            first = " " * room
    return lines


def folded(text: str, width: int, limit: int = LINES) -> list[str]:
    """`text` in lines of `width`, the later ones indented; at most `limit`, if set.

    No line is longer than `PROSE`.
    """
    width = min(width, PROSE)
    rest, lines = escape(text), list[str]()
    while True:
        indent = GAP if lines else ""
        room = max(width - len(indent), 1)
        if len(rest) <= room:
            return [*lines, indent + rest]
        if len(lines) + 1 == limit:
            return [*lines, indent + cut(rest, room)]
        at = break_in(rest, room)
        lines.append(indent + rest[:at].rstrip())
        rest = rest[at:].lstrip()


def wrapped(
    text: str, width: int, first: str = "", later: str = "", *, torn: bool = False
) -> list[str]:
    """A sentence in lines of `width`, broken at spaces and not at hyphens; no line for no text.

    No line is longer than `PROSE`. `first` and `later` are put in front of lines. Too long a word
    stays whole unless it is `torn`.
    """
    return textwrap.wrap(
        text,
        min(width, PROSE),
        initial_indent=first,
        subsequent_indent=later,
        break_on_hyphens=False,
        break_long_words=torn,
    )


def break_in(text: str, room: int) -> int:
    """Where to go to the next line: at a space, or after one of `SIGNS` in a long name.

    After the first of `(` and `.` where what comes then stays whole: names are not torn needlessly.
    """
    space = text.rfind(" ", 0, room + 1)
    if space > room // 2:
        return space
    signs = [at for at, letter in enumerate(text[:room], 1) if letter in SIGNS]
    for at in signs:
        if text[at - 1] in "(." and len(text) - at <= room - len(GAP):
            return at
    return max([space, *signs, 0]) if max([space, *signs, 0]) > room // 4 else room


def escape(text: str) -> str:
    """`text` with what can't be printed written as in a Python string."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def printable(text: str) -> str:
    """`text` in lines, which stay lines; all else that can't be printed as `escape` writes it."""
    return "\n".join(map(escape, text.expandtabs().split("\n")))


def cut(text: str, width: int) -> str:
    """`text`, or its beginning and an ellipsis."""
    return text if len(text) <= width else text[: width - 1] + "…"


def middle(text: str, width: int) -> str:
    """`text`, or its two ends with an ellipsis between them: names often differ at the end."""
    keep = max(width - 1, 0)
    return (
        text
        if len(text) <= width
        else text[: keep - keep // 2] + "…" + text[len(text) - keep // 2 :]
    )
