"""Tables of what many runs share, so that the page carries each thing once."""

import json
from collections.abc import Mapping, Sequence

from locking.objects.operation import Site
from locking.text.fit import escape

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""What the page's document is made of."""


class Table:
    """Values in the order in which they were first asked for."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.values: list[Json] = []

    def number(self, value: Json) -> int:
        """The number of a value, which is the same for an equal one."""
        key = json.dumps(value)
        found = self.numbers.setdefault(key, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


class Shared:
    """The tables of one document."""

    def __init__(self) -> None:
        self.results = Table()
        self.runs = Table()
        self.systems = Table()
        self.objects = Table()
        self.events = Table()
        self.calls = Table()
        self.places = Table()
        self.holdings = Table()
        self.reasons = Table()
        self.files: dict[str, int] = {}
        self.marked: dict[str, set[int]] = {}

    def site(self, site: Site) -> Json:
        """A line, as the number of its file and its own; the page will show what is around it."""
        self.marked.setdefault(site.filename, set()).add(site.line)
        return [self.files.setdefault(site.filename, len(self.files)), site.line]


def text(value: str) -> str:
    """`value` with control characters, and those that turn the direction, spelt out."""
    return escape(value)
