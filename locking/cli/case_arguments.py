"""What the arguments ask for: cases of a model, with the properties to judge of each."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

import locking.catalogue as catalogue
from locking.catalogue.found import Found
from locking.catalogue.selection import scenarios_of, scopes_of, with_properties
from locking.errors import ModelError, UsageError, unknown
from locking.model import Case, Model
from locking.placements.placement import Placement
from locking.scope import LKMM, SC, is_chosen, without_states


def cases_of(
    model: Model, arguments: Namespace, placements: Sequence[Placement | None]
) -> list[tuple[Case, list[str]]]:
    """The cases of `placements` that were asked for, each with its properties to judge.

    A case that has none of the properties asked for is left out.

    Errors: `ModelError` for a model without scenarios; `UsageError` for an unknown name.
    """
    refuse_foreign_options(model, arguments)
    scenarios = scenarios_of(model, arguments.scenario)
    cases = [
        model.case(scenario, placement, scope)
        for placement in placements
        for scenario in scenarios
        for scope in scopes_of(model, arguments.scope)
    ]
    if not cases:
        raise ModelError(f"{model.reference}: the model has no scenarios, so there is no case")
    return with_properties(cases, arguments.property)


def refuse_foreign_options(model: Model, arguments: Namespace) -> None:
    """Refuse an option that is neither ours nor a parameter of the model. Errors: `UsageError`."""
    parameters = [f"--{parameter.name}" for parameter in model.parameters]
    for name, value in arguments.scope.items():
        if is_chosen(name):
            continue
        if f"--{name}" not in parameters:
            raise unknown(f"option for {model.name}", f"--{name}", [*parameters, *arguments.known])
        if not value:
            raise UsageError(f"--{name} needs a value")


def refuse_algorithms(arguments: Namespace, why: str) -> None:
    """Refuse `--lock` in a command that can't have it, and say why. Errors: `UsageError`."""
    if arguments.lock:
        raise UsageError(f"--lock {arguments.lock[0]}: {why}")


def refuse_memory_models(arguments: Namespace, why: str) -> None:
    """Refuse `--memory` in a command that knows only `sc`, and say why. Errors: `UsageError`."""
    if arguments.memory != SC:
        raise UsageError(f"--memory {arguments.memory}: {why}")


def refuse_executions(arguments: Namespace, what: str) -> None:
    """Refuse `--memory lkmm` in a command whose `what` is of states. Errors: `UsageError`."""
    if arguments.memory == LKMM:
        raise without_states(what)


def case_of(model: Model, arguments: Namespace) -> Case:
    """The one case that was asked for; a name may be left out where there is only one."""
    refuse_foreign_options(model, arguments)
    scenario, placement = arguments.scenario, arguments.placement
    if scenario is None:
        scenario = only_name("scenario", catalogue.every_scenario(model))
    if placement is None and (known := catalogue.every_placement(model)):
        placement = only_name("placement", known)
    found = catalogue.placement(model, placement) if placement is not None else None
    return model.case(catalogue.scenario(model, scenario), found, arguments.scope)


def only_name(kind: str, known: Sequence[Found[Any]]) -> str:
    """The name, if there is one. Errors: `UsageError`."""
    names = [each.thing.name for each in known]
    if len(names) > 1:
        raise UsageError(f"say which {kind}: --{kind} {' | '.join(names)}")
    return str(names[0])
