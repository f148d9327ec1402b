"""Files of a user's own: run once each, with errors that name the file and the line."""

import re
import sys
from contextlib import redirect_stdout
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from locking.errors import LockingError, ModelError
from locking.mending import mend
from locking.text.file_names import file_name

FILE = re.compile(r"(.+\.py)(?:#(.+))?", re.DOTALL)
"""How a file is named, and one thing in it."""

PRIVATE = "_locking_file"
"""How the names begin under which files are run, so that they hide no module of another name."""


def read_module(file: str, kind: type[ModelError]) -> ModuleType:
    """The module that `file` is, run once: under a private name, if nobody imported it yet.

    Errors: `kind`, which names the file, and the line where there is one.
    """
    try:
        path = Path(file).resolve(strict=True)
        source = path.read_bytes()
    except (OSError, ValueError) as error:
        raise kind(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path):
            return module
    return run(file, path, source, kind)


def run(file: str, path: Path, source: bytes, kind: type[ModelError]) -> ModuleType:
    """The module that running `source` makes; it can import its neighbours.

    Errors: `kind`, which names the file, for whatever the source raises but Ctrl-C.
    """
    reach(path)
    spec = spec_from_file_location(f"{PRIVATE}_{len(sys.modules)}_{path.stem}", path)
    assert spec
    module = module_from_spec(spec)
    names = [spec.name, *([path.stem] if imports_as(path) else [])]
    sys.modules.update(dict.fromkeys(names, module))
    try:
        with redirect_stdout(sys.stderr):  # what a model prints is no result of a command
            exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))
    except BaseException as error:
        for name in names:
            sys.modules.pop(name, None)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise kind(file_error(error, file, path)) from error
    return module


def reach(path: Path) -> None:
    """Let files import this one by its plain name, where no other module has that name."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))


def imports_as(path: Path) -> bool:
    """Whether an import of the file's plain name means this file and nothing else."""
    if not path.stem.isidentifier() or path.stem in sys.modules:
        return False
    spec = find_spec(path.stem)
    return spec is not None and spec.origin == str(path)


def import_name(module: ModuleType) -> str:
    """The name by which another file imports `module`. Errors: `ModelError`, if there is none."""
    if not module.__name__.startswith(PRIVATE):
        return module.__name__
    path = Path(module.__file__ or "")
    if sys.modules.get(path.stem) is not module:
        name = file_name(str(path))
        raise ModelError(f"{name}: can't be imported as {path.stem!r}; give the file another name")
    return path.stem


def file_error(error: BaseException, file: str, path: Path) -> str:
    """What went wrong in a file of a user's own, and in which line."""
    name = f"{type(error).__name__}: "
    if isinstance(error, SyntaxError) and error.filename == str(path):
        written = f": {error.text.strip()}" if error.text else ""
        return f"{file}, line {error.lineno}: {name}{error.msg}{written}"
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if is_in(frame, path)]
    where = f"{file}, line {lines[-1]}" if lines else file
    if isinstance(error, LockingError):
        return f"{where}: {error}"
    return f"{where}: {name}{error}{mend(error)}"


def is_in(frame: object, path: Path) -> bool:
    """Whether a frame of a traceback is in the file at `path`."""
    return getattr(frame, "filename", None) == str(path)
