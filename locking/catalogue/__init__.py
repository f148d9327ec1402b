"""Models, placements and scenarios by the names that a command line and a path string use.

A model is named by its module below `locking.models` (`memory_hotplug`, `textbook.abba`), or by its
file. A placement or a scenario is named as in the model, or by its file: `FILE.py`, or
`FILE.py#name` where the file has several. One that is found through the configuration or an
installed package is named without its file, as if it came with the model. The names of changed
placements are in `locking.placements.edit`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from locking.catalogue.algorithms import harness_algorithms, with_algorithms
from locking.catalogue.contents import things_in
from locking.catalogue.files import FILE, import_name
from locking.catalogue.fitting import every_placement, every_scenario, why_not
from locking.catalogue.models import found_models, model, model_names, models, module_of_model
from locking.errors import LockingError, ModelError, PlacementError, UsageError, brief, unknown
from locking.model import Model, Scenario
from locking.placements.edit import edited, parse
from locking.placements.placement import Placement

__all__ = [
    "DEFAULT",
    "every_placement",
    "every_scenario",
    "found_models",
    "harness_algorithms",
    "import_name",
    "model",
    "model_names",
    "models",
    "module_of_model",
    "placement",
    "placements",
    "scenario",
    "scenarios",
    "with_algorithms",
]

DEFAULT = "memory_hotplug"
"""The model of a command that names none."""

CHANGES = 50
"""Changes that a placement may have, one after the other; each makes it anew."""

Named = TypeVar("Named", bound=Placement | Scenario)


def placements(model: Model, reference: str) -> list[Placement]:
    """The placements that `reference` names: one that is known by name, or those of a file.

    Errors: `UsageError`; `PlacementError`, which names the file.
    """
    if not model.steps:
        raise UsageError(f"{model.name} has no steps to arrange, so it takes no --placement")
    if reference.count("~") > CHANGES:
        raise UsageError(f"placement {brief(reference)} has more than {CHANGES} changes")
    change = parse(reference)
    if change:
        return [edited(placement(model, change[0]), change[1])]
    known = {each.thing.name: each.thing for each in every_placement(model)}
    if not FILE.fullmatch(reference):
        if reference not in known:
            raise unknown(f"placement of {model.name}", reference, known)
        return [known[reference]]
    found = things_in(reference, Placement, lambda each, file: each.site.filename == file)
    for each, name in found:
        check_steps(model, each, name.partition("#")[0])
    own = {id(each) for each in known.values()}
    return [each if id(each) in own else each.called(name) for each, name in found]


def placement(model: Model, reference: str) -> Placement:
    """The one placement that `reference` names. Errors: as `placements`."""
    return only_thing("placements", reference, placements(model, reference))


def check_steps(model: Model, placement: Placement, file: str) -> None:
    """Check a placement of `file` against the model. Errors: `PlacementError`, which names it."""
    try:
        model.check_steps(placement)
    except LockingError as error:
        here = placement.site.filename == str(Path(file).resolve())
        line = f", line {placement.site.line}" if here else ""
        raise PlacementError(f"{file}{line}: {error}") from error


def scenarios(model: Model, reference: str) -> list[Scenario]:
    """The scenarios that `reference` names: one known by name, a mix of roles, or those of a file.

    Errors: `UsageError`; `ModelError`, which names the file.
    """
    known = {each.thing.name: each.thing for each in every_scenario(model)}
    if not FILE.fullmatch(reference):
        return [known[reference] if reference in known else model.scenario(reference)]
    found = things_in(reference, Scenario, lambda each, _: each not in model.scenarios)
    for each, name in found:
        reason = why_not(model, each)
        if reason:
            raise ModelError(f"{name}: {reason}")
    return [
        each if any(each is other for other in known.values()) else replace(each, file=name)
        for each, name in found
    ]


def scenario(model: Model, reference: str) -> Scenario:
    """The one scenario that `reference` names. Errors: as `scenarios`."""
    return only_thing("scenarios", reference, scenarios(model, reference))


def only_thing(kind: str, reference: str, found: Sequence[Named]) -> Named:
    """The one thing that was found. Errors: `UsageError`, where there are several."""
    if len(found) > 1:
        several = ", ".join(each.reference for each in found)
        raise UsageError(f"{reference} has several {kind}; say which: {several}")
    return found[0]
