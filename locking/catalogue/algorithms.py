"""The algorithms that can stand for locks, by name and by file.

Those of the harness are in its models of locks. They are imported where one is asked for.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from locking.catalogue import package
from locking.catalogue.contents import things_in
from locking.catalogue.files import FILE
from locking.errors import UsageError, unknown
from locking.model import Model
from locking.programs.algorithm import Algorithm
from locking.programs.frames import unwrapped
from locking.scope import locks_in

FOLDERS = ("kernel_locks", "locks")
"""The folders of models that have algorithms at their top level."""


def harness_algorithms() -> list[Algorithm]:
    """The algorithms that come with the harness. Errors: `ModelError`."""
    folders = [import_module(f"{package.MODELS_PACKAGE}.{each}") for each in FOLDERS]
    modules = [module for each in folders for module in package.walk_package(each)]
    return [
        each for module in modules for each in vars(module).values() if isinstance(each, Algorithm)
    ]


def with_algorithms(model: Model, scope: Mapping[str, int | str]) -> Model:
    """`model` with the algorithms that a scope names besides its own.

    Errors: `UsageError` for one that there is not; `ModelError`, which names the file.
    """
    own = {each.reference: each for each in model.algorithms}
    asked = [each for each in dict.fromkeys(locks_in(scope).values()) if each not in own]
    if not asked:
        return model
    known = {**{each.name: each for each in harness_algorithms()}, **own}
    found = []
    for reference in asked:
        if FILE.fullmatch(reference):
            found.append(algorithm_in(reference))
        elif reference in known:
            found.append(known[reference])
        else:
            raise unknown("algorithm of a lock", reference, known)
    return replace(model, algorithms=(*model.algorithms, *found))


def algorithm_in(reference: str) -> Algorithm:
    """The one algorithm that a file has. Errors: `UsageError` for several; `ModelError`."""
    found = things_in(reference, Algorithm, is_made_in)
    if len(found) > 1:
        several = ", ".join(name for _, name in found)
        raise UsageError(f"{reference} has several algorithms; say which: {several}")
    return replace(found[0][0], file=reference)


def is_made_in(algorithm: Algorithm, file: str) -> bool:
    """Whether the function that makes an algorithm stands in `file`."""
    code = getattr(unwrapped(algorithm.make), "__code__", None)
    return code is not None and code.co_filename == file
