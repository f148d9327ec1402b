"""Models, by name and by file."""

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

from locking.catalogue import package
from locking.catalogue.algorithms import with_algorithms
from locking.catalogue.contents import model_in
from locking.catalogue.files import FILE, read_module
from locking.catalogue.found import Found, all_found, modules, refuse_twins
from locking.errors import ModelError, unknown
from locking.model import Model


def model_names() -> list[str]:
    """Every model that is known by name. Errors: `ModelError` for one that can't be imported."""
    return [*package.package_model_names(), *(each.thing.name for each in found_models())]


def every_model() -> list[Model]:
    """Every model that is known by name. Errors: `ModelError`, as for the names."""
    own = [model_in(each, each.__name__) for each in package.package_modules()]
    return [*own, *(each.thing for each in found_models())]


def model(reference: str, scope: Mapping[str, str] | None = None) -> Model:
    """The model of that name or file, with the algorithms that a scope names for its locks.

    Errors: `UsageError`, `ModelError`.
    """
    found = model_in(module_of_model(reference), reference)
    by_name = not FILE.fullmatch(reference) or any(found is each.thing for each in found_models())
    return with_algorithms(found if by_name else replace(found, file=reference), scope or {})


def models(reference: str, scope: Mapping[str, str] | None = None) -> list[Model]:
    """The models that `reference` names: one, or all in a folder that comes with the harness.

    They have the algorithms that `scope` names for their locks.

    Errors: `UsageError`, `ModelError`.
    """
    inside = [] if FILE.fullmatch(reference) else package.names_in_folder(reference)
    return [model(each, scope) for each in inside or [reference]]


def module_of_model(reference: str) -> ModuleType:
    """The module that has the model of that name or file. Errors: `UsageError`, `ModelError`."""
    known = {each.thing.name: each.thing for each in found_models()}
    if FILE.fullmatch(reference):
        return read_module(reference, ModelError)
    for module in modules():
        if reference in known and getattr(module, "MODEL", None) is known[reference]:
            return module
    of_package = package.module_of_package_model(reference)
    if of_package is None:
        raise unknown("model", reference, model_names())
    return of_package


def found_models() -> list[Found[Model]]:
    """The models that are found beside those of the package. Errors: `ModelError` for twins."""
    found = all_found(Model)
    twins = filter(None, [package.module_of_package_model(each.thing.name) for each in found])
    own = {id(module.MODEL): Found(module.MODEL, str(module.__file__)) for module in twins}
    found = [each for each in found if id(each.thing) not in own]
    refuse_twins("models", [*own.values(), *found])
    return found


def file_of_model(model: Model) -> str:
    """The file that a model's `build` stands in."""
    code = getattr(model.build, "__code__", None)
    return code.co_filename if code else model.reference
