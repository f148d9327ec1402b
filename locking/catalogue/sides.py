"""The two sides of a comparison: placements, variants or scenarios of one model, or two models.

A side is one word. What it names is found out: a placement, a variant or a scenario of the model,
or a model. Where a word could be several of them, `KIND=NAME` says which is meant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import locking.catalogue as catalogue
from locking.catalogue.files import FILE
from locking.catalogue.fitting import every_placement, every_scenario
from locking.errors import LockingError, UsageError, unknown
from locking.model import Case, Model, Scenario
from locking.placements.placement import Placement


@dataclass(frozen=True)
class Side:
    """One of two things that are compared: its kind, one of `KINDS`, and what it is."""

    kind: str
    model: Model
    what: Placement | Scenario | Model | str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.what if isinstance(self.what, str) else self.what.reference

    def rest(self, case: Case, other: "Side") -> tuple[str, str, str]:
        """The scenario, the placement and the variant of a case, but for what is compared.

        A case of the `other` side with the same rest is compared with it. The only scenario of a
        model needs no name: two models that have one each may call it differently.
        """
        placement = case.placement.reference if case.placement else ""
        alone = all(len(side.model.scenarios) == 1 for side in (self, other))
        only = alone and case.scenario in case.model.scenarios
        return (
            "" if only or self.kind == "scenario" else case.scenario.reference,
            "" if self.kind == "placement" else placement,
            "" if self.kind == "variant" else case.variant,
        )


def variant(model: Model, name: str) -> str:
    """The variant of a model that is called `name`. Errors: `UsageError`."""
    if name not in model.variants:
        raise unknown(f"variant of {model.name}", name, model.variants)
    return name


KINDS: Mapping[str, Callable[[Model, str], Placement | Scenario | Model | str]] = {
    "placement": catalogue.placement,
    "variant": variant,
    "scenario": catalogue.scenario,
    "model": lambda _, name: catalogue.model(name),
}
"""What may be compared, each with what finds it by its name."""


def two_sides(model: Model, one: str, two: str) -> tuple[Side, Side]:
    """What two words name, both of one kind. Errors: `UsageError`, and those of the catalogue."""
    meant = [meanings(model, word) for word in (one, two)]
    both = [kind for kind in KINDS if all(kind in each for each in meant)]
    if not both:
        kinds = [" or ".join(f"a {kind}" for kind in each) for each in meant]
        raise UsageError(f"{one} is {kinds[0]}, {two} is {kinds[1]}; two of one kind are compared")
    if len(both) > 1:
        ways = " or ".join(f"`{kind}={one} {kind}={two}`" for kind in both)
        raise UsageError(f"{one} and {two} could be {' or '.join(both)}s; write {ways}")
    first, second = (each[both[0]] for each in meant)
    if first.name == second.name:
        raise UsageError(f"{first.name} is the same {first.kind} twice; name two")
    return first, second


def meanings(model: Model, word: str) -> dict[str, Side]:
    """What a word may name, by kind. Errors: `UsageError` where it names nothing."""
    kind, equals, name = word.partition("=")
    if equals and kind in KINDS:
        return {kind: side(kind, model, name)}
    found, refused = {}, []
    for kind in KINDS:
        try:
            found[kind] = side(kind, model, word)
        except LockingError as error:
            refused.append(error)
    if found:
        return found
    if FILE.fullmatch(word) or "~" in word:  # a broken file or change says best what is wrong
        raise refused[0] if model.steps else refused[-1]
    known = [
        *(each.thing.name for each in every_placement(model)),
        *(each.thing.name for each in every_scenario(model)),
        *model.variants,
        *catalogue.model_names(),
    ]
    raise unknown(f"placement, variant or scenario of {model.name}, or model", word, known)


def side(kind: str, model: Model, name: str) -> Side:
    """The side of one kind that is called `name`. Errors: those of `KINDS`."""
    what = KINDS[kind](model, name)
    return Side(kind, what if isinstance(what, Model) else model, what)
