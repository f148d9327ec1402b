"""The configuration of a project: which files the reader's own designs are in.

    [tool.locking]
    paths = ["designs", "more/one.py"]

in the nearest `pyproject.toml` that has this table, from the current folder upwards.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from locking.errors import UsageError, unknown
from locking.text.file_names import file_name, from_here

KEYS = ("paths",)
"""What the table may have."""


def files() -> Iterator[str]:
    """The files that the configuration names, and those of its folders, as seen from here."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        table = table_of(folder / "pyproject.toml")
        if table is not None:
            yield from files_of(table, folder / "pyproject.toml")
            return


def table_of(file: Path) -> dict[str, Any] | None:
    """The table `[tool.locking]` of a file; None where there is none. Errors: `UsageError`."""
    try:
        text = file.read_bytes() if file.is_file() else b""
        if b"locking" not in text:  # most have no table of ours, and need not be parsed
            return None
        from locking.text.toml_tables import parsed_toml  # slow to import, and rarely needed

        tool = parsed_toml(file).get("tool", {})
    except (OSError, UsageError) as error:
        raise UsageError(f"{file_name(str(file))}: {error}") from error
    table = tool.get("locking") if isinstance(tool, dict) else None
    if table is None or isinstance(table, dict):
        return table
    raise UsageError(
        f"{file_name(str(file))}: tool.locking is {table!r}; write a table [tool.locking]"
    )


def files_of(table: dict[str, Any], file: Path) -> Iterator[str]:
    """The files that a table of `file` names. Errors: `UsageError`, which names file and key."""
    where = f"{file_name(str(file))}: [tool.locking]"
    for key in table:
        if key not in KEYS:
            raise UsageError(f"{where}: {unknown('key', key, KEYS)}")
    paths = table.get("paths", [])
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise UsageError(f"{where}: paths = {paths!r} is no list of files and folders")
    for path in paths:
        target = file.parent / path
        if target.is_dir():
            yield from (
                from_here(str(each)) for each in sorted(target.glob("*.py")) if each.is_file()
            )
        elif target.suffix == ".py" and target.is_file():
            yield from_here(str(target))
        else:
            raise UsageError(f"{where}: paths: {path!r} is neither a folder nor a .py file")
