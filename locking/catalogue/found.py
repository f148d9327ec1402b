"""Things that are found without being named: by the configuration and by entry points.

Where there is neither, nothing is run.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from locking.catalogue.configuration import files
from locking.catalogue.files import reach, read_module
from locking.catalogue.package import import_model
from locking.errors import ModelError
from locking.model import Model, Scenario
from locking.placements.placement import Placement
from locking.text.file_names import file_name

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "locking"
"""The group of the entry points, each of which names a module."""

Thing = TypeVar("Thing", bound=Model | Placement | Scenario)


class Found(NamedTuple, Generic[Thing]):
    """A model, a placement or a scenario, and the file that it stands in."""

    thing: Thing
    file: str


def all_found(kind: type[Thing]) -> list[Found[Thing]]:
    """The things of `kind` in all that is found, each once, however many modules have it.

    Errors: `UsageError` for a wrong configuration; `ModelError` for a module that can't be run.
    """
    found: dict[int, Found[Thing]] = {}
    for module in modules():
        for name, each in vars(module).items():
            if isinstance(each, kind) and (kind is not Model or name == "MODEL"):
                found.setdefault(id(each), Found(each, file_of_thing(each, module)))
    return list(found.values())


def file_of_thing(thing: Model | Placement | Scenario, module: ModuleType) -> str:
    """The file that a thing of `module` stands in."""
    return thing.site.filename if isinstance(thing, Placement) else module.__file__ or ""


def modules() -> list[ModuleType]:
    """The modules of the packages, then the files of the configuration, run."""
    # A package first: a file of it that the configuration names as well is then not run again.
    packages = [module_of_entry_point(entry) for entry in entry_points()]
    own = list(files())
    for file in own:
        reach(Path(file).resolve())
    return [*packages, *(read_module(file, ModelError) for file in own)]


@cache
def entry_points() -> "tuple[EntryPoint, ...]":
    """The entry points of the packages that are installed, which none becomes while we run."""
    from importlib import metadata  # slow to import, and not needed by every command

    return tuple(metadata.entry_points(group=GROUP))


def module_of_entry_point(entry: "EntryPoint") -> ModuleType:
    """The module that an entry point names. Errors: `ModelError`, which names the entry point."""
    try:
        return import_model(entry.value)
    except ModelError as error:
        package = f" of {entry.dist.name}" if entry.dist else ""
        raise type(error)(
            f"entry point {entry.name!r}{package}, group {GROUP!r}: {error}"
        ) from error


def refuse_twins(kind: str, known: Sequence[Found[Thing]]) -> None:
    """Refuse two things of one name. Errors: `ModelError`, which names both files."""
    files: dict[str, str] = {}
    for thing, file in known:
        if thing.name in files:
            raise ModelError(
                f"two {kind} are called {thing.name!r}, in {file_name(files[thing.name])} and in "
                f"{file_name(file)}; give each its own name"
            )
        files[thing.name] = file
