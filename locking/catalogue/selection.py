"""Which scenarios, placements and properties are asked for, of all that are known."""

from collections.abc import Sequence
from typing import TypeVar

from locking.catalogue import every_placement, every_scenario, placements, scenarios
from locking.errors import unknown
from locking.model import Case, Model, Scenario
from locking.placements.placement import Placement

NamedCase = TypeVar("NamedCase", bound=Placement | Scenario)


def scenarios_of(model: Model, references: Sequence[str]) -> list[Scenario]:
    """The scenarios that were asked for: those known by name, in their order, then the others."""
    known = [each.thing for each in every_scenario(model)]
    asked = [each for name in references for each in scenarios(model, name)]
    return in_order(known, asked)


def placements_of(model: Model, references: Sequence[str]) -> list[Placement | None]:
    """The placements that were asked for: those known by name, in their order, then the others."""
    known = [each.thing for each in every_placement(model)]
    asked = [each for name in references for each in placements(model, name)]
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
