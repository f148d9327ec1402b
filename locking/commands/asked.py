"""What the arguments ask for: cases of a model, with the properties to judge of each."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any, TypeVar

import locking.catalogue as catalogue
from locking.catalogue.found import Found
from locking.errors import ModelError, UsageError, unknown
from locking.model import Case, Model, Scenario
from locking.placements.placement import Placement

NamedCase = TypeVar("NamedCase", bound=Placement | Scenario)


def cases_of(
    model: Model, arguments: Namespace, placements: Sequence[Placement | None]
) -> list[tuple[Case, list[str]]]:
    """The cases of `placements` that were asked for, each with its properties to judge.

    A case that has none of the properties asked for is left out.
    """
    refuse_foreign_options(model, arguments)
    scenarios = scenarios_of(model, arguments.scenario)
    cases = [
        model.case(scenario, placement, arguments.scope)
        for placement in placements
        for scenario in scenarios
    ]
    if not cases:
        raise ModelError(f"{model.reference}: the model has no scenarios, so there is no case")
    return with_properties(cases, arguments.property)


def scenarios_of(model: Model, references: Sequence[str]) -> list[Scenario]:
    """The scenarios that were asked for: those known by name, in their order, then the others."""
    known = [each.thing for each in catalogue.every_scenario(model)]
    asked = [each for name in references for each in catalogue.scenarios(model, name)]
    return in_order(known, asked)


def placements_of(model: Model, references: Sequence[str]) -> list[Placement | None]:
    """The placements that were asked for: those known by name, in their order, then the others."""
    known = [each.thing for each in catalogue.every_placement(model)]
    asked = [each for name in references for each in catalogue.placements(model, name)]
    return [*in_order(known, asked)] or [None]


def in_order(known: Sequence[NamedCase], asked: Sequence[NamedCase]) -> list[NamedCase]:
    """What was asked for, each once, what is known first; all that is known, if nothing was."""
    first = [each for each in known if each in asked or not asked]
    return list(dict.fromkeys([*first, *asked]))


def with_properties(cases: Sequence[Case], names: Sequence[str]) -> list[tuple[Case, list[str]]]:
    """The cases with those of `names` that they have. Errors: `UsageError`."""
    if not names:
        return [(case, []) for case in cases]
    has = {at: [each.name for each in case.build().properties] for at, case in enumerate(cases)}
    known = dict.fromkeys(name for found in has.values() for name in found)
    model, scenarios = cases[0].model, dict.fromkeys(case.scenario.reference for case in cases)
    where = f" in {', '.join(scenarios)}" if len(scenarios) < len(model.scenarios) else ""
    for name in names:
        if name not in known:
            raise unknown(f"property of {model.name}{where}", name, known)
    found = [(case, [name for name in has[at] if name in names]) for at, case in enumerate(cases)]
    return [each for each in found if each[1]]


def refuse_foreign_options(model: Model, arguments: Namespace) -> None:
    """Refuse an option that is neither ours nor a parameter of the model. Errors: `UsageError`."""
    parameters = [f"--{parameter.name}" for parameter in model.parameters]
    for name, value in arguments.scope.items():
        if f"--{name}" not in parameters:
            raise unknown(f"option for {model.name}", f"--{name}", [*parameters, *arguments.known])
        if not value:
            raise UsageError(f"--{name} needs a value")


def case_of(model: Model, arguments: Namespace) -> Case:
    """The one case that was asked for; what there is only one of needn't be named."""
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
