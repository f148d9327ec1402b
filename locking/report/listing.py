"""What a model has, a line each: scenarios, placements as trees, properties, parameters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from locking.catalogue.found import Found
from locking.model import Model, Scenario
from locking.objects.operation import Object
from locking.objects.rules import Ruled, is_declared, words_of_rule
from locking.placements.placement import Placement
from locking.programs.algorithm import Algorithm, may_have_algorithm
from locking.report.brackets import drawn_roles
from locking.scope import Parameter
from locking.text.file_names import file_name
from locking.text.fit import PROSE, wrapped

COLUMN_GAP = re.compile(r" +\S.*?  +(?=\S)")
"""What stands before the second column of a line that has two."""


def listing(
    reference: str,
    model: Model,
    scenarios: Sequence[Found[Scenario]],
    placements: Sequence[Found[Placement]],
    algorithms: Sequence[Algorithm],
    width: int,
) -> Iterator[str]:
    """The lines that describe `model` and what is known for it, broken to `width` where possible.

    What is not the model's own has its file with it.
    """
    for line in listing_lines(reference, model, scenarios, placements, algorithms, width):
        yield from hanging(line, width)


def hanging(line: str, width: int) -> list[str]:
    """A line, broken to `width`; what follows is as far in as its second column."""
    columns = COLUMN_GAP.match(line)
    indent = columns.end() if columns else len(line) - len(line.lstrip()) + 4
    return wrapped(line, width, later=" " * min(indent, width // 2, PROSE // 2))


def listing_lines(
    reference: str,
    model: Model,
    scenarios: Sequence[Found[Scenario]],
    placements: Sequence[Found[Placement]],
    algorithms: Sequence[Algorithm],
    width: int,
) -> Iterator[str]:
    """The lines that describe `model` and what is known for it; only drawings keep to `width`."""
    yield f"{reference}: {model.about}"
    yield from block(
        "scenarios",
        [(titled(each, model.scenarios), each.thing.about) for each in scenarios],
    )
    yield from block(
        "roles of a mix, and how many at most",
        [(role, str(most)) for role, most in model.cast.items()],
    )
    if placements:
        yield "  placements"
        for placement in placements:
            yield from placement_lines(placement.thing, titled(placement, model.placements), width)
    yield from block(
        "named steps of a placement, by role",
        [(role, ", ".join(map(str, steps))) for role, steps in model.steps.items()],
    )
    used = [each.thing for each in placements]
    yield from block("properties", properties_table(model, used).items())
    yield from block(
        "parameters",
        [(f"--{each.name} {parameter_values(each)}", about(each)) for each in model.parameters],
    )
    yield from block("rules of objects, for --rule", rules_table(model, used).items())
    found = algorithms_table(model, used, algorithms)
    yield from block("algorithms of locks, for --lock", found.items())


def block(title: str, items: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A title and lines of names and what they are, in two columns; nothing for no items."""
    lines = list(items)
    if not lines:
        return
    yield f"  {title}"
    longest = max(len(name) for name, _ in lines)
    for name, about in lines:
        yield f"    {name:<{longest}}  {about}".rstrip()


def titled(found: Found[Any], own: Sequence[Any]) -> str:
    """The name of a scenario or a placement, with its file where it is not the model's own."""
    name = str(found.thing.name)
    return name if found.thing in own else f"{name} ({file_name(found.file)})"


def placement_lines(placement: Placement, title: str, width: int) -> Iterator[str]:
    """A placement and, for every role, its steps with brackets over them."""
    about = f": {placement.about}" if placement.about else ""
    yield f"    {title}{about}"
    yield from drawn_roles(placement.roles, width, " " * 8)


def properties_table(model: Model, placements: Sequence[Placement] = ()) -> dict[str, str]:
    """What each property says, of all the scenarios; with the first placement that there is."""
    placement = next(iter([*model.placements, *placements]), None)
    found: dict[str, str] = {}
    for scenario in model.scenarios:
        for each in model.case(scenario.name, placement).build().properties:
            found.setdefault(each.name, each.about)
    return found


def rules_table(model: Model, placements: Sequence[Placement] = ()) -> dict[str, str]:
    """The rules that each object may work by, with the one that it has in the model."""
    placement = next(iter([*model.placements, *placements]), None)
    found: dict[str, str] = {}
    for scenario in model.scenarios:
        for each in model.case(scenario.name, placement).build().objects:
            rules = dict.fromkeys(words_of_rule(each).values())
            if rules:
                found.setdefault(each.name, ", ".join(in_words(each, rule) for rule in rules))
    return found


def algorithms_table(
    model: Model, placements: Sequence[Placement], algorithms: Sequence[Algorithm]
) -> dict[str, str]:
    """The algorithms that may stand for each lock, those of the model with them."""
    placement = next(iter([*model.placements, *placements]), None)
    found: dict[str, str] = {}
    for scenario in model.scenarios:
        system = model.case(scenario.name, placement).build()
        threads = tuple(each.name for each in system.threads)
        for lock in system.objects:
            if lock.name not in found and may_have_algorithm(lock, system.objects):
                fitting = [
                    each.reference
                    for each in dict.fromkeys([*model.algorithms, *algorithms])
                    if each.made_for(lock.name, threads).fits(lock)
                ]
                if fitting:
                    found[lock.name] = ", ".join(fitting)
    return found


def in_words(target: Object, rule: Ruled) -> str:
    """The words of one rule of an object, and the one that it has in the model."""
    own = next(word for word in rule.values if is_declared(target, word))
    return f"{' | '.join(rule.values)} (else {own})"


def parameter_values(parameter: Parameter) -> str:
    """The values that a parameter may have."""
    if parameter.words:
        return "|".join(parameter.words)
    return f"{parameter.least}..{parameter.most}"


def about(parameter: Parameter) -> str:
    """What a parameter means, and its value where none is given."""
    return f"{parameter.about} (else {parameter.default})"
