"""A run as a short string: the case it belongs to and the choices that were made.

    memory_hotplug:add-vs-remove:duyck:init-inside-span::a14.b9.a3

The fields are model, scenario, placement, property, the scope where it is not the default, and the
choices: threads are letters in their order, with how many steps each takes in turn; `b~2` is a
step with outcome 2. Fields are percent-encoded, so that any name survives a shell and a colon.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote, unquote

from locking.errors import PathError, brief
from locking.explore.graph import Choice
from locking.model import Case

TURN = re.compile(r"([a-z]{1,6})(?:~([0-9]{1,999})|([0-9]{1,7}))")

LONGEST_PATH = 1_000_000
"""Steps that a path string may have; a longer one is not of this harness."""


class Path(NamedTuple):
    """The fields of a path string; `scope` holds what is not the default."""

    model: str
    scenario: str
    placement: str
    property: str
    scope: dict[str, str]
    choices: tuple[Choice, ...]


def path_of(case: Case, property_: str, choices: tuple[Choice, ...]) -> Path:
    """The fields of the path string of a run of `case`."""
    defaults = case.model.scope({})
    scope = {name: str(value) for name, value in case.scope.items() if value != defaults.get(name)}
    placement = case.placement.reference if case.placement else ""
    return Path(case.model.reference, case.scenario.reference, placement, property_, scope, choices)


def encode(path: Path) -> str:
    """The string of `path`."""
    scope = ",".join(
        f"{percent_encoded(name)}={percent_encoded(value)}" for name, value in path.scope.items()
    )
    names = (percent_encoded(name, safe="/.-_#+") for name in path[:4])
    return ":".join([*names, scope, encode_choices(path.choices)])


def percent_encoded(name: str, safe: str = "/") -> str:
    """A name, percent-encoded; also one that is no text, as a file's may be."""
    return quote(name, safe=safe, errors="surrogatepass")


def unquoted(text: str, name: str) -> str:
    """The name that was `quoted`. Errors: `PathError` for the path `text`."""
    try:
        return unquote(name, errors="surrogatepass")
    except UnicodeDecodeError:
        raise PathError(f"path {brief(text)}: {brief(name)} is not in UTF-8") from None


def encode_choices(choices: Sequence[Choice]) -> str:
    """The last field: turns of threads, a dot between them; a dash for a run of no steps."""
    turns: list[str] = []
    for (thread, outcome), group in groupby(choices):
        times = len(list(group))
        name = letters(thread)
        turns += [f"{name}~{outcome}"] * times if outcome else [f"{name}{times}"]
    return ".".join(turns) or "-"


def letters(thread: int) -> str:
    """The letters of a thread: a to z, then aa, ab and so on."""
    text = ""
    thread += 1
    while thread:
        thread, digit = divmod(thread - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def decode(text: str) -> Path:
    """The fields of a path string. Errors: `PathError` where it is malformed."""
    fields = text.strip().split(":")
    if len(fields) != len(Path._fields):
        raise PathError(
            f"path {brief(text)} has {len(fields)} fields, not {len(Path._fields)}: "
            f"MODEL:SCENARIO:PLACEMENT:PROPERTY:SCOPE:CHOICES"
        )
    scope = {}
    for item in filter(None, fields[4].split(",")):
        name, equals, value = item.partition("=")
        if not equals:
            raise PathError(f"path {brief(text)}: {brief(item)} in its scope is not NAME=VALUE")
        scope[unquoted(text, name)] = unquoted(text, value)
    model, scenario, placement, property_ = (unquoted(text, each) for each in fields[:4])
    return Path(model, scenario, placement, property_, scope, decode_choices(text, fields[5]))


def decode_choices(text: str, turns: str) -> tuple[Choice, ...]:
    """The choices in the last field. Errors: `PathError`."""
    choices: list[Choice] = []
    for turn in turns.split(".") if turns != "-" else ():
        found = TURN.fullmatch(turn)
        times = int(found[3] or 1) if found else 0
        if not found or not 0 < times <= LONGEST_PATH:
            raise PathError(
                f"path {brief(text)}: {brief(turn)} is no turn; one reads a3 (thread a, three "
                f"steps) or b~2 (thread b, outcome 2)"
            )
        choices += [(thread_number(found[1]), int(found[2] or 0))] * times
        if len(choices) > LONGEST_PATH:
            raise PathError(f"path {brief(text)} has more than {LONGEST_PATH:,} steps")
    return tuple(choices)


def thread_number(name: str) -> int:
    """The thread whose `letters` are `name`."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("a") + 1
    return number - 1
