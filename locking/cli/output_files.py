"""Files that a check writes beside what it prints, for programs that read them later.

Rule of this file: the file holds the whole result of this check, or there is no such file.
"""

import os
import stat
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from locking.cli.parsing import Parser
from locking.cli.searches import Checked
from locking.errors import LockingError, UsageError
from locking.model import Case

REPORT_FORMATS = {
    "junit": ("JUnit XML", "locking.report.to_junit"),
    "sarif": ("SARIF 2.1.0", "locking.report.to_sarif"),
    "html": ("a page for a browser", "locking.page.to_html"),
}
"""The formats by their options: what each is, and the module whose `render` writes it."""

UNDONE = "not searched to its end: the check ended before"


def fill_files(parser: Parser, *names: str) -> None:
    """Add the options that name files of these formats."""
    for name in names:
        about = f"also write {REPORT_FORMATS[name][0]} to this file"
        parser.add_argument(f"--{name}", metavar="FILE", help=about)


@contextmanager
def report_files(cases: Sequence[Case], arguments: Namespace, checked: Checked) -> Iterator[None]:
    """A context for the check; at its end the files are written, however it ends.

    Errors: `UsageError`, before the check begins, where a file can't be written.
    """
    files = {name: getattr(arguments, name, None) for name in REPORT_FORMATS}
    paths = prepared_files(files)
    refused = ""
    try:
        yield
    except LockingError as error:
        refused = str(error)
        raise
    finally:
        for name, path in paths.items():
            text = report_text(name, cases, checked, refused)
            with naming(f"--{name} {files[name]}"):
                replace_file(path, text)


def report_text(name: str, cases: Sequence[Case], checked: Checked, refused: str) -> str:
    """What is known, and for every case without a report the reason."""
    from locking.text.file_names import local  # not needed where no file is written

    render: Callable[..., str] = import_module(REPORT_FORMATS[name][1]).render
    undone = [(case, UNDONE) for case in cases[len(checked.reports) :]]
    if refused and undone:
        case, _ = undone[0]
        undone[0] = case, local(refused.removeprefix(f"{case}: "))
    return render(checked.reports, undone)


def page_writer(arguments: Namespace) -> Callable[[Callable[[], str]], None]:
    """What writes the page that `--html` names, of what renders it; nothing where it names none.

    Errors: `UsageError`, before the study begins, where the file can't be written.
    """
    path = prepared_files({"html": arguments.html}).get("html")

    def write(render: Callable[[], str]) -> None:
        if path:
            with naming(f"--html {arguments.html}"):
                replace_file(path, render())

    return write


def prepared_files(files: Mapping[str, str | None]) -> dict[str, Path]:
    """Where to write the files that were named, each `prepared`, by their options.

    Errors: `UsageError`, where one is named twice too.
    """
    named = {name: file for name, file in files.items() if file is not None}
    paths = {name: prepared(f"--{name} {file}", file) for name, file in named.items()}
    twice = [name for name in paths if list(paths.values()).count(paths[name]) > 1]
    if twice:
        one, other = twice[:2]
        raise UsageError(f"--{one} and --{other} are both {named[other]}; give each its own file")
    return paths


def prepared(option: str, file: str) -> Path:
    """Where to write: a name that is free, in a folder that takes new files.

    The file of an earlier check is removed, so that nobody takes it for the result of this one.

    Errors: `UsageError`, which names the option.
    """
    from tempfile import TemporaryFile  # slow to import, and most checks write no file

    with naming(option):
        path = Path(os.path.realpath(file))
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                raise OSError("it is there, and no plain file")
        with TemporaryFile(dir=path.parent):
            path.unlink(missing_ok=True)
    return path


def free(option: str, file: str) -> Path:
    """Where to write a file that a person may edit: one that is there already is kept.

    Errors: `UsageError`, which names the option.
    """
    from tempfile import TemporaryFile  # slow to import, and most checks write no file

    with naming(option):
        path = Path(os.path.realpath(file))
        if path.exists():
            raise UsageError(f"{option}: it is there already; choose another name")
        with TemporaryFile(dir=path.parent):
            return path


@contextmanager
def naming(option: str) -> Iterator[None]:
    """A context that turns an `OSError` into a `UsageError` that names the option."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{option}: can't be written: {reason}") from error


def replace_file(path: Path, text: str) -> None:
    """Write the file under another name first, so that nobody ever sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
