"""A unified diff, applied in memory to the files of a source tree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from locking.errors import UsageError

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")
NEW_FILE = re.compile(r"\+\+\+ (?:b/)?([^\t\n]+)")

MOST_OFFSET = 500
"""Lines by which a hunk may stand elsewhere than it says."""


@dataclass
class Hunk:
    """What stands at a line of a file, and what is to stand there instead."""

    file: str
    line: int
    at: int
    old: list[bytes] = field(default_factory=list)
    new: list[bytes] = field(default_factory=list)


def hunks_of(name: str, text: str) -> list[Hunk]:
    """The hunks of a patch called `name`. Errors: `UsageError` where there are none."""
    found: list[Hunk] = []
    file, inside = "", False
    for at, line in enumerate(text.split("\n"), 1):
        if header := NEW_FILE.match(line):
            file, inside = header[1], False
        elif begun := HUNK.match(line):
            if not file:
                raise UsageError(f"{name}, line {at}: a hunk of no file")
            found.append(Hunk(file, int(begun[1]), at))
            inside = True
        elif line.startswith(("diff ", "--- ", "-- ")):
            inside = False
        elif inside and line[:1] in (" ", "-", "+"):
            body = line[1:].encode()
            if line[0] != "+":
                found[-1].old.append(body)
            if line[0] != "-":
                found[-1].new.append(body)
    if not found:
        raise UsageError(f"{name}: this is no unified diff; make one by `git diff` or `diff -u`")
    return found


def patched(name: str, patch: str, texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files with a patch applied. Errors: `UsageError` for a hunk that does not fit."""
    made = {file: text.split(b"\n") for file, text in texts.items() if file in patch}
    moved: dict[str, int] = {}
    for hunk in hunks_of(name, patch):
        if hunk.file not in texts:
            continue  # of a folder that is not read
        lines = made[hunk.file]
        at = place_of(hunk, lines, moved.get(hunk.file, 0))
        if at is None:
            raise UsageError(f"{name}, line {hunk.at}: the hunk does not fit {hunk.file}")
        lines[at : at + len(hunk.old)] = hunk.new
        moved[hunk.file] = moved.get(hunk.file, 0) + len(hunk.new) - len(hunk.old)
    if not moved:
        raise UsageError(f"{name}: it changes no file that is read")
    return {**texts, **{file: b"\n".join(lines) for file, lines in made.items()}}


def place_of(hunk: Hunk, lines: list[bytes], moved: int) -> int | None:
    """The index of the line nearest to where it should be at which a hunk fits."""
    wanted = max(hunk.line - 1 + moved, 0)
    for offset in range(MOST_OFFSET):
        for at in (wanted + offset, wanted - offset):
            if at >= 0 and lines[at : at + len(hunk.old)] == hunk.old:
                return at
    return None
