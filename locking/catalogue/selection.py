"""Which scenarios, placements and properties are asked for, of all that are known."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from locking.catalogue import every_placement, every_scenario, placements, scenarios
from locking.check import check
from locking.errors import unknown
from locking.model import Case, Model, Scenario
from locking.placements.placement import Placement
from locking.programs.position import FailureKind, Fault, Requirement
from locking.properties.always import UNNAMED, judged_always
from locking.properties.explored import Explored
from locking.scope import VARIANT
from locking.verdicts import Limits, Options

FIRST_STATES = 20_000
"""States of a case that are gone through for the names of its requirements."""

ALWAYS_THERE = frozenset(each.name for each in UNNAMED)
"""Names that every case has: no help where another was meant, unless they are a model's own."""

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


def scopes_of(model: Model, given: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The scope that was given, for each variant of the model unless it says which."""
    if VARIANT in given or not model.variants:
        return [given]
    return [{**given, VARIANT: each} for each in model.variants]


def in_order(known: Sequence[NamedCase], asked: Sequence[NamedCase]) -> list[NamedCase]:
    """What was asked for, each once, what is known first; all that is known, if nothing was."""
    first = [each for each in known if each in asked or not asked]
    return list(dict.fromkeys([*first, *asked]))


def with_properties(cases: Sequence[Case], names: Sequence[str]) -> list[tuple[Case, list[str]]]:
    """The cases with those of `names` that they have; what is judged always has a name too.

    Errors: `UsageError` for a name that none has; `ModelError`.
    """
    if not names:
        return [(case, []) for case in cases]
    has = {at: [each.name for each in case.build().properties] for at, case in enumerate(cases)}
    own = {name for found in has.values() for name in found}
    if any(name not in found for name in names for found in has.values()):
        has = {at: [*has[at], *unnamed(case)] for at, case in enumerate(cases)}
    known = dict.fromkeys(name for found in has.values() for name in found)
    model, scenarios = cases[0].model, dict.fromkeys(case.scenario.reference for case in cases)
    where = f" in {', '.join(scenarios)}" if len(scenarios) < len(model.scenarios) else ""
    for name in names:
        if name not in known:
            likely = [each for each in known if each in own or each not in ALWAYS_THERE]
            raise unknown(f"property of {model.name}{where}", name, likely)
    found = [(case, [name for name in has[at] if name in names]) for at, case in enumerate(cases)]
    return [each for each in found if each[1]]


def unnamed(case: Case) -> list[str]:
    """The names of what is judged of a case always, and of which none of its properties speaks.

    A requirement is among them if the first states of the case evaluate it. Errors: `ModelError`.
    """
    kinds: set[FailureKind] = {Fault.ASSERTION, Fault.MISUSE}

    def look(explored: Explored) -> None:
        for automaton in explored.product.automata:
            kinds.update(map(Requirement, automaton.required))

    check(case, options=Options(limits=Limits(FIRST_STATES)), look=look, enough=lambda _: True)
    system = case.build()
    return [each.name for each in judged_always(system.properties, system.unjudged, kinds)]
