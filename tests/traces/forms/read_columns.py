"""The operations of a run, read back from its columns of text, as far as those show them.

Names and values are folded, and cut where they are long; so texts are compared without their
spaces, and `…` stands for any signs.
"""

import re
from typing import NamedTuple

from locking.text.file_names import line_of
from locking.text.fit import escape
from locking.traces.replay import Event, Trace

BARS = re.compile(r"│+(?: |$)|│+(?=[┌└])")
"""What stands in front of what a thread does inside sections."""


class Shown(NamedTuple):
    """An operation: its step, the name at the head of its column, and its text without spaces."""

    step: int
    thread: str
    text: str


def from_text(text: str, width: int) -> list[Shown]:
    """The operations that columns of this width show, in order."""
    lines = text.splitlines()
    at = next(at for at, line in enumerate(lines) if re.fullmatch(r" +─+(  ─+)*", line))
    columns = [found.span() for found in re.finditer("─+", lines[at])]
    names = [lines[at - 1][begin:end].strip() for begin, end in columns]
    found: list[Shown] = []
    number, block, across, above = 0, False, False, ""
    for line in lines[at + 1 : lines.index("", at)]:
        across = is_across(line, columns[0][0], above if across else "", width)
        above = line
        number = int(line[: columns[0][0]].strip() or number)
        for name, (begin, end) in zip(names, [] if across else columns, strict=not across):
            cell = line[begin:end].rstrip()
            bars = BARS.match(cell)
            text = cell[bars.end() :] if bars else cell
            if text in ("atomic {", "}"):
                block = text == "atomic {"
            elif text and text[0] not in "┌└":
                add(found, Shown(number, name, text), "  " if block else "")
    return found


def is_across(line: str, begin: int, above: str, width: int) -> bool:
    """Whether a line goes across all columns: it says so, or goes on with one `above` it.

    It does where its first word would not have had room there.
    """
    text = line[begin:]
    further = re.match(r"  (\S+)", text)
    no_room = above and further and len(above) + 1 + len(further[1]) > width
    return text[:1] in ("·", "⋮", "↻") or bool(no_room and not line[:begin].strip())


def add(found: list[Shown], row: Shown, indent: str) -> None:
    """Begin an operation, or go on with the last one where the text stands further in."""
    text = row.text.removeprefix(indent)
    bare = re.sub(r"\s", "", text)
    if text[0] in " !" and found:
        found[-1] = found[-1]._replace(text=found[-1].text + bare)
    else:
        found.append(row._replace(text=bare))


def said(trace: Trace, event: Event) -> list[Shown]:
    """What there is to show of an operation: in narrow columns with its line, after it."""
    sign = " -> " if event.call == "choose" else " = "
    gave = f"{sign}{event.result!r}" if event.gave or event.call == "choose" else ""
    pieces = [event.call + gave, "waits in the queue" if event.queued else ""]
    if event.change and not event.change.is_lock and not event.queued:
        pieces.append(f"{event.change.old} -> {event.change.new}")
    pieces += [f"{name} = {text}" for name, text in event.locals]
    pieces.append(f"!! misuse: {event.misuse}" if event.misuse else "")
    text = escape("".join(pieces))
    return [
        Shown(event.number, trace.names[event.thread], re.sub(r"\s", "", each))
        for each in (text, text + line_of(event.site))
    ]


def agrees(shown: Shown, wanted: Shown) -> bool:
    """Whether that may be how an operation is shown; after it may stand what was not met."""
    text = re.split("!!(?:requirement|assertion)", shown.text)[0]
    return shown.step == wanted.step and all(
        re.fullmatch(".*".join(map(re.escape, short.split("…"))), long)
        for short, long in ((shown.thread, wanted.thread), (text, wanted.text))
    )
