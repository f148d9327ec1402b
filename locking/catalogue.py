"""Models and placements by the names that a command line and a path string use.

A model is called as its module below `locking.models` (`memory_hotplug`, `textbook.abba`), or by
the file that has it; a placement as the model calls it, or by its file: `FILE.py`, or
`FILE.py#name` where the file has several.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from traceback import extract_tb
from types import ModuleType

from locking.errors import LockingError, ModelError, PlacementError, UsageError, unknown
from locking.model import Model
from locking.placements.placement import Placement

PACKAGE = "locking.models"

DEFAULT = "memory_hotplug"

FILE = re.compile(r"(.+\.py)(?:#(.+))?", re.DOTALL)

PRIVATE = "_locking_file"
"""How the names begin under which files are run, so that they hide no module of another name."""


def names() -> list[str]:
    """The models of the package, by name. Errors: `ModelError` for one that can't be imported."""
    return list(walk(import_module(PACKAGE)))


def walk(package: ModuleType) -> Iterator[str]:
    """The names of the models in `package` and below."""
    for found in iter_modules(package.__path__, f"{package.__name__}."):
        module = imported(found.name)
        if hasattr(module, "MODEL"):
            yield found.name.removeprefix(f"{PACKAGE}.")
        elif found.ispkg:
            yield from walk(module)


def imported(name: str) -> ModuleType:
    """The module of that name. Errors: `ModelError`, where its own code raises."""
    try:
        return import_module(name)
    except LockingError as error:
        raise type(error)(f"{name}: {error}") from error
    except Exception as error:
        raise ModelError(f"{name} can't be imported: {type(error).__name__}: {error}") from error


def model(reference: str) -> Model:
    """The model of that name or file. Errors: `UsageError`, `ModelError`."""
    file = FILE.fullmatch(reference)
    if file:
        return replace(model_in(read(reference, ModelError), reference), file=reference)
    if exists(reference):
        module = imported(f"{PACKAGE}.{reference}")
        if hasattr(module, "MODEL"):
            return model_in(module, reference)
    raise unknown("model", reference, names())


def exists(name: str) -> bool:
    """Whether there is a module of that name below the package."""
    package = import_module(PACKAGE)
    parts = name.split(".")
    for depth, part in enumerate(parts):
        paths = getattr(package, "__path__", ())
        if part not in [found.name for found in iter_modules(paths)]:
            return False
        package = imported(".".join([PACKAGE, *parts[: depth + 1]]))
    return True


def model_in(module: ModuleType, reference: str) -> Model:
    """The module's `MODEL`. Errors: `ModelError`, where it has none."""
    found = getattr(module, "MODEL", None)
    if not isinstance(found, Model):
        what = "has no MODEL" if found is None else f"its MODEL is of type {type(found).__name__}"
        raise ModelError(f"{reference}: {what}; write `MODEL = Model(...)` at its top level")
    return found


def placements(model: Model, reference: str) -> list[Placement]:
    """The placements that `reference` names: one of the model's own, or those of a file.

    Errors: `UsageError`; `PlacementError`, which names the file.
    """
    if not model.steps:
        raise UsageError(f"{model.name} has no steps to arrange, so it takes no --placement")
    file = FILE.fullmatch(reference)
    if not file:
        return [model.placement(reference)]
    module = read(file[1], PlacementError)
    found = placements_in(module, file[1])
    for each in found:
        check_steps(model, each, module.__file__, file[1])
        if not any(each is own for own in model.placements):
            each.reference = f"{file[1]}#{each.name}" if len(found) > 1 else file[1]
    if file[2] is None:
        return found
    by_name = {each.name: each for each in found}
    if file[2] not in by_name:
        raise unknown(f"placement of {file[1]}", file[2], by_name)
    return [by_name[file[2]]]


def placement(model: Model, reference: str) -> Placement:
    """The one placement that `reference` names. Errors: as `placements`."""
    found = placements(model, reference)
    if len(found) > 1:
        several = ", ".join(each.reference for each in found)
        raise UsageError(f"{reference} has several placements; say which: {several}")
    return found[0]


def placements_in(module: ModuleType, file: str) -> list[Placement]:
    """The placements at the top level of a file: those written there, or else all it imports.

    Errors: `PlacementError`, where there is none, or two share a name.
    """
    found = {id(each): each for each in vars(module).values() if isinstance(each, Placement)}
    own = [each for each in found.values() if each.site.filename == module.__file__]
    chosen = own or list(found.values())
    if not chosen:
        raise PlacementError(
            f"{file}: has no placement; write `NAME = Placement(...)` at its top level"
        )
    names = [each.name for each in chosen]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise PlacementError(f"{file}: two placements are called {twice[0]!r}")
    return chosen


def check_steps(model: Model, placement: Placement, path: str | None, file: str) -> None:
    """Check a placement of `file` against the model. Errors: `PlacementError`, which names it."""
    try:
        model.check_steps(placement)
    except LockingError as error:
        line = f", line {placement.site.line}" if placement.site.filename == path else ""
        raise PlacementError(f"{file}{line}: {error}") from error


def read(file: str, kind: type[ModelError]) -> ModuleType:
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
    """The module of `source`; it can import its neighbours, after all else that it may mean."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = spec_from_file_location(f"{PRIVATE}_{len(sys.modules)}_{path.stem}", path)
    assert spec
    module = module_from_spec(spec)
    names = [spec.name, *([path.stem] if imports_as(path) else [])]
    sys.modules.update(dict.fromkeys(names, module))
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))
    except BaseException as error:
        for name in names:
            sys.modules.pop(name, None)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise kind(explained(error, file, path)) from error
    return module


def imports_as(path: Path) -> bool:
    """Whether an import of the file's plain name means this file and nothing else."""
    if not path.stem.isidentifier() or path.stem in sys.modules:
        return False
    spec = find_spec(path.stem)
    return spec is not None and spec.origin == str(path)


def explained(error: BaseException, file: str, path: Path) -> str:
    """What went wrong in a file of a user's own, and in which line."""
    name = f"{type(error).__name__}: "
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{file}, line {error.lineno}: {name}{error.msg}"
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if is_in(frame, path)]
    where = f"{file}, line {lines[-1]}" if lines else file
    return f"{where}: {'' if isinstance(error, LockingError) else name}{error}"


def is_in(frame: object, path: Path) -> bool:
    """Whether a frame of a traceback is in the file at `path`."""
    return getattr(frame, "filename", None) == str(path)
