"""What a synthesis is to search for, from the names that were asked for."""

from collections.abc import Iterable, Mapping, Sequence

from locking.errors import UsageError, unknown
from locking.model import Model, Scenario
from locking.objects.operation import Object
from locking.placements.edit import locks_taken, regions
from locking.placements.placement import Placement
from locking.placements.space import Space, variants
from locking.placements.trees import nests
from locking.properties.explored import Property
from locking.properties.kinds import kind_of
from locking.studies.synthesis import Question
from locking.verdicts import Options


def question(
    model: Model,
    *,
    scenarios: Sequence[str | Scenario] = (),
    required: Sequence[str] = (),
    offered: Sequence[str] = (),
    wanted: str | None = None,
    regions: int = 2,
    scope: Mapping[str, str] | None = None,
    options: Options | None = None,
) -> Question:
    """The question about the space of `model`. Errors: `UsageError` for what it does not have."""
    space = space_of(model)
    named = scenarios or space.scenarios or model.scenarios
    chosen = tuple(model.scenario(each) if isinstance(each, str) else each for each in named)
    known = properties_by_name(model, space.base, chosen, scope or {})
    where = ", ".join(each.reference for each in chosen)
    check_known(f"property of {model.name} in {where}", required, known)
    return Question(
        model,
        narrowed(model, space, offered),
        tuple(variants(space.steps, model.steps[space.role])),
        regions,
        chosen,
        counting_property(model, known, wanted),
        tuple(required),
        scope or {},
        options or Options(),
    )


def space_of(model: Model) -> Space:
    """The space that the model declares, or else that of the first role of its first placement.

    Errors: `UsageError`, where it has no placement.
    """
    if model.space:
        return model.space
    if not model.placements:
        raise UsageError(f"{model.name} has no placements, so there is nothing to arrange")
    base = model.placements[0]
    role = next(iter(base.roles))
    if not nests(base.roles[role]):
        raise UsageError(
            f"{model.name}: {role} of {base.name} is more than steps under regions that nest, and "
            f"only these are arranged; declare which with Model(space=Space(...))"
        )
    taken = dict.fromkeys(
        region.lock
        for placement in model.placements
        for _, _, region in regions(placement.roles.get(role, ()))
    )
    return Space(role, base.steps(role), tuple(taken), base)


def narrowed(model: Model, space: Space, offered: Sequence[str]) -> Space:
    """The space with only the locks called `offered`; with all, if none is named."""
    known: dict[str, Object] = {lock.name: lock for lock in space.locks}
    for placement in model.placements:
        for trees in placement.roles.values():
            known.update(
                {lock.name: lock for lock in sorted(locks_taken(trees), key=lambda o: o.name)}
            )
    check_known(f"lock of {model.name}", offered, known)
    chosen = tuple(known[name] for name in dict.fromkeys(offered)) or space.locks
    return Space(space.role, space.steps, chosen, space.base, space.scenarios)


def properties_by_name(
    model: Model, base: Placement, scenarios: Sequence[Scenario], scope: Mapping[str, str]
) -> dict[str, Property]:
    """The properties of these scenarios, by name."""
    return {
        each.name: each
        for scenario in scenarios
        for each in model.case(scenario, base, scope).build().properties
    }


def counting_property(model: Model, known: Mapping[str, Property], wanted: str | None) -> str:
    """The property that counts threads at once: `wanted`, or the first; empty if there is none.

    Errors: `UsageError` where `wanted` counts no threads.
    """
    counts = [name for name, each in known.items() if kind_of(each).counts]
    if wanted is None:
        return next(iter(counts), "")
    check_known(f"property of {model.name}", [wanted], known)
    if wanted not in counts:
        raise UsageError(
            f"{wanted} counts no threads; what can be maximised: {', '.join(counts) or 'nothing'}"
        )
    return wanted


def check_known(kind: str, asked: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is none of the known ones. Errors: `UsageError`."""
    names = list(known)
    for name in asked:
        if name not in names:
            raise unknown(kind, name, names)
