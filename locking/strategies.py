"""Hypothesis strategies: scopes, mixes of roles, and placements, which shrink to the smallest.

    @given(role_mixes(MODEL, most=4), scopes(MODEL, pages=2))
    def test_no_mix_breaks_it(scenario, scope):
        report = check(MODEL.case(scenario, MINE, scope))
        assert not any(result.wrong for result in report.results)

What they draw is random: finding nothing proves nothing. Errors: `ImportError` without Hypothesis.
"""

from collections.abc import Sequence

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(
        "locking.strategies needs Hypothesis: pip install 'locking[hypothesis]'"
    ) from error

from locking.errors import UsageError, unknown
from locking.model import Model, Scenario, mix
from locking.objects.operation import Object
from locking.objects.region import region_in_mode, region_modes
from locking.placements.placement import Placement
from locking.placements.space import Space, variants
from locking.placements.trees import Step, Trees
from locking.scope import Parameter


def scopes(model: Model, **most: int) -> st.SearchStrategy[dict[str, str]]:
    """Scopes of a model, as `Model.case` takes them: a value for every parameter.

    They shrink to the least number and the first word. `most` gives parameters a bound below
    their own: `pages=2`. Errors: `UsageError` for an impossible one.
    """
    numbers = {each.name: each for each in model.parameters if not each.words}
    for name, bound in most.items():
        if name not in numbers:
            raise unknown(f"whole number among the parameters of {model.name}", name, numbers)
        numbers[name].read(str(bound))
    return st.fixed_dictionaries(
        {
            each.name: parameter_strategy(each, most.get(each.name, each.most))
            for each in model.parameters
        }
    )


def parameter_strategy(parameter: Parameter, most: int) -> st.SearchStrategy[str]:
    """Values of one parameter, as the command line writes them."""
    if parameter.words:
        return st.sampled_from(parameter.words)
    return st.integers(parameter.least, most).map(str)


def role_mixes(model: Model, most: int = 4) -> st.SearchStrategy[Scenario]:
    """Mixes of one to `most` roles of the model's cast, in the order of the cast.

    They shrink to the fewest roles, and to those that come first in the cast. Errors: `UsageError`
    where the model has no cast, or `most` is below one.
    """
    if not model.cast or most < 1:
        what = f"of {most} roles" if model.cast else f"where {model.name} has no cast"
        raise UsageError(f"there are no mixes {what}")
    drawn = st.lists(st.sampled_from(list(model.cast)), min_size=1, max_size=most)
    return drawn.map(lambda roles: mix(fitting(model, roles))).filter(
        lambda scenario: any(map(model.acts, scenario.roles))
    )


def fitting(model: Model, roles: Sequence[str]) -> list[str]:
    """Those of `roles` that the cast has, in its order, and no more of each than there may be."""
    return [
        role for role, number in model.cast.items() for _ in range(min(number, roles.count(role)))
    ]


def placements(
    model: Model, space: Space | None = None, most: int = 3
) -> st.SearchStrategy[Placement]:
    """Placements of a space (none given: the model's) with at most `most` regions, called `drawn`.

    They shrink to few regions, and to the steps themselves rather than their variants. The roles
    that the space does not arrange are as in its base. Errors: `UsageError` where there is none.
    """
    space = space or model.space
    if space is None:
        raise UsageError(f"{model.name} has no space of placements; give one")
    role, others = space.role, space.base.roles
    slots = variants(space.steps, model.steps.get(role, ()))

    def drawn(trees: Trees) -> Placement:
        roles: dict[str, Trees] = {**others, role: trees}
        return Placement("drawn", about="", **roles)

    return st.composite(arranged)(slots, space.locks, most).map(drawn)


def arranged(
    draw: st.DrawFn, slots: Sequence[tuple[Step, ...]], locks: Sequence[Object], most: int
) -> Trees:
    """Steps, one of each slot, and regions of `locks` around them."""
    steps = tuple(draw(st.sampled_from(slot)) for slot in slots)
    return around(draw, steps, locks, most)[0]


def around(draw: st.DrawFn, steps: Trees, locks: Sequence[Object], most: int) -> tuple[Trees, int]:
    """The steps, some of them in regions of `locks`, and how many regions are left of `most`."""
    if not steps:
        return (), most
    held_so = [(lock, mode) for lock in locks for mode in region_modes(lock)] if most else []
    chosen = draw(st.sampled_from([None, *held_so]))
    if chosen is None:
        rest, most = around(draw, steps[1:], locks, most)
        return (steps[0], *rest), most
    others = [lock for lock in locks if lock is not chosen[0]]
    body, after, most = region_contents(draw, steps, others, most - 1)
    region = region_in_mode(*chosen, body)
    if region.lower and after and draw(st.booleans()):
        lowered, after, most = region_contents(draw, after, others, most)
        region = region.downgrade(*lowered)
    rest, most = around(draw, after, locks, most)
    return (region, *rest), most


def region_contents(
    draw: st.DrawFn, steps: Trees, locks: Sequence[Object], most: int
) -> tuple[Trees, Trees, int]:
    """What a region holds of `steps`, arranged, the steps after it, and the regions left."""
    end = draw(st.integers(1, len(steps)))
    body, left = around(draw, steps[:end], locks, most)
    return body, steps[end:], left
