"""Where a page comes from: the command, the version, the day, and the commit of the model."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from locking.page.table import JsonValue, printable

COMMANDS = ("locking", "__main__")
"""What our command is called, without the ending of its file."""

PATIENCE = 5
"""Seconds that git may take."""


def origin(build: Callable[..., Any] | None) -> dict[str, JsonValue]:
    """What the foot of a page says; `build` is the function that builds the model."""
    code = getattr(build, "__code__", None)
    return {
        "command": printable(command()),
        "version": version("locking"),
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit_of(code.co_filename) if code else "",
    }


def command() -> str:
    """The command that runs, if it is ours; a file of another folder by its name alone."""
    name, *arguments = sys.argv
    if Path(name).stem not in COMMANDS:
        return ""
    return shlex.join(
        ["locking", *(Path(each).name if Path(each).is_absolute() else each for each in arguments)]
    )


def commit_of(file: str) -> str:
    """The commit that a file's repository is at, or nothing where git knows no such file."""
    where = Path(file)
    if not where.is_file() or not git(where.parent, "ls-files", "--", where.name):
        return ""
    return git(where.parent, "describe", "--always", "--dirty", "--exclude=*")


def git(folder: Path, *arguments: str) -> str:
    """What git says in a folder, or nothing where it says nothing, or is not there."""
    try:
        found = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
