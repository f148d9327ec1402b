"""The models that come with the harness, by the name of their module below `locking.models`."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from locking.errors import LockingError, ModelError

MODELS_PACKAGE = "locking.models"


def package_model_names() -> list[str]:
    """The models of the package, by name. Errors: `ModelError` for one that can't be imported."""
    return list(map(model_name, package_modules()))


def model_name(module: ModuleType) -> str:
    """The name of the model of a module of the package."""
    return module.__name__.removeprefix(f"{MODELS_PACKAGE}.")


def package_modules() -> list[ModuleType]:
    """The modules of the package that have a model. Errors: `ModelError`, as for their names."""
    return list(walk_package(import_module(MODELS_PACKAGE)))


def walk_package(package: ModuleType) -> Iterator[ModuleType]:
    """The modules with a model in `package` and below."""
    for found in iter_modules(package.__path__, f"{package.__name__}."):
        module = import_model(found.name)
        if hasattr(module, "MODEL"):
            yield module
        elif found.ispkg:
            yield from walk_package(module)


def import_model(name: str) -> ModuleType:
    """The module of that name. Errors: `ModelError`, where its own code raises."""
    try:
        return import_module(name)
    except LockingError as error:
        raise type(error)(f"{name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ModelError(f"{name} can't be imported: {type(error).__name__}: {error}") from error


def names_in_folder(name: str) -> list[str]:
    """The names of the models in the package's folder of that name; none where there is no such."""
    module = module_called(name)
    inside = module is not None and hasattr(module, "__path__") and not hasattr(module, "MODEL")
    return list(map(model_name, walk_package(module))) if module and inside else []


def module_of_package_model(name: str) -> ModuleType | None:
    """The module of the package's model of that name; None where it has no such model."""
    module = module_called(name)
    return module if hasattr(module, "MODEL") else None


def module_called(name: str) -> ModuleType | None:
    """The module of that name below `locking.models`; None where there is none."""
    package = import_module(MODELS_PACKAGE)
    parts = name.split(".")
    for depth, part in enumerate(parts):
        paths = getattr(package, "__path__", ())
        if part not in [found.name for found in iter_modules(paths)]:
            return None
        package = import_model(".".join([MODELS_PACKAGE, *parts[: depth + 1]]))
    return package
