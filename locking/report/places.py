"""Where things stand, as files that go to other machines name it: no folder of this one."""

import os
from importlib.util import find_spec
from pathlib import Path, PurePath
from urllib.parse import quote

from locking.model import Case
from locking.objects.operation import Site
from locking.text.file_names import shown


def home(case: Case) -> Site | None:
    """The line to look at where no run shows one: of the placement, else of the model's `build`."""
    if case.placement:
        return case.placement.site
    code = getattr(case.model.build, "__code__", None)
    return Site(code.co_filename, code.co_firstlineno) if code else None


def uri(file: str) -> str:
    """A file as a URI: seen from here, by its package, or by its name alone."""
    path = PurePath(shown(file))
    named = PurePath(path.name) if path.is_absolute() else path
    return quote(os.fsencode(named.as_posix()))


def local(text: str) -> str:
    """`text` without the folder where we stand and that of the package."""
    spec = find_spec("locking.models")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        text = text.replace(f"{folder}{os.sep}", "locking/models/")
    return text.replace(f"{Path.cwd()}{os.sep}", "")
