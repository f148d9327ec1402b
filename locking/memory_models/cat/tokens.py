"""The tokens of cat."""

import re
from typing import NamedTuple

from locking.errors import ModelError

PATTERN = re.compile(
    r"(?P<blank>\s+|//[^\n]*|#[^\n]*)"
    r"|(?P<comment>\(\*)"
    r"|(?P<string>\"[^\"]*\")"
    r"|(?P<tag>'[A-Za-z0-9_.-]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*|0)"
    r"|(?P<sign>\^-1|\^\+|\^\*|\^\?|->|\|\||&&|\+\+|[-|;\\&*+?~(){}\[\],=<>!])"
)
"""A token, or what parts two of them. A name has `-` only between two of its letters."""

COMMENT_PART = re.compile(r"\(\*|\*\)")


class CatToken(NamedTuple):
    """A word or sign, and where it is."""

    kind: str
    """`string`, `tag`, `name` or `sign`; `end` at the end of the text."""
    text: str
    line: int


def cat_error(file: str, line: int, message: str) -> ModelError:
    """The error for something in a line of a file."""
    return ModelError(f"{file}:{line}: {message}")


def tokens_of_cat(file: str, text: str) -> list[CatToken]:
    """The tokens of a text, with one of the kind `end` at the end.

    Errors: `ModelError` for a character that begins no token, and a comment without an end.
    """
    made = []
    place, line = 0, 1
    while place < len(text):
        found = PATTERN.match(text, place)
        if found is None:
            raise cat_error(file, line, f"{text[place]!r} begins nothing that cat has")
        end = found.end()
        if found["comment"]:
            end = _end_of_comment(file, line, text, end)
        elif not found["blank"]:
            made.append(CatToken(str(found.lastgroup), found[0], line))
        line += text.count("\n", place, end)
        place = end
    return [*made, CatToken("end", "the end of the file", line)]


def _end_of_comment(file: str, line: int, text: str, place: int) -> int:
    """Where the comment ends that began before `place`; comments may have comments in them.

    Errors: `ModelError` if it has no end.
    """
    depth = 1
    for found in COMMENT_PART.finditer(text, place):
        depth += 1 if found[0] == "(*" else -1
        if depth == 0:
            return found.end()
    raise cat_error(file, line, "this comment has no end: a `*)` is missing")
