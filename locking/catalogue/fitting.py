"""Which of the placements and scenarios that are found belong to a model: those that it can use."""

from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

from locking.catalogue.found import Found, all_found, refuse_twins
from locking.catalogue.models import every_model, file_of_model, found_models
from locking.errors import LockingError, ModelError
from locking.model import Model, Scenario
from locking.placements.placement import Placement
from locking.text.file_names import file_name

Fitting = TypeVar("Fitting", bound=Placement | Scenario)


def every_placement(model: Model) -> list[Found[Placement]]:
    """The placements that are known by name: the model's own, then those that are found for it.

    Errors: `ModelError` for two of one name, or one that no model can use.
    """
    own = [Found(each, each.site.filename) for each in model.placements]
    return with_found(model, "placements", own, all_found(Placement))


def every_scenario(model: Model) -> list[Found[Scenario]]:
    """The scenarios that are known by name: the model's own, then those that are found for it.

    Errors: `ModelError` for two of one name, or one that no model can use.
    """
    file = file_of_model(model)
    own = [Found(each, file) for each in model.scenarios]
    return with_found(model, "scenarios", own, all_found(Scenario))


def with_found(
    model: Model, kind: str, own: Sequence[Found[Fitting]], found: Sequence[Found[Fitting]]
) -> list[Found[Fitting]]:
    """A model's `own` things, then those of `found` that it can use. Errors: `ModelError`."""
    models = [model, *(each.thing for each in found_models())]
    taken = {id(thing) for each in models for thing in (*each.placements, *each.scenarios)}
    free = [each for each in found if id(each.thing) not in taken]
    usable = [each for each in free if why_not(model, each.thing) is None]
    for each in free:
        if each not in usable:
            refuse_stray(each, model)
    refuse_twins(f"{kind} of {model.name}", [*own, *usable])
    return [*own, *usable]


def why_not(model: Model, thing: Placement | Scenario) -> str | None:
    """Why a model can't use a placement or a scenario; None where it can."""
    try:
        if isinstance(thing, Placement):
            model.check_steps(thing)
        else:
            model.check_roles(thing)
    except LockingError as error:
        return str(error)
    return None


def refuse_stray(found: Found[Fitting], asked: Model) -> None:
    """Refuse what no model can use: nobody would hear of it otherwise. Errors: `ModelError`."""
    thing = found.thing
    models = [asked, *every_model()]
    if any(why_not(each, thing) is None for each in models):
        return
    closest = max(models, key=lambda each: in_common(each, thing))
    line = f", line {thing.site.line}" if isinstance(thing, Placement) else ""
    raise ModelError(f"{file_name(found.file)}{line}: {why_not(closest, thing)}")


def in_common(model: Model, thing: Placement | Scenario) -> int:
    """How many roles and steps a placement or a scenario shares with a model."""
    if isinstance(thing, Scenario):
        return len({*thing.roles} & {*model.cast})
    steps = chain(*map(thing.steps, thing.roles))
    return len({*thing.roles, *steps} & {*model.steps, *chain(*model.steps.values())})
