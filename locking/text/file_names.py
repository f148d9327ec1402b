"""What files of models are called where people read of them, and where other machines do.

Three names, each made of the one before it. `from_here` opens the file from where we stand;
`file_name` is for readers here; `portable` names no folder of this machine.
"""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path, PurePath
from urllib.parse import quote

from locking.objects.operation import Site

MODELS_FOLDER = "locking/models/"
"""How the names of files begin that come with the harness."""


def from_here(file: str) -> str:
    """A file by its path from where we stand, or in full where that is shorter."""
    return min(os.path.relpath(file), file, key=len)


def file_name(file: str) -> str:
    """A file from where we stand; one that comes with the harness, and is elsewhere, by PACKAGE."""
    path = Path(file)
    if not path.is_relative_to(Path.cwd()):
        for folder in models_folders():
            if path.is_relative_to(folder):
                return f"{MODELS_FOLDER}{path.relative_to(folder)}"
    return from_here(file)


def portable(file: str) -> str:
    """A file as its `file_name` where that is below here or of the package, else its last name."""
    name = PurePath(file_name(file))
    return PurePath(name.name).as_posix() if leads_away(name) else name.as_posix()


def uri(file: str) -> str:
    """A file's `portable` name as a URI."""
    return quote(os.fsencode(portable(file)))


def local(text: str) -> str:
    """`text` without the folder where we stand and that of the package."""
    for folder in models_folders():
        text = text.replace(f"{folder}{os.sep}", MODELS_FOLDER)
    return text.replace(f"{Path.cwd()}{os.sep}", "")


def line_of(site: Site) -> str:
    """A line of a model, as its file's last name and the number."""
    return f"{PurePath(site.filename).name}:{site.line}"


def models_folders() -> Iterator[str]:
    """The folders of the models that come with the harness."""
    spec = find_spec("locking.models")
    yield from (spec.submodule_search_locations or ()) if spec else ()


def leads_away(name: PurePath) -> bool:
    """Whether a name leads to a folder that is not below here."""
    return name.is_absolute() or name.parts[:1] == ("..",)
