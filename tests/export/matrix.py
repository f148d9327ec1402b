"""All cases that the peers are compared on, and what is ours of each: a row of the docs' table."""

from typing import NamedTuple

from locking import catalogue
from locking.catalogue.selection import scopes_of
from locking.export import exported
from locking.export.tables import ExportedCase
from locking.model import Case
from tests.export.peers import wanted_of

FOLDERS = ("classics", "kernel_bugs", "textbook", "memory_hotplug")
MODELS = [model for folder in FOLDERS for model in catalogue.models(folder)]

CASES = [
    model.case(scenario, placement, scope)
    for model in MODELS
    for scenario in model.scenarios
    for placement in model.placements or (None,)
    for scope in scopes_of(model, {})
]


class Ours(NamedTuple):
    """What we find in one case, over unmerged threads: `found` are the numbers of checks."""

    case: Case
    tables: ExportedCase
    found: frozenset[int]

    @property
    def row(self) -> str:
        """The row of the table."""
        states, transitions = f"{self.tables.states:,}", f"{self.tables.transitions:,}"
        found = f"{len(self.found)} of {len(self.tables.checks)}"
        return f"| {self.case} | {states} | {transitions} | {found} |"


def ours(case: Case) -> Ours:
    """What we find in `case`."""
    tables, report = exported(case)
    return Ours(case, tables, wanted_of(tables, report))


HEAD = "| case | states | transitions | checks found |\n|---|---|---|---|\n"


def table() -> str:
    """The table of all cases."""
    return HEAD + "".join(f"{ours(case).row}\n" for case in CASES)


if __name__ == "__main__":
    print(table(), end="")
