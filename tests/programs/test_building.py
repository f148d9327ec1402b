"""What `build` ignores or drops is refused only where no run can tell of it."""

from collections.abc import Callable
from typing import Any

import pytest

from locking import Mutex, System, Thread, deadlock_free
from locking.errors import ModelError
from locking.model import Case, Model, Scenario
from locking.placements.placement import Placement
from locking.programs.building import ignores_placement

lock = Mutex("lock")


async def work() -> None:
    async with lock.hold():
        pass


def system(*_: Any) -> System:
    return System([lock], [Thread("a", work)], [deadlock_free()])


def looks_at_scope(case: Any) -> Any:
    return system(case.scope["n"], case.scenario.name, case.variant)


def looks_at_nothing(_: Any) -> Any:
    return system()


def looks_at_it(case: Any) -> Any:
    return system(case.placement.roles)


def looks_in_some_scenarios(case: Any) -> Any:
    return system(case.placement) if case.scenario.name == "one" else system()


def hands_it_on(case: Any) -> Any:
    return system(case)


def captures_it(case: Any) -> Any:
    return system(lambda: case.placement)


def keeps_it(case: Any) -> Any:
    other = case
    return system(other.placement)


def looks_by_name(case: Any) -> Any:
    return system(getattr(case, "placement"))  # noqa: B009


def looks_by_locals(case: Any) -> Any:
    return system(locals())


def puts_another(case: Any) -> Any:
    case = case.model
    return system(case)


def any_arguments(*given: Any) -> Any:
    return system(*given)


class Builder:
    """An object that builds, of which nothing is known."""

    def __call__(self, case: Any) -> Any:
        return system()


@pytest.mark.parametrize("build", [looks_at_scope, looks_at_nothing])
def test_a_build_that_looks_at_other_things_ignores_the_placement(
    build: Callable[..., Any],
) -> None:
    assert ignores_placement(build)


def made_for(system_: System) -> Callable[..., Any]:
    """A build that captured what it gives."""
    return lambda _: system_


MAY_LOOK = [
    *(looks_at_it, looks_in_some_scenarios, hands_it_on, captures_it, keeps_it, looks_by_name),
    *(looks_by_locals, puts_another, any_arguments, Builder(), made_for(system())),
]


@pytest.mark.parametrize("build", MAY_LOOK)
def test_a_build_that_may_look_at_it_is_not_refused(build: Callable[..., Any]) -> None:
    assert not ignores_placement(build)


def test_a_model_without_placements_may_ignore_its_case() -> None:
    assert Model("m", "", looks_at_nothing).case("only", None).build()


def test_an_operation_that_is_kept_is_not_forgotten() -> None:
    kept = []

    def keeps(_: Case) -> System:
        kept.append(lock.mutex_lock())
        return system()

    def drops(_: Case) -> System:
        lock.mutex_lock()
        return system()

    def asks_for_its_name(_: Case) -> System:
        kept.append(str(lock.mutex_lock()))
        return system()

    assert Model("m", "", keeps).case("only", None).build()
    assert Model("m", "", asks_for_its_name).case("only", None).build()
    with pytest.raises(ModelError, match=r"build\(\) makes mutex_lock\(lock\), and drops it"):
        Model("m", "", drops).case("only", None).build()


def placed(*placements: Placement) -> Case:
    """The case of the first of some placements, of a model that looks at nothing."""
    model = Model("m", "", looks_at_nothing, placements=placements)
    return Case(model, Scenario("only", ""), placements[0], {})


def test_a_placement_that_no_thread_takes_is_refused() -> None:
    one, other = Placement("p", a=[]), Placement("q", a=[])
    with pytest.raises(ModelError, match=r"never looks at case\.placement"):
        placed(one, other).build()
    assert placed(one).build()  # it may be built for this one
