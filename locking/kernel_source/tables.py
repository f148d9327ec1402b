"""Tables of what kernel functions do: lock functions, and the functions that steps stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from locking.errors import unknown
from locking.text.toml_tables import entries, keys, name_list_in, read_table, text_in

ACTS = ("take", "let_go", "try", "wait", "downgrade", "guard")
"""What a lock function does. `try` is true where it took the lock, `wait` is 0 where it did."""

MODES_READ = ("hold", "write", "read")
"""The modes in which a table may say that a lock is held."""

TABLE_PARTS = (*ACTS, "folders", "steps", "locks", "entries", "indirect")
"""The parts that a table may have."""

GENERAL = Path(__file__).with_name("lock_functions.toml")
"""The table of the kernel's own lock functions."""


@dataclass
class FunctionTable:
    """What functions do: `acts` for each kind of act the mode by the function's name.

    `steps` has for a function the named steps that it stands for; `locks` for a lock of the source
    the model's; `entries` for a role the functions that it may begin at; `indirect` for the text
    of an indirect call the function that it reaches; `folders` are those that are looked through.
    """

    acts: dict[str, dict[str, str]] = field(default_factory=lambda: {act: {} for act in ACTS})
    steps: dict[str, list[str]] = field(default_factory=dict)
    locks: dict[str, str] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)
    indirect: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)


def read_tables(files: Sequence[Path]) -> FunctionTable:
    """The general table with all of `files`, of which a later one wins. Errors: `UsageError`."""
    table = FunctionTable()
    for file in (GENERAL, *files):
        read_table("table", file, partial(add_table, table))
    return table


def add_table(table: FunctionTable, content: Mapping[str, Any]) -> None:
    """Add what a file says. Errors: `UsageError`, which names the part."""
    keys(content, "the table", TABLE_PARTS)
    for act in ACTS:
        for mode, names in lists_in(content, act).items():
            if mode not in MODES_READ:
                raise unknown(f"mode of {act}", mode, MODES_READ)
            table.acts[act].update(dict.fromkeys(names, mode))
    for step, names in lists_in(content, "steps").items():
        for name in names:
            table.steps.setdefault(name, []).append(step)
    table.entries.update(lists_in(content, "entries"))
    table.locks.update(texts_in(content, "locks"))
    table.indirect.update(texts_in(content, "indirect"))
    table.folders = name_list_in("folders", content.get("folders", table.folders))


def lists_in(content: Mapping[str, Any], part: str) -> dict[str, list[str]]:
    """A part of a table that has lists of names. Errors: `UsageError` where it has others."""
    rows = entries(part, content.get(part, {}))
    return {name: name_list_in(f"{part}.{name}", value) for name, value in rows}


def texts_in(content: Mapping[str, Any], part: str) -> dict[str, str]:
    """A part of a table that has texts. Errors: `UsageError` where it has others."""
    rows = entries(part, content.get(part, {}))
    return {name: text_in(f"{part}.{name}", value) for name, value in rows}
