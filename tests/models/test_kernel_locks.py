"""The kernel's locks refine their specifications; each planted error is found."""

import pkgutil
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

import locking.models.kernel_locks as kernel_locks
from locking import Expect, Model, Scenario, Verdict
from locking.check import check
from locking.models.kernel_locks import (
    hotplug_lock,
    mutex,
    percpu_rwsem,
    percpu_rwsem_5_7,
    qspinlock,
    rwsem,
    rwsem_5_3,
)
from locking.verdicts import Options

MODELS: list[Model] = [
    module.MODEL
    for found in pkgutil.iter_modules(kernel_locks.__path__)
    if hasattr(module := import_module(f"{kernel_locks.__name__}.{found.name}"), "MODEL")
]
NAMES = [model.name for model in MODELS]

QUICK = {"kernel_locks.hotplug_lock": ("right", "state-late")}
"""The variants that the default run judges."""

LARGE = ("kernel_locks.rwsem", "kernel_locks.rwsem_5_3", "kernel_locks.percpu_rwsem_5_7")
"""Models with hundreds of thousands of states."""


def judged(model: Model, variant: str, options: Options) -> None:
    """The model judges its variant as it declares. Errors: `AssertionError`."""
    for scenario in model.scenarios:
        case = model.case(scenario, None, {"variant": variant})
        report = check(case, options=options)
        assert [str(each) for each in report.results if each.wrong] == []


def size_of(model: Model, variant: str) -> list[pytest.MarkDecorator]:
    """The mark of a test: some take a second, some ten, and those of `LARGE` minutes in all."""
    if model.name in LARGE:
        return [pytest.mark.campaign]
    return [] if variant in QUICK.get(model.name, ()) else [pytest.mark.slow]


EVERY_VARIANT = [
    pytest.param(
        model,
        variant,
        id=f"{model.name}-{variant}",
        marks=size_of(model, variant),
    )
    for model in MODELS
    for variant in model.variants
]


@pytest.mark.parametrize(("model", "variant"), EVERY_VARIANT)
def test_every_variant_is_judged_as_it_declares(model: Model, variant: str) -> None:
    judged(model, variant, Options())


@pytest.mark.campaign
@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_the_algorithm_and_a_planted_error_are_judged_alike_by_the_compiled_engine(
    model: Model,
) -> None:
    for variant in model.variants[:2]:
        judged(model, variant, Options(engine="compiled"))


def told(model: Model, scenario: str, variant: str) -> dict[str, Verdict]:
    """The verdicts of a scenario, which the model may not list."""
    known = replace(model, scenarios=(Scenario(scenario, "asked for here"),), expected=())
    report = check(known.case(known.scenarios[0], None, {"variant": variant}))
    return {each.claim.name: each.verdict for each in report.results}


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("module", "scenario", "variant"),
    [
        *((rwsem, "readers", variant) for variant in rwsem.MODEL.variants),
        (rwsem, "downgrade", "v4.19"),
        (rwsem_5_3, "readers", "right"),
        (rwsem_5_3, "readers", "queues-blindly"),
    ],
)
def test_both_grains_of_an_rwsem_are_judged_alike(module: Any, scenario: str, variant: str) -> None:
    coarse = told(module.MODEL, scenario, variant)
    assert coarse == told(module.MODEL, f"{scenario}-fine", variant)


@pytest.mark.parametrize(
    ("module", "scenario"),
    [
        pytest.param(mutex, "four", marks=pytest.mark.slow),
        *(
            pytest.param(module, scenario, marks=pytest.mark.campaign)
            for module, scenario in (
                (mutex, "four-interrupted"),
                (mutex, "two-turns"),
                (rwsem, "readers-and-writers"),
                (rwsem_5_3, "writers"),
                (rwsem_5_3, "killed"),
                (rwsem_5_3, "readers-and-writers"),
            )
        ),
    ],
)
def test_more_users_of_a_lock_see_what_is_specified(module: Any, scenario: str) -> None:
    variant = module.MODEL.variants[0]
    assert set(told(module.MODEL, scenario, variant).values()) == {Verdict.HOLDS}


PLANTED = [
    pytest.param(
        model,
        variant,
        next(each for each in model.expected if variant in each.variants),
        id=f"{model.name}-{variant}",
        marks=[] if variant in QUICK.get(model.name, ()) else [pytest.mark.slow],
    )
    for model in MODELS
    for variant in model.variants[1:]
]
"""Every planted error, and every bug of a real version, with the first verdict that it changes."""


@pytest.mark.parametrize(("model", "variant", "expected"), PLANTED)
def test_every_planted_error_is_found(model: Model, variant: str, expected: Expect) -> None:
    names = expected.scenarios or tuple(each.name for each in model.scenarios)
    scenario = next(each for each in model.scenarios if each.name in names)
    report = check(model.case(scenario, None, {"variant": variant}))
    found = {each.claim.name: each.verdict for each in report.results}
    assert found[expected.property] is Verdict.FAILS


def test_there_are_planted_errors_of_many_kinds() -> None:
    assert len(PLANTED) >= 15


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_variant_but_the_first_is_wrong(model: Model) -> None:
    wrong = {variant for each in model.expected for variant in each.variants}
    assert wrong == set(model.variants[1:])


@pytest.mark.parametrize(
    ("module", "name", "verdict"),
    [
        pytest.param(qspinlock, "served", Verdict.HOLDS, marks=pytest.mark.slow),
        (hotplug_lock, "served", Verdict.FAILS),
        (mutex, "served", Verdict.FAILS),
        (mutex, "no-livelock", Verdict.HOLDS),
        pytest.param(percpu_rwsem, "served", Verdict.HOLDS, marks=pytest.mark.slow),
        pytest.param(percpu_rwsem_5_7, "served", Verdict.HOLDS, marks=pytest.mark.slow),
    ],
)
def test_who_waits_is_served_where_the_algorithm_promises_it(
    module: Any, name: str, verdict: Verdict
) -> None:
    """A queue serves everybody; readers that count pass a writer, and a newcomer who sleeps."""
    report = check(module.MODEL.case("for-ever", None))
    assert {each.claim.name: each.verdict for each in report.results}[name] is verdict
