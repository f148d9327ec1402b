"""Tables of what kernel functions do: lock functions, and the functions that steps stand for."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from locking.errors import UsageError

ACTS = ("take", "let_go", "try", "wait", "downgrade", "guard")
"""What a lock function does. `try` is true where it took the lock, `wait` is 0 where it did."""

MODES_READ = ("hold", "write", "read")
"""The modes in which a table may say that a lock is held."""

TABLE_PARTS = {*ACTS, "folders", "steps", "locks", "entries", "indirect"}
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
        add_table(table, file)
    return table


def content_of(file: Path, parts: Collection[str]) -> dict[str, Any]:
    """What a TOML file says, which may have these parts. Errors: `UsageError`, which names it."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    if strange := [part for part in content if part not in parts]:
        raise UsageError(f"{file}: no part {strange[0]!r}; there are {', '.join(sorted(parts))}")
    return content


def add_table(table: FunctionTable, file: Path) -> None:
    """Add what a file says. Errors: `UsageError`, which names the file and the part."""
    content = content_of(file, TABLE_PARTS)
    for act in ACTS:
        for mode, names in part_of(file, content, act).items():
            if mode not in MODES_READ:
                raise UsageError(f"{file}: [{act}] has mode {mode!r}, not {', '.join(MODES_READ)}")
            table.acts[act].update(dict.fromkeys(name_list(file, act, names), mode))
    for step, names in part_of(file, content, "steps").items():
        for name in name_list(file, step, names):
            table.steps.setdefault(name, []).append(step)
    for role, names in part_of(file, content, "entries").items():
        table.entries[role] = name_list(file, role, names)
    table.locks.update(part_of(file, content, "locks"))
    table.indirect.update(part_of(file, content, "indirect"))
    table.folders = name_list(file, "folders", content.get("folders", table.folders))


def part_of(file: Path, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of a table. Errors: `UsageError` where it is none."""
    part = content.get(name, {})
    if not isinstance(part, dict):
        raise UsageError(f"{file}: {name} is written as a table: [{name}]")
    return part


def name_list(file: Path, what: str, names: object) -> list[str]:
    """A list of names. Errors: `UsageError` where it is none."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{file}: {what} takes a list of names")
    return names
