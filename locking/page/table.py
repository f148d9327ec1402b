"""Tables of what many runs share, so that the page carries each thing once."""

import json
from collections.abc import Mapping, Sequence

from locking.objects.operation import Site
from locking.text.fit import escape

JsonValue = str | int | float | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
"""What the page's document is made of."""


class SharedValues:
    """Values in the order in which they were first asked for."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.values: list[JsonValue] = []

    def number(self, value: JsonValue) -> int:
        """The number of a value, which is the same for an equal one."""
        key = json.dumps(value)
        found = self.numbers.setdefault(key, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


class SharedTables:
    """The tables of one document."""

    def __init__(self) -> None:
        self.results = SharedValues()
        self.runs = SharedValues()
        self.systems = SharedValues()
        self.objects = SharedValues()
        self.events = SharedValues()
        self.calls = SharedValues()
        self.places = SharedValues()
        self.holdings = SharedValues()
        self.reasons = SharedValues()
        self.clauses = SharedValues()
        self.files: dict[str, int] = {}
        self.marked: dict[str, set[int]] = {}

    def site(self, site: Site) -> JsonValue:
        """A line, as the number of its file and its own; the page will show what is around it."""
        self.marked.setdefault(site.filename, set()).add(site.line)
        return [self.files.setdefault(site.filename, len(self.files)), site.line]


def printable(value: str) -> str:
    """`value` with control characters, and those that turn the direction, spelt out."""
    return escape(value)
