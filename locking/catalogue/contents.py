"""What a module has at its top level: a model, placements, scenarios, algorithms."""

from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from locking.catalogue.files import FILE, read_module
from locking.errors import ModelError, PlacementError, unknown
from locking.model import Model, Scenario
from locking.placements.placement import Placement
from locking.programs.algorithm import Algorithm

Content = TypeVar("Content", bound=Placement | Scenario | Algorithm)


def model_in(module: ModuleType, reference: str) -> Model:
    """The module's `MODEL`. Errors: `ModelError`, where it has none."""
    found = getattr(module, "MODEL", None)
    if not isinstance(found, Model):
        what = "has no MODEL" if found is None else f"its MODEL is of type {type(found).__name__}"
        others = [name for name, each in vars(module).items() if isinstance(each, Model)]
        made = f"MODEL = {others[0]}" if others else "MODEL = Model(...)"
        raise ModelError(f"{reference}: {what}; write `{made}` at its top level")
    return found


def things_in(
    file: str, kind: type[Content], own: Callable[[Content, str], bool]
) -> list[tuple[Content, str]]:
    """The things of `kind` at the top level of a file, each with its reference.

    Those that are the file's `own`, or else all that it imports; `FILE.py#NAME` names one of them.

    Errors: `PlacementError`, or `ModelError` for what is none; `UsageError` for an unknown NAME.
    """
    error = PlacementError if kind is Placement else ModelError
    parts = FILE.fullmatch(file)
    assert parts
    path, name = parts.groups()
    module = read_module(path, error)
    found = {id(each): each for each in vars(module).values() if isinstance(each, kind)}
    chosen = [each for each in found.values() if own(each, str(module.__file__))]
    chosen = chosen or list(found.values())
    word = kind.__name__.lower()
    if not chosen:
        raise error(f"{path}: has no {word}; write `NAME = {kind.__name__}(...)` at its top level")
    names = [each.name for each in chosen]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise error(f"{path}: two {word}s are called {twice[0]!r}")
    if name is not None and name not in names:
        raise unknown(f"{word} of {path}", name, names)
    return [
        (each, f"{path}#{each.name}" if len(chosen) > 1 else path)
        for each in chosen
        if name in (None, each.name)
    ]
