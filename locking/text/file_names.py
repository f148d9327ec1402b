"""The lines of models: what they are called where a trace is read, and what stands on them."""

import linecache
import os
from importlib.util import find_spec
from pathlib import Path

from locking.objects.operation import Site


def shown(file: str) -> str:
    """A file as seen from here, if it is below; one that comes with the harness by its package."""
    path, here = Path(file), Path.cwd()
    if path.is_relative_to(here):
        return os.path.relpath(file, here)
    spec = find_spec("locking.models")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if path.is_relative_to(folder):
            return f"locking/models/{path.relative_to(folder)}"
    return file


def line_at(site: Site) -> str:
    """What stands on a line, without what is around it; empty where it can't be read."""
    return linecache.getline(site.filename, site.line).strip()
