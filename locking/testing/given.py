"""What a test gives: limits of a search, and the cases of a model that it checks."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of, scenarios_of, scopes_of, with_properties
from locking.errors import ModelError, UsageError, unknown
from locking.model import Case, Model
from locking.placements.placement import Placement
from locking.verdicts import Limits, Options

LIMITS = ("max_states", "max_memory", "max_seconds")

MIB = 2**20


def test_options(given: Mapping[str, Any]) -> Options:
    """How to search, by the limits that are given; memory is in MiB. Errors: `UsageError`."""
    for name in LIMITS:
        check_limit(name, given.get(name))
    memory = given.get("max_memory")
    return Options(
        limits=Limits(
            states=given.get("max_states"),
            memory=None if memory is None else memory * MIB,
            seconds=given.get("max_seconds"),
        )
    )


def check_limit(name: str, value: Any) -> None:
    """Refuse what is no limit. Errors: `UsageError`."""
    kinds = (int, float) if name == "max_seconds" else int
    number = isinstance(value, kinds) and not isinstance(value, bool)
    if value is not None and not (number and value > 0):
        what = "a number" if name == "max_seconds" else "a whole number"
        raise UsageError(f"{name}={value!r}: impossible; it is {what} above 0")


def marked(names: tuple[Any, ...], given: Mapping[str, Any]) -> tuple[Options, bool]:
    """How to search, and whether data races count, by the arguments of a marker.

    Errors: `UsageError`.
    """
    known = [*LIMITS, "data_races"]
    if names:
        raise UsageError(f"the marker takes arguments by name only: {', '.join(known)}")
    for name in given:
        if name not in known:
            raise unknown("argument of the marker", name, known)
    races = given.get("data_races", True)
    if not isinstance(races, bool):
        raise UsageError(f"data_races={races!r}: impossible; it is True or False")
    return test_options(given), races


def cases(
    reference: str | Model,
    scenario: object,
    placement: object,
    property_: object,
    scope: Mapping[str, object],
) -> list[tuple[Case, list[str]]]:
    """The cases that a test asks for, each with the names of the properties to judge.

    Errors: `LockingError`; nothing asked for is one too.
    """
    values = {name: str(value) for name, value in scope.items()}
    named = located(reference) if isinstance(reference, Model) else catalogue.model(reference)
    model = catalogue.with_algorithms(named, values)
    found = [
        model.case(each_scenario, each, of_variant)
        for each in placements_given(model, several("placement", placement))
        for each_scenario in scenarios_of(model, names_given("scenario", scenario))
        for of_variant in scopes_of(model, values)
    ]
    if not found:
        raise ModelError(f"{model.reference}: the model has no scenarios, so there is no case")
    return with_properties(found, names_given("property", property_))


def located(model: Model) -> Model:
    """`model`, called by the file whose `MODEL` it is, so that a path string finds it."""
    file = file_of_module(lambda module: vars(module).get("MODEL") is model)
    return replace(model, file=file) if file and not model.file else model


def placements_given(model: Model, asked: Iterable[object]) -> list[Placement | None]:
    """The placements asked for, in that order; those of the model, if none are."""
    found: list[Placement | None] = []
    for each in asked:
        if isinstance(each, Placement):
            found.append(located_placement(each))
        else:
            found += placements_of(model, [str(each)])
    return list(dict.fromkeys(found)) or placements_of(model, [])


def located_placement(placement: Placement) -> Placement:
    """`placement`, called by its file if that has it at its top level: a path string finds it."""
    file = file_of_module(
        lambda module: (
            module.__file__ == placement.site.filename
            and any(each is placement for each in vars(module).values())
        )
    )
    if file and placement.reference == placement.name:
        return placement.called(f"{file}#{placement.name}")
    return placement


def file_of_module(holds: Callable[[ModuleType], bool]) -> str:
    """The file, as seen from here, of a module of which that holds; empty if there is none.

    The models of the package are not called by their files.
    """
    for name, module in list(sys.modules.items()):
        own = isinstance(module, ModuleType) and not name.startswith("locking.")
        if own and getattr(module, "__file__", None) and holds(module):
            file, here = Path(str(module.__file__)), Path.cwd()
            return str(file.relative_to(here) if file.is_relative_to(here) else file)
    return ""


def names_given(kind: str, given: object) -> list[str]:
    """The names that were given of a kind. Errors: `UsageError`."""
    return [str(each) for each in several(kind, given)]


def several(kind: str, given: object) -> list[object]:
    """One or several of a kind, as a list; empty if it was not given. Errors: `UsageError`."""
    if given is None:
        return []
    found = list(given) if isinstance(given, (list, tuple)) else [given]
    for each in found:
        if not isinstance(each, str) and not (kind == "placement" and isinstance(each, Placement)):
            raise UsageError(f"{kind}={each!r}: impossible; it is a name, or a list of names")
    if not found:
        raise UsageError(f"{kind}=[] selects nothing, so nothing would be checked")
    return found
